#!/usr/bin/env python3
"""The law changes: a newer regime file is adopted on a node at work; old cases keep theirs, new ones have the new."""
import datetime
import json
import os
import pathlib
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, __file__.rsplit('/', 1)[0])
import story_serve as serve  # noqa: E402
from node import ROOT  # noqa: E402
from story_serve import PATIENCE_S, Person  # noqa: E402

OLD, NEW = 'PK-CERT-RULES-2023/0.2-draft', 'PK-CERT-RULES-2023/0.3'
SIX, FOUR = '{anchor: aware, add: {hours: 6}}', '{anchor: aware, add: {hours: 4}}'
SCORES = (('{id: low, min: 35,', '{id: low, min: 1,'), ('{id: medium, min: 50,', '{id: medium, min: 2,'),
          ('{id: high, min: 65,', '{id: high, min: 3,'))


def ago(hours):
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=hours)
    return at.strftime('%Y-%m-%dT%H:%M:%SZ')


def moment(text):
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))


class Law(unittest.TestCase):
    setUp, naubat, make = serve.Serve.setUp, serve.Serve.naubat, serve.Serve.make
    rebuild, store_for_postgres = serve.Serve.rebuild, serve.Serve.store_for_postgres

    def file(self, name, *changes):
        text = (ROOT / 'regimes' / 'pakistan-2023.yaml').read_text()
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new, 1)
        path = self.base / name
        path.write_text(text)
        return path

    def regime(self, *words, status=0):
        return self.naubat('regime', *words, '--node', self.node.folder, status=status)

    def people(self, password, uri):
        self.admin, self.handler = Person(self.node), Person(self.node)
        self.admin.sign_in('root-desk', password, uri)
        made = self.admin.must('POST', '/api/accounts', {'login': 'hana', 'name': 'Hana Desk', 'team': 'ncert',
                                                         'roles': ['handler', 'directory_keeper']})
        self.admin.must('POST', '/api/accounts', {'login': 'tariq', 'name': 'Tariq Telecom', 'team': 'telecom',
                                                  'roles': ['handler']})
        self.handler.sign_in('hana', made['password'], made['code_uri'])
        self.bank = self.handler.must('POST', '/api/organisations', {
            'name': 'Demo Bank', 'class': 'private', 'sector': 'banking', 'cii': 'A'})['id']

    def open(self, title):
        case = self.handler.must('POST', '/api/incidents', {'title': title, 'reports': []})['id']
        self.handler.must('POST', f'/api/incidents/{case}/parties', {'party': self.bank, 'roles': ['affected']})
        return case

    def page(self, case):
        return self.handler.must('GET', f'/api/incidents/{case}')

    def aware(self, case, hours):
        party = next(p['id'] for p in self.page(case)['parties'] if 'affected' in p['roles'])
        at = ago(hours)
        self.handler.must('POST', f'/api/incidents/{case}/parties/{party}/facts',
                          {'fact': 'aware', 'at': at, 'said_by': 'party'})
        clock = next(c for c in self.page(case)['clocks'] if c['title'].startswith('Flash'))
        return (moment(clock['due_at']) - moment(at)).total_seconds() / 3600

    def version(self, case):
        law = self.page(case)['regime']
        return f"{law['id']}/{law['version']}"

    def preview(self, case):
        return self.handler.must('POST', f'/api/incidents/{case}/severity/preview',
                                 {'factors': {'functional_impact': 'no_services'}})['band']

    def refused(self):
        """What would break a promise is not adopted, and the reason says what to do."""
        same = self.file('same.yaml', (SIX, FOUR))
        self.assertIn('give the changed file a version of its own', self.regime('adopt', same, status=1))
        gone = self.file('gone.yaml', ('version: 0.2-draft', 'version: gone'),
                         ('  - id: telecom\n', '  - id: telekom\n'))
        self.assertIn("no team 'telecom'", self.regime('adopt', gone, status=1))
        broken = self.file('broken.yaml', ('number_prefix', 'number_prefixx'))
        said = self.regime('adopt', broken, status=1)
        self.assertIn('number_prefixx', said)
        self.assertIn('nothing was adopted', said)
        self.assertEqual(self.handler.ask('GET', '/api/regimes')[0], 403, 'a handler does not change the law')

    def adopt(self):
        newer = self.file('newer.yaml', ('version: 0.2-draft', 'version: "0.3"'), (SIX, FOUR), *SCORES)
        said = self.regime('adopt', newer, '--dry-run')
        self.assertIn('flash: now 4 hours after aware, was 6 hours after aware', said)
        self.assertIn('nothing was', said)
        self.assertEqual(len(json.loads(self.regime('list', '--json'))['items']), 1)
        answer = json.loads(self.regime('adopt', newer, '--json'))
        self.assertEqual({(c['how'], c['part'], c['id']) for c in answer['changes']},
                         {('changed', 'regime', 'version'), ('changed', 'severity', 'bands'),
                          ('changed', 'duties', 'PK-INC-CII')})
        self.assertIn('the newest adopted already', self.regime('adopt', newer, status=1))

    def listed(self):
        return [(v['version'], v['in_use'], v['open_cases']) for v in
                json.loads(self.regime('list', '--json'))['items']]

    def restart(self):
        self.assertEqual(self.node.end(signal.SIGTERM), 0, self.node.errors())
        self.node.start()

    def story(self, *more):
        self.people(*self.make(*more))
        old = self.open('Under the old law')
        self.assertEqual(self.aware(old, 2), 6)
        before = self.preview(old)
        self.refused()
        self.adopt()
        meanwhile = self.open('While it waits for the next start')
        self.assertEqual((self.version(meanwhile), self.aware(meanwhile, 1)), (OLD, 6))
        self.restart()
        new = self.open('Under the new law')
        self.assertEqual((self.version(new), self.aware(new, 1)), (NEW, 4))
        self.assertEqual((self.version(old), self.aware(old, 3)), (OLD, 6), 'a corrected fact: by its own law')
        self.assertEqual(self.preview(old), before)
        self.assertNotEqual(self.preview(new), before)
        self.assertEqual(self.listed(), [('0.2-draft', False, 2), ('0.3', True, 1)])
        self.assertIn('0.2-draft', self.regime('list'))
        law = self.handler.must('GET', f'/api/regime?version={OLD}')
        self.assertEqual((law['version'], self.handler.must('GET', '/api/regime')['version']), ('0.2-draft', '0.3'))
        self.assertEqual(self.handler.ask('GET', '/api/regime?version=X/1')[0], 404)
        self.go_back()
        self.assertEqual(self.node.end(signal.SIGTERM), 0, self.node.errors())

    def go_back(self):
        self.regime('adopt', self.file('back.yaml'))
        self.restart()
        last = self.open('Under the old law again')
        self.assertEqual((self.version(last), self.aware(last, 1)), (OLD, 6))
        self.assertEqual(self.listed(), [('0.3', False, 1), ('0.2-draft', True, 3)])

    def test_sqlite(self):
        self.story()
        store = self.node.folder / 'naubat.db'
        self.naubat('journal', 'verify', '--db', store)
        self.rebuild(store)
        self.unreadable(store)

    def unreadable(self, store):
        """As if this program no longer knew what the old file says."""
        import sqlite3
        with sqlite3.connect(store) as db:
            db.execute("UPDATE journal_blob SET bytes = CAST('regime: {}' AS BLOB) WHERE hash = "
                       "(SELECT hash FROM regime_adopted ORDER BY seq LIMIT 1)")
        db.close()
        done = subprocess.run([serve.NAUBAT, 'serve', self.node.folder], capture_output=True, timeout=PATIENCE_S)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b'cannot read the regime PK-CERT-RULES-2023 0.2-draft', done.stderr)
        self.assertIn(b'start the program that ran here before', done.stderr)

    def test_postgresql(self):
        url = self.store_for_postgres()
        self.story('--db', url)
        self.naubat('journal', 'verify', '--db', url)
        self.rebuild(url)


if __name__ == '__main__':
    unittest.main()
