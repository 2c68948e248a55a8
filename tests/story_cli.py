#!/usr/bin/env python3
"""Scripts of each role, with a token each: what the console does for a handler, a keeper of the directory, an
administrator, an auditor and an observer, the command line does too; and a token never does more than its role."""
import csv
import io
import json
import os
import subprocess
import sys
import unittest
import uuid

sys.path.insert(0, __file__.rsplit('/', 1)[0])
from node import NAUBAT, DemonstrationStory, Person, wait_until  # noqa: E402

SCOPES = {'amina': ['case.read', 'case.write', 'report.write', 'directory.read'], 'keeper': ['directory.write'],
          'admin': ['account.write', 'regime.write'], 'auditor': ['audit'], 'council': ['oversight'],
          'tania': ['case.read']}


class Script(DemonstrationStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {login: Person(cls.node.port, login) for login in SCOPES}
        cls.tokens = {login: cls.token(login, scopes) for login, scopes in SCOPES.items()}

    @classmethod
    def token(cls, login, scopes, status=201):
        got, answer = cls.people[login].post('/api/tokens', {'name': 'script', 'scopes': scopes})
        assert got == status, (login, scopes, answer)
        return answer.get('token')

    def run_as(self, login, *words, text='', status=0, token=None):
        done = subprocess.run([NAUBAT, *words, '--node', f'http://127.0.0.1:{self.node.port}'], input=text,
                              capture_output=True, text=True, timeout=60,
                              env={**os.environ, 'NAUBAT_TOKEN': token or self.tokens[login]})
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stderr if status else done.stdout

    def ask(self, login, *words, **more):
        said = self.run_as(login, *words, '--json', **more)
        return said if more.get('status') else json.loads(said) if said.strip() else None

    def case(self, *parties):
        report = self.ask('amina', 'report', 'add', text='phishing at 203.0.113.51')['number']
        number = self.ask('amina', 'case', 'open', '--reports', report, '--title', 'Of a script')['number']
        for p in parties:
            self.ask('amina', 'case', 'party', number, '--name', p, '--address', f'{p.lower()}@else.example',
                     '--role', 'source')
        return number

    def test_requests_are_answered_by_telephone_or_withdrawn(self):
        number = self.case('Exile')
        for subject in ('Take it down', 'Keep the logs'):
            self.ask('amina', 'case', 'message', number, '--to', 'Demo Bank', '--subject', subject, '--tlp', 'AMBER',
                     '--hours', '4', text='Please.')
        self.ask('amina', 'case', 'message', number, '--to', 'Exile', '--subject', 'Who are you', '--tlp', 'AMBER',
                 '--hours', '4', text='Please.')
        asked = self.ask('amina', 'request', 'list', number)
        self.assertEqual([(r['subject'], r['state']) for r in asked],
                         [('Take it down', 'open'), ('Keep the logs', 'open'), ('Who are you', 'open')])
        settle = ('--reason', 'they rang back')
        self.assertIn('several', self.ask('amina', 'request', 'answered', number, '--request', 'Demo Bank', *settle,
                                          status=1))
        self.assertIn('--request is needed', self.ask('amina', 'request', 'answered', number, *settle, status=1))
        self.ask('amina', 'request', 'answered', number, '--request', 'take it down', *settle)
        self.ask('amina', 'request', 'answered', number, '--request', 'Demo Bank', *settle)     # one is left of it
        self.ask('amina', 'request', 'withdraw', number, '--request', 'Exile', '--reason', 'found out')
        self.assertEqual([r['state'] for r in self.ask('amina', 'request', 'list', number)],
                         ['answered', 'answered', 'withdrawn'])
        self.assertIn('request list', self.ask('amina', 'request', 'withdraw', number, '--request', 'Exile',
                                               '--reason', 'again', status=1))
        self.assertIn('Keep the logs', self.run_as('amina', 'request', 'list', number))

    def test_a_preview_says_what_the_gate_will(self):
        number = self.case('Exile')
        before = len(self.ask('amina', 'case', 'show', number)['deliveries'])
        seen = self.ask('amina', 'case', 'preview', number, '--to', 'Demo Bank,Exile', '--tlp', 'RED', '--subject', 'S')
        self.assertEqual({r['name']: r['how'] for r in seen['recipients']}, {'Demo Bank': 'notice', 'Exile': 'notice'})
        telecom = self.ask('amina', 'case', 'preview', number, '--to', 'telecom', '--tlp', 'AMBER')
        self.assertEqual((telecom['sendable'], telecom['recipients'][0]['allowed']), (False, False))
        self.assertIn('no part in this case', telecom['recipients'][0]['reason'])
        self.assertEqual(len(self.ask('amina', 'case', 'show', number)['deliveries']), before, 'nothing was sent')

    def test_a_team_is_let_in_and_shut_out(self):
        number = self.case()
        self.assertIn('no incident', self.ask('tania', 'case', 'show', number, status=1))
        self.ask('amina', 'case', 'let-in', number, '--team', 'Telecom CERT')
        self.assertEqual(self.ask('tania', 'case', 'show', number)['title'], 'Of a script')
        self.ask('amina', 'case', 'shut-out', number, '--team', 'telecom')
        self.assertIn('no incident', self.ask('tania', 'case', 'show', number, status=1))
        self.assertIn("no 'Nobody CERT'", self.ask('amina', 'case', 'let-in', number, '--team', 'Nobody CERT',
                                                   status=1))

    def test_the_directory_is_kept(self):
        k = 'keeper'
        self.ask(k, 'directory', 'add', 'Script Bank', '--class', 'private', '--sector', 'banking')
        self.ask(k, 'directory', 'change', 'script bank', '--class', 'regulated_entity', '--name', 'Scripted Bank')
        page = self.ask(k, 'directory', 'show', 'Scripted Bank')
        self.assertEqual((page['name'], page['class'], page['sector']),
                         ('Scripted Bank', 'regulated_entity', 'banking'))
        self.ask(k, 'directory', 'contact', 'Scripted Bank', '--name', 'Duty', '--role', 'duty', '--address',
                 'duty@scripted.example', '--phone', '+00 1')
        self.ask(k, 'directory', 'contact', 'Scripted Bank', '--change', 'duty', '--phone', '+00 2')
        self.ask(k, 'directory', 'network', 'Scripted Bank', '--value', '192.0.2.254/32')
        self.ask(k, 'directory', 'domain', 'Scripted Bank', '--value', 'scripted.example')
        self.assertEqual(self.ask('amina', 'owner', '192.0.2.254')['organisation']['name'], 'Scripted Bank')
        page = self.ask(k, 'directory', 'show', page['id'])
        contact = page['contacts'][0]
        self.assertEqual((len(page['contacts']), contact['name'], contact['role'], contact['address'],
                          contact['phone']), (1, 'Duty', 'duty', 'duty@scripted.example', '+00 2'))
        table = self.run_as(k, 'directory', 'export', '--kind', 'networks')
        self.assertIn('192.0.2.254/32', [r['network'] for r in csv.DictReader(io.StringIO(table))], table[:200])
        fates = self.ask(k, 'directory', 'import', '--kind', 'networks', '--dry-run', 'yes', text=table)
        self.assertEqual((fates['add'], fates['change'], fates['refuse']), (0, 0, 0), 'what went out comes in as it is')
        for item in ('Duty', '192.0.2.254/32', 'scripted.example'):
            self.ask(k, 'directory', 'remove', 'Scripted Bank', '--item', item)
        page = self.ask(k, 'directory', 'show', 'Scripted Bank')
        self.assertEqual((page['contacts'], page['networks'], page['domains']), ([], [], []))
        self.assertIn("no 'Duty'", self.ask(k, 'directory', 'remove', 'Scripted Bank', '--item', 'Duty', status=1))
        self.ask(k, 'directory', 'remove', 'Scripted Bank', '--item', 'all')
        self.assertIn("no 'Scripted Bank'", self.ask(k, 'directory', 'show', 'Scripted Bank', status=1))
        self.assertIn('keeper of the directory', self.ask('amina', 'directory', 'add', 'X', '--class', 'private',
                                                        status=1))

    def test_accounts_are_kept(self):
        a = 'admin'
        made = self.ask(a, 'account', 'add', 'noor', '--name', 'Noor Jan', '--team', 'Power CERT', '--roles', 'handler')
        self.assertTrue(made['password'])
        self.ask(a, 'account', 'set', 'noor', '--roles', 'handler,shift_lead', '--mail', 'noor@power.example')

        def noor():
            return next(x for x in self.ask(a, 'account', 'list')['items'] if x['login'] == 'noor')
        self.assertEqual((noor()['name'], noor()['team']['name'], noor()['roles'], noor()['mail']),
                         ('Noor Jan', 'Power CERT', ['handler', 'shift_lead'], 'noor@power.example'))
        self.ask(a, 'account', 'set', 'noor', '--team', 'Banking CERT')
        self.assertEqual((noor()['team']['name'], noor()['mail']), ('Banking CERT', 'noor@power.example'))
        self.ask(a, 'account', 'disable', 'noor')
        self.assertEqual(noor()['state'], 'disabled')
        self.ask(a, 'account', 'enable', 'noor')
        self.assertEqual(noor()['state'], 'active')
        self.ask(a, 'account', 'set', 'sana', '--name', 'Sana M. Malik')
        sana = next(x for x in self.ask(a, 'account', 'list')['items'] if x['login'] == 'sana')
        self.assertEqual((sana['name'], sana['organisation']['name']), ('Sana M. Malik', 'Demo Bank'))
        self.assertIn('your own', self.ask(a, 'account', 'set', a, '--roles', 'handler', status=1))
        self.assertIn(('auditor', 'in'), [(s['login'], s['outcome'])
                                          for s in self.ask(a, 'account', 'sign-ins')['items']])
        session = next(s for s in self.ask(a, 'session', 'list')['items'] if s['person']['name'] == 'Tania Shah')
        self.ask(a, 'session', 'end', session['id'])
        self.assertEqual(self.people['tania'].get('/api/home')[0], 401)

    def test_scopes_narrow_what_a_role_may(self):
        read = self.token('admin', ['account.read'])
        self.assertTrue(self.ask('admin', 'account', 'list', token=read)['items'])
        self.assertTrue(self.ask('admin', 'session', 'list', token=read)['items'])
        self.assertIn('not made for that', self.ask('admin', 'account', 'disable', 'tania', token=read, status=1))
        session = self.ask('admin', 'session', 'list', token=read)['items'][0]['id']
        self.assertIn('account.write', self.ask('admin', 'session', 'end', session, token=read, status=1))
        for login, line in (('auditor', 'account list'), ('auditor', 'case list'), ('council', 'case list'),
                            ('council', 'account sign-ins'), ('admin', 'case list'), ('admin', 'oversight'),
                            ('amina', 'account list'), ('keeper', 'session end ' + session)):
            words = line.split()
            said = self.ask(login, *words, status=1)
            self.assertIn('(403)', said, (login, words))
        for login, scope in (('amina', 'audit'), ('auditor', 'account.read'), ('admin', 'oversight'),
                             ('council', 'audit'), ('keeper', 'account.read'), ('auditor', 'case.read')):
            self.token(login, [scope], status=403)

    def test_an_auditor_and_an_observer_read_theirs(self):
        nobody = Person(self.node.port)

        def audit(method, path):
            status, text, _ = nobody.request(method, path, '{}' if method == 'POST' else None, {
                'Authorization': 'Bearer ' + self.tokens['auditor'], 'Content-Type': 'application/json',
                'Idempotency-Key': str(uuid.uuid4())})
            self.assertIn(status, (200, 201), text)
            return json.loads(text)
        entry = audit('GET', '/api/journal/entries')['items'][0]
        self.assertTrue(audit('POST', '/api/journal/verify')['ok'])
        self.assertIn('\n', audit('POST', '/api/journal/checkpoint')['note'])
        self.assertTrue(audit('GET', f"/api/journal/entries/{entry['id']}/proof")['holds'])
        self.assertEqual(self.ask('auditor', 'purge', 'list')['items'], [])
        number = self.case()
        self.ask('amina', 'case', 'comment', number, text='A word too much.')
        asked = self.ask('amina', 'case', 'purge', number, '--reason', 'the court')['id']
        waits = self.ask('auditor', 'purge', 'list', '--state', 'asked')['items']
        self.assertEqual([p['id'] for p in waits], [asked])
        self.assertIn('sign in', self.ask('auditor', 'purge', 'confirm', waits[0]['id'], status=1))
        numbers = self.ask('council', 'oversight')
        self.assertEqual(set(numbers['tables']), {'sector', 'class', 'band', 'month', 'duties'})
        said = self.run_as('council', 'oversight')
        for title in ('Banking', 'Fraud', 'Emergency', 'Target passed', 'together'):
            self.assertIn(title, said)
        self.assertRegex(said, r'Water +-\n', 'what is small does not show')


if __name__ == '__main__':
    unittest.main()
