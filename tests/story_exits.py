#!/usr/bin/env python3
"""Nothing leaves by any exit: random cases of one team, looked for by everybody else, everywhere.

Random reports and incidents with random markings are made by one team; each word in them is of a kind that occurs
nowhere else (a canary).  Then everybody who has no part in them asks every route, with the ids and numbers of those
records wherever one fits in, and reads bodies, headers, errors, tables, the event stream, metrics and the log: no
canary, id or number may be there, and what they saw before must be the same bytes after.  The same sweep by the team
itself must find them, so that it is known to look.  docs/testing.md lists the exits.
"""
import json
import os
import random
import re
import socket
import sys
import threading
import time
import unittest
import urllib.parse

sys.path.insert(0, __file__.rsplit('/', 1)[0])
from node import DOCUMENTS, Demonstration, Person  # noqa: E402

SEED = int(os.environ.get('NAUBAT_EXITS_SEED', random.SystemRandom().randrange(1 << 30)))
CASES = int(os.environ.get('NAUBAT_EXITS_CASES', '6'))
OTHERS = ('tania', 'power-desk', 'keeper', 'auditor', 'admin', 'council')
# The catcher is the world outside: whoever mail was for.  The stream has a test of its own.
LEFT_OUT = re.compile(r'/api/(demo/|stream|openapi)')
TIMES = re.compile(r'"(now|ms|last_seen|last_used)":("[^"]*"|\d+)|"(days|hours|minutes)[^,}]*')


class Exits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.demonstration = Demonstration()
        cls.node = cls.demonstration.__enter__()
        cls.team = Person(cls.node.port, 'rashid')
        cls.others = {login: Person(cls.node.port, login) for login in OTHERS}
        cls.nobody = Person(cls.node.port)
        cls.document = DOCUMENTS[cls.node.port].document
        cls.chance, cls.words, cls.ids = random.Random(SEED), [], []

    @classmethod
    def tearDownClass(cls):
        cls.demonstration.__exit__()
        found = [w for w in cls.words + cls.numbers() if w in cls.demonstration.errors]
        if found or cls.demonstration.status:
            raise AssertionError(f'seed {SEED}: in the log: {found}; status {cls.demonstration.status}')

    @classmethod
    def numbers(cls):
        return [n for n in cls.ids if n.startswith('DEMO-')]

    def word(self):
        self.words.append('kx' + ''.join(self.chance.choice('bcdfghjklm') for _ in range(12)))
        return self.words[-1]

    def must(self, path, body):
        status, answer = self.team.post(path, body)
        self.assertIn(status, (200, 201, 204), (path, answer))
        return answer

    def make_case(self):
        reports = []
        for _ in range(self.chance.randint(1, 3)):
            made = self.must('/api/reports', {
                'text': f'{self.word()} at 198.51.100.{self.chance.randint(1, 250)} and {self.word()}.example',
                'title': self.word(), 'reporter_name': self.word(), 'reporter_contact': f'{self.word()}@reader.example',
                'anonymous': self.chance.random() < .3,
                'tlp': self.chance.choice(('', 'RED', 'AMBER', 'GREEN', 'CLEAR'))})
            self.words.append(made['claim_code'])
            self.ids += [made['id'], made['number']]
            reports.append(made['id'])
        opened = self.must('/api/incidents', {'reports': reports, 'title': self.word()})
        path = '/api/incidents/' + opened['id']
        self.ids += [opened['id'], opened['number']]
        self.must(path + '/comments', {'text': self.word()})
        self.must(path + '/parties', {'party': '', 'name': self.word(), 'address': f'{self.word()}@out.example',
                                      'roles': ['affected']})
        page = self.team.get(path)[1]
        party = next(p['id'] for p in page['parties'] if p['kind'] == 'typed')
        self.must(path + '/messages', {'recipients': [party], 'subject': self.word(), 'text': self.word(),
                                       'tlp': page['marking']['tlp'], 'request_hours': self.chance.choice((0, 24))})
        page = self.team.get(path)[1]
        self.ids += [party, *(c['id'] for c in page['clocks']), *(r['id'] for r in page['requests']),
                     *(d['id'] for d in page['deliveries'])]

    def targets(self):
        """Every GET there is, with the ids in every place and the words in every search."""
        ids = self.ids[:] + ['DEMO-2026-0000000']
        for path, item in self.document['paths'].items():
            if 'get' not in item or LEFT_OUT.match(path):
                continue
            if '{' in path:
                some = self.chance.sample(ids, min(12, len(ids)))
                yield from (re.sub(r'\{\w+\}', i, path) for i in some)
                continue
            yield path
            mark = str((self.team.get(path + '?limit=1')[1] or {}).get('next') or '')[:5]   # which list it is of
            for parameter in item['get'].get('parameters', []):
                name = parameter['name']
                values = {'q': self.chance.sample(self.words, 8) + self.numbers()[:6], 'incident': ids[:6],
                          'owner': ids[:2], 'cursor': ids[:2], 'state': ['all'],
                          'kind': ['organisations', 'contacts', 'networks', 'domains']}
                for value in values.get(name, []):
                    value = mark + value if name == 'cursor' else value
                    yield f'{path}?{name}={urllib.parse.quote(value)}'
        yield from ('/metrics', '/healthz', '/report', '/report/status', '/', '/nowhere/' + ids[0])

    def leaks(self, person, target):
        """What of ours is in the answer, but for what the question itself said."""
        status, text, reply = person.request('GET', target)
        whole = text + str(reply.getheaders())
        said = urllib.parse.unquote(target)
        return [(target, status, w) for w in self.words + self.ids if w in whole and w not in said]

    def seen(self, person):
        """All that is there without asking for anything in particular, but for the time of day."""
        paths = [p for p, item in self.document['paths'].items()
                 if 'get' in item and '{' not in p and not LEFT_OUT.match(p) and p not in ('/api/owner', '/api/journal')
                 and not p.startswith(('/api/journal', '/api/sessions', '/api/sign-ins'))]
        return {p: TIMES.sub('', person.request('GET', p)[1]) for p in paths}

    def events(self, person, act):
        """The events that this person's stream brings while `act` is done."""
        got = []
        with socket.create_connection(('127.0.0.1', self.node.port), timeout=5) as s:
            s.sendall(f'GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1:{self.node.port}\r\nCookie: {person.cookie}\r\n\r\n'
                      .encode())
            s.settimeout(.3)
            end, thread = time.monotonic() + 3, None
            while time.monotonic() < end:
                try:
                    got.append(s.recv(65536))
                except TimeoutError:
                    if thread is None:          # it has said what it says at the beginning
                        got, thread = [], threading.Thread(target=act)
                        thread.start()
            thread.join()
        return b''.join(got).decode()

    def test_exits(self):
        people = {**self.others, 'nobody': self.nobody}
        before = {login: self.seen(p) for login, p in self.others.items()}
        for _ in range(CASES):
            self.make_case()
        asked, leaks = 0, []
        for login, person in people.items():
            for target in self.targets():
                asked += 1
                leaks += [(login, *leak) for leak in self.leaks(person, target)]
        self.assertEqual(leaks, [], f'seed {SEED}')
        for login, person in self.others.items():
            after = self.seen(person)
            for path, text in before[login].items():
                self.assertEqual(after[path], text, f'seed {SEED}: {login} can tell at {path} that something happened')
        own = {w for target in self.targets() for _, _, w in self.leaks(self.team, target)}
        self.assertGreater(len(own), len(self.ids) // 2, 'the sweep finds nothing even where it is')
        print(f'exits: {asked:,} questions by {len(people)} people, {len(self.words)} canaries, {len(self.ids)} ids '
              f'and numbers: none seen; {len(own)} by the team itself (seed {SEED})', flush=True)

    def test_stream(self):
        for login in ('tania', 'auditor'):
            said = self.events(self.others[login], self.make_case)
            self.assertNotIn('event: board', said, f'{login} is told when another team works')
        self.assertIn('event: board', self.events(self.team, self.make_case))

    def test_claim_page(self):
        """With one report's code nothing of another report is seen."""
        self.make_case()
        mine = self.must('/api/reports', {'text': 'mine', 'title': 'Mine'})
        status, page = self.nobody.form('/report/status', {'code': mine['claim_code']})
        self.assertEqual(status, 200)
        self.assertIn(mine['number'], page)
        self.assertEqual([w for w in self.words + self.ids if w in page], [])


if __name__ == '__main__':
    unittest.main()
