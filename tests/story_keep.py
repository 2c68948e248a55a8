#!/usr/bin/env python3
"""What is kept, who may have it, and what proves it: originals, holds, purges, secrets, backups; on both stores."""
import datetime
import email.utils
import hashlib
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import threading
import unittest
import urllib.parse
import uuid

sys.path.insert(0, __file__.rsplit('/', 1)[0])
import story_serve as serve  # noqa: E402
from story_serve import PATIENCE_S, Person, mail  # noqa: E402

PICTURE = b'\x89PNG\r\n\x1a\n' + bytes(range(256)) * 5
HTML = b'<script>alert(1)</script>'
SHARED = b'sent by two people\n' * 40


def mail_with_file(sender, subject, name, data):
    boundary = 'zz' + uuid.uuid4().hex
    head = (f'From: {sender}\r\nTo: cert@cert.example\r\nSubject: {subject}\r\n'
            f'Message-ID: <{uuid.uuid4()}@r.example>\r\n'
            'MIME-Version: 1.0\r\n'
            f'Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n')
    text = f'--{boundary}\r\nContent-Type: text/plain\r\n\r\nsee the file, 203.0.113.77\r\n'
    part = (f'--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n'
            f'Content-Disposition: attachment; filename="{name}"\r\n\r\n')
    return (head + text + part).encode() + base64_lines(data) + f'\r\n--{boundary}--\r\n'.encode()


def base64_lines(data):
    import base64
    return base64.encodebytes(data).replace(b'\n', b'\r\n')


class Keep(unittest.TestCase):
    setUp, naubat, make = serve.Serve.setUp, serve.Serve.naubat, serve.Serve.make

    def raw(self, who, method, path, body=None, kind=None):
        """(status, headers, bytes)"""
        connection = http.client.HTTPSConnection('127.0.0.1', self.node.port, timeout=PATIENCE_S, context=self.node.tls)
        send = {'Origin': f'https://127.0.0.1:{self.node.port}'}
        if who and who.cookie:
            send['Cookie'] = who.cookie
        if kind:
            send['Content-Type'] = kind
        connection.request(method, path, body, send)
        reply = connection.getresponse()
        data = reply.read()
        connection.close()
        return reply.status, reply, data

    def form(self, path, fields, files=()):
        boundary = uuid.uuid4().hex
        parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode()
                 for n, v in fields.items()]
        parts += [f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{n}"\r\n'
                  f'Content-Type: {t}\r\n\r\n'.encode() + data + b'\r\n' for n, t, data in files]
        body = b''.join(parts) + f'--{boundary}--\r\n'.encode()
        status, _, text = self.raw(None, 'POST', path, body, f'multipart/form-data; boundary={boundary}')
        return status, text.decode()

    def people(self, *more):
        password, uri = self.make(*more)
        self.admin = Person(self.node)
        self.admin.sign_in('root-desk', password, uri)
        self.team = self.admin.must('GET', '/api/session')['team']['id']
        self.lead = self.person('lena', 'Lena Lead', ['shift_lead'])
        self.handler = self.person('hana', 'Hana Desk', ['handler'])
        self.auditor = self.person('asif', 'Asif Audit', ['auditor'])
        other = next(t['id'] for t in self.admin.must('GET', '/api/teams')['items'] if t['id'] != self.team)
        self.other = self.person('omar', 'Omar Other', ['handler'], other)

    def person(self, login, name, roles, team=None):
        made = self.admin.must('POST', '/api/accounts', {'login': login, 'name': name, 'team': team or self.team,
                                                         'roles': roles})
        who = Person(self.node)
        who.login, who.password, who.uri = login, made['password'], made['code_uri']
        who.sign_in(login, who.password, who.uri)
        return who

    def report(self, title):
        listed = self.handler.must('GET', '/api/reports?limit=100&state=all')['items']
        return next(r['id'] for r in listed if r['title'] == title)

    def saved(self, who, path):
        status, reply, data = self.raw(who, 'GET', path)
        self.assertEqual(status, 200, data)
        self.assertEqual(reply.getheader('Content-Type'), 'application/octet-stream')
        self.assertTrue(reply.getheader('Content-Disposition').startswith('attachment; filename="'))
        self.assertEqual(reply.getheader('X-Content-Type-Options'), 'nosniff')
        self.assertIn('sandbox', reply.getheader('Content-Security-Policy'))
        return reply.getheader('Content-Disposition'), data

    def hidden(self, who, path):
        """One answer for what is hidden and what was never there."""
        never = '/api/reports/01890000-0000-7000-8000-000000000000/raw'
        status, _, said = self.raw(who, 'GET', path)
        self.assertEqual((status, said), (404, self.raw(who, 'GET', never)[2]), path)

    # ---- originals

    def originals(self):
        sent = mail_with_file('Saad <saad@reader.example>', 'With a file', 'naïve "x".html', HTML)
        self.naubat('mail', 'in', '--node', self.node.folder, stdin=sent)
        mailed = '/api/reports/' + self.report('With a file')
        page = self.handler.must('GET', mailed)
        self.assertEqual((page['raw']['size'], page['raw']['sha256']), (len(sent), hashlib.sha256(sent).hexdigest()))
        disposition, data = self.saved(self.handler, mailed + '/raw')
        self.assertEqual(data, sent)
        self.assertIn(page['number'] + '.eml', disposition)
        file = page['attachments'][0]
        disposition, data = self.saved(self.handler, f"{mailed}/attachments/{file['id']}")
        self.assertEqual(data, HTML)
        self.assertEqual((file['size'], file['sha256']), (len(HTML), hashlib.sha256(HTML).hexdigest()))
        self.assertNotIn('"x"', disposition.split(';')[1], 'a quote in a name ends it')

        status, text = self.form('/report', {'text': 'Two files about 203.0.113.78', 'anonymous': 'yes'},
                                 [('C:\\my\\shot.png', 'image/png', PICTURE), ('empty.log', 'text/plain', b''),
                                  ('shared.bin', 'text/plain', SHARED)])
        self.assertEqual(status, 201, text)
        code = serve.re.search(r'([0-9A-Z]{4}-){3}[0-9A-Z]{4}', text)[0]
        formed = '/api/reports/' + self.report('Two files about 203[.]0[.]113[.]78')
        page = self.handler.must('GET', formed)
        self.assertIsNone(page['raw'])
        self.assertEqual([f['name'] for f in page['attachments']], ['shot.png', 'empty.log', 'shared.bin'])
        self.assertEqual(self.saved(self.handler, formed + '/attachments/1')[1], PICTURE)
        self.assertEqual(self.saved(self.handler, formed + '/attachments/2')[1], b'')
        self.form('/report', {'text': 'The same file, 203.0.113.79'}, [('shared.bin', 'text/plain', SHARED)])
        self.shared = '/api/reports/' + self.report('The same file, 203[.]0[.]113[.]79')
        status, _, text = self.raw(None, 'POST', '/report/status', f'code={code}', 'application/x-www-form-urlencoded')
        self.assertIn('shot.png', text.decode())

        for path in (mailed + '/raw', mailed + '/attachments/1', formed + '/attachments/1'):
            self.hidden(self.other, path)
            self.assertEqual(self.raw(self.auditor, 'GET', path)[0], 403)
            self.assertEqual(self.raw(None, 'GET', path)[0], 401)
        for path in (formed + '/raw', mailed + '/attachments/2', mailed + '/attachments/0', mailed + '/attachments/x'):
            self.hidden(self.handler, path)
        return mailed, formed

    def answers(self):
        """The mail of an answer, and who took a copy of it."""
        opened = self.handler.must('POST', '/api/incidents', {'reports': [], 'title': 'Answers'})
        path = '/api/incidents/' + opened['id']
        self.handler.must('POST', path + '/parties', {'party': '', 'name': 'Hosting Hall', 'roles': ['provider'],
                                                      'address': 'abuse@hall.example'})
        page = self.handler.must('GET', path)
        hall = next(p['id'] for p in page['parties'] if p['name'] == 'Hosting Hall')
        self.handler.must('POST', path + '/messages', {'recipients': [hall], 'subject': 'Please look', 'text': 'now',
                                                       'tlp': page['marking']['tlp'], 'request_hours': 0})
        asked = self.sink.wait_for('abuse@hall.example')
        reply_to = email.utils.parseaddr(asked['Reply-To'])[1]
        answer = mail('abuse@hall.example', 'Re: it', 'It is down.', to=reply_to)
        self.naubat('mail', 'in', '--node', self.node.folder, stdin=answer)
        lines = self.handler.must('GET', path + '/timeline')['items']
        self.answered = path
        got = next(e['message'] for e in lines if e['message'] and e['message']['direction'] == 'in')
        self.assertEqual(got['raw']['size'], len(answer))
        self.assertEqual(self.saved(self.handler, f"/api/messages/{got['id']}/raw")[1], answer)
        self.hidden(self.other, f"/api/messages/{got['id']}/raw")
        lines = self.handler.must('GET', path + '/timeline')['items']
        self.assertEqual(lines[0]['kind'], 'evidence.taken')
        self.assertEqual((lines[0]['actor']['name'], lines[0]['title']), ('Hana Desk', 'Copy downloaded: original'))

    def large(self):
        """40 MB there and back, several at once."""
        blob = os.urandom(1 << 20) * 29
        sent = mail_with_file('big@reader.example', 'A large one', 'disk.img', blob)
        self.naubat('mail', 'in', '--node', self.node.folder, stdin=sent)
        path = '/api/reports/' + self.report('A large one')
        self.assertEqual(self.saved(self.handler, path + '/raw')[1], sent)
        self.assertEqual(self.saved(self.handler, path + '/attachments/1')[1], blob)

    # ---- holds and purges

    def refused(self, who, path, body, status, words):
        got, problem = who.ask('POST', path, body)
        self.assertEqual(got, status, problem)
        self.assertIn(words, problem['detail'])

    def purges(self, mailed, formed):
        why = {'reason': 'Court order 12 of 2026'}
        self.refused(self.handler, mailed + '/hold', why, 403, '')
        self.refused(self.lead, mailed + '/hold', {'reason': ' '}, 400, 'reason')
        self.lead.must('POST', mailed + '/hold', why)
        self.refused(self.lead, mailed + '/hold', why, 409, 'already')
        page = self.handler.must('GET', mailed)
        self.assertEqual((page['hold']['by']['name'], page['hold']['reason']), ('Lena Lead', why['reason']))
        self.refused(self.handler, mailed + '/purge', why, 409, 'legal hold')
        self.lead.must('POST', mailed + '/lift-hold', {'reason': 'Order 12 was withdrawn'})
        self.assertIsNone(self.handler.must('GET', mailed)['hold'])

        self.refused(self.other, mailed + '/purge', why, 404, 'no such words')
        for subject, second in ((mailed, self.auditor), (formed, self.lead)):
            purge = self.handler.must('POST', subject + '/purge', why)['id']
            confirm = f'/api/purges/{purge}/confirm'
            self.refused(self.handler, confirm, {}, 403, 'shift lead or an auditor')
            self.refused(self.admin, confirm, {}, 404, '')
            waiting = second.must('GET', '/api/purges?state=asked')['items']
            self.assertEqual([p['id'] for p in waiting], [purge])
            self.assertEqual(waiting[0]['asked_by']['name'], 'Hana Desk')
            self.assertEqual('entry' in waiting[0], second is self.auditor, 'only auditors see places in the journal')
            self.assertEqual(self.other.must('GET', '/api/purges')['items'], [])
            second.must('POST', confirm, {})
            self.refused(second, confirm, {}, 409, 'already')
        for subject in (mailed, formed):
            page = self.handler.must('GET', subject)
            self.assertEqual((page['title'], page['text'], page['attachments'], page['raw']), ('', '', [], None))
            done = page['purges'][0]
            self.assertEqual((done['words'], done['reason'], bool(done['done_at'])), ('report', why['reason'], True))
            self.hidden(self.handler, subject + '/attachments/1')
        self.hidden(self.handler, mailed + '/raw')
        self.assertEqual(self.saved(self.handler, self.shared + '/attachments/1')[1], SHARED, 'others have it too')
        for words in ('Two files', 'With a file', 'saad@reader.example'):
            found = self.handler.must('GET', '/api/search?q=' + urllib.parse.quote(words))['items']
            self.assertEqual([f for f in found if mailed.endswith(f['id']) or formed.endswith(f['id'])], [], words)
        lead_own = self.lead.must('POST', self.answered + '/purge', why)['id']
        self.refused(self.lead, f'/api/purges/{lead_own}/confirm', {}, 403, 'somebody else')

    def proof_after_purge(self):
        """What was purged is proven to have been there, by whom and when it went."""
        done = self.auditor.must('GET', '/api/purges?state=done')['items'][0]
        proof = self.auditor.must('GET', f"/api/journal/entries/{done['entry']}/proof")
        self.assertTrue(proof['holds'])
        self.assertEqual(proof['entry']['kind'], 'report.content')
        verdict = self.auditor.must('POST', '/api/journal/verify', {})
        self.assertTrue(verdict['ok'], verdict)
        self.assertEqual(verdict['purged'], 2)
        self.assertIsNone(self.auditor.must('GET', '/api/journal/verify')['permille'], 'nothing is under way')
        key, file = self.base / 'key.pub', self.base / 'entry.tlog-proof'
        key.write_text(self.auditor.must('GET', '/api/journal')['public_key'] + '\n')
        self.assertEqual(key.read_text().strip(), self.public_key, 'not the key that init told')
        file.write_text(proof['text'])
        self.assertIn(str(done['entry']), self.naubat('journal', 'check', file, '--key', key.read_text().strip()))
        file.write_text(proof['text'].replace('index ', 'index 1', 1))
        self.naubat('journal', 'check', file, '--key', key.read_text().strip(), status=2)
        return key.read_text().strip()

    # ---- exports and backups

    def exported(self, store, key):
        """With an export and the public key an outsider finds any altered byte."""
        file = self.base / 'journal.export'
        self.naubat('journal', 'export', file, '--db', store, '--key', key)
        whole = file.read_bytes()
        said = self.naubat('journal', 'verify', file, '--key', key)
        self.assertIn('2 purged', said)
        for at in random.Random(7).sample(range(len(whole)), 25):
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
            done = subprocess.run([serve.NAUBAT, 'journal', 'verify', file, '--key', key], capture_output=True,
                                  timeout=PATIENCE_S)
            self.assertIn(done.returncode, (1, 2), (at, done.stdout, done.stderr))

    def load(self, stop, taken):
        token = self.handler.must('POST', '/api/tokens', {'name': 'load', 'scopes': ['report.write']})['token']

        def work():
            program = Person(self.node, token)
            while not stop.is_set():
                taken.append(program.must('POST', '/api/reports', {'text': 'under load', 'title': 'Load'})['number'])
        workers = [threading.Thread(target=work, daemon=True) for _ in range(4)]
        for worker in workers:
            worker.start()
        return workers

    def copy(self, store, url):
        """`naubat backup`; of PostgreSQL what it says instead."""
        file = self.base / 'backup'
        if not url:
            said = self.naubat('backup', file, '--db', store)
            holds = re.search(r'(\d+) entries of epoch 1, ([0-9.]+) MiB', said)
            self.assertIn(f'\n{holds[1]} entries, ', self.naubat('journal', 'verify', '--db', file))
            self.assertAlmostEqual(float(holds[2]), file.stat().st_size / 2 ** 20, delta=0.06)
            self.assertIn(f'naubat restore {file} --db STORE', said)
            self.assertEqual([f.name for f in file.parent.glob('backup*')], ['backup'])
            return file
        self.assertIn('pg_dump --format=custom', self.naubat('backup', file, '--db', store, status=2))
        subprocess.run(['pg_dump', '--format=custom', '--no-owner', f'--file={file}', f'--dbname={store}'], check=True,
                       timeout=PATIENCE_S)
        return file

    def put_back(self, file, url):
        """Where a restored store lies, as node.conf and the commands name it."""
        if not url:
            store = self.node.folder / 'naubat.db'
            for old in self.node.folder.glob('naubat.db*'):
                old.unlink()
            self.naubat('restore', file, '--db', store)
            return store
        store = self.database(url)
        subprocess.run(['pg_restore', '--no-owner', f'--dbname={store}', str(file)], check=True, timeout=PATIENCE_S)
        self.naubat('restore', '--mark', '--db', store)
        self.name_store(store)
        return store

    def name_store(self, store):
        conf = self.node.folder / 'node.conf'
        conf.write_text(re.sub(r'(?m)^db: .*\n', '', conf.read_text()) + f"\ndb: '{store}'\n")

    def backed_up(self, store, key, url=None):
        stop, taken = threading.Event(), []
        workers = self.load(stop, taken)
        serve.wait_until(lambda: len(taken) > 20)
        before = list(taken)
        file = self.copy(store, url)
        stop.set()
        for worker in workers:
            worker.join(PATIENCE_S)
        self.assertGreater(len(taken), len(before), 'nothing was taken while the copy was made')
        self.assertEqual(self.node.end(serve.signal.SIGTERM), 0, self.node.errors())
        sent = len(self.sink.mails)
        store = self.put_back(file, url)
        said = self.naubat('journal', 'verify', '--db', store, '--key', key)
        self.assertIn('epoch 2', said)
        self.node.start()
        listed, cursor = set(), ''
        while cursor is not None:
            page = self.handler.must('GET', '/api/reports?state=all&limit=100' + cursor)
            listed |= {r['number'] for r in page['items']}
            cursor = page['next'] and '&cursor=' + page['next']
        self.assertEqual(set(before) - listed, set(), 'a report that was acknowledged before the copy is not in it')
        self.naubat('mail', 'in', '--node', self.node.folder, stdin=mail('zara@reader.example', 'Restored', 'hello'))
        serve.time.sleep(1.5)
        self.assertEqual(len(self.sink.mails), sent, 'a restored node sent mail')
        self.assertEqual(self.node.end(serve.signal.SIGTERM), 0, self.node.errors())
        self.naubat('restore', '--release', '--db', store)
        self.node.start()
        self.sink.wait_for('zara@reader.example')
        return store

    # ---- one's own credentials

    def credentials(self):
        old, new = self.handler.password, 'lamp river seven otter'
        second = Person(self.node)
        second.sign_in('hana', old, self.handler.uri, 1)        # a code is good once: that of the next half minute
        self.refused(self.handler, '/api/account/password', {'old': 'not it at all', 'password': new}, 403, 'of today')
        for bad, words in (('short', 'at least 12'), ('Password12345!', 'first that are tried'), (old, 'the old one'),
                           ('my name is hana!', 'sign-in name')):
            self.refused(self.handler, '/api/account/password', {'old': old, 'password': bad}, 400, words)
        self.handler.must('POST', '/api/account/password', {'old': old, 'password': new})
        self.assertEqual(second.ask('GET', '/api/sessions')[0], 401, 'other sessions end')
        self.assertEqual(self.handler.ask('GET', '/api/sessions')[0], 200, 'one\'s own stays')
        self.refused(self.handler, '/api/account/code', {'old': old}, 403, 'of today')

        offer = self.handler.must('POST', '/api/account/code', {'old': new})
        self.assertEqual(len(offer['qr']['modules']), offer['qr']['size'] ** 2)
        secret = urllib.parse.parse_qs(urllib.parse.urlsplit(offer['code_uri']).query)['secret'][0]
        self.assertEqual(offer['code_text'].replace(' ', ''), secret)
        self.refused(self.handler, '/api/account/code/confirm', {'code': '000000'}, 400, 'not the one')
        self.handler.must('POST', '/api/account/code/confirm', {'code': serve.code_of(offer['code_uri'])})
        self.refused(self.handler, '/api/account/code/confirm', {'code': '000000'}, 409, 'ask for them')
        self.handler.password, self.handler.uri = new, offer['code_uri']
        second.cookie = None
        second.sign_in('hana', new, offer['code_uri'], 1)

        other = next(s for s in self.handler.must('GET', '/api/sessions')['items'] if not s['current'])
        self.handler.must('POST', f"/api/sessions/{other['id']}/end", {})
        self.assertEqual(second.ask('GET', '/api/sessions')[0], 401)

        token = self.handler.must('POST', '/api/tokens', {'name': 'laptop', 'scopes': ['report.write'], 'days': 1})
        listed = self.handler.must('GET', '/api/tokens')['items'][0]
        self.assertEqual((listed['name'], listed['scopes']), ('laptop', ['report.write']))
        with_token = Person(self.node, token['token'])
        body = {'old': new, 'password': 'otter seven river lamp'}
        self.refused(with_token, '/api/account/password', body, 403, 'code')
        for _ in range(6):
            status, problem = self.handler.ask('POST', '/api/account/password', {**body, 'old': 'guess'})
        self.assertEqual((status, problem['code']), (429, 'locked'))
        self.naubat('account', 'enable', 'hana', '--node', self.node.folder)
        sessions = self.handler.must('GET', '/api/sessions')['items']
        self.assertEqual({s['person']['name'] for s in sessions}, {'Hana Desk'})
        self.assertIn('refused', [s['outcome'] for s in self.admin.must('GET', '/api/sign-ins')['items']
                                  if s['login'] == 'hana'])
        changed = [e for e in self.auditor.must('GET', '/api/journal/entries?limit=100')['items']
                   if e['kind'] == 'account.credential_changed']
        self.assertEqual(len(changed), 2)

        petra, spare = self.person('petra', 'Petra Pipe', ['handler']), 'otter seven river lamp'
        token = petra.must('POST', '/api/tokens', {'name': 'cron', 'scopes': ['report.write']})['token']
        lines = '\n'.join((petra.password, serve.code_of(petra.uri, 1), spare, spare)) + '\n'
        self.naubat('account', 'password', stdin=lines.encode(), NAUBAT_TOKEN=token,
                    NAUBAT_URL=f'https://127.0.0.1:{self.node.port}', NAUBAT_CA=str(self.node.folder / 'tls.crt'))
        self.assertEqual(petra.ask('GET', '/api/sessions')[0], 401, 'a token keeps no session')

        token = self.admin.must('POST', '/api/tokens', {'name': 'law', 'scopes': ['regime.write']})['token']
        law = {'NAUBAT_TOKEN': token, 'NAUBAT_URL': f'https://127.0.0.1:{self.node.port}',
               'NAUBAT_CA': str(self.node.folder / 'tls.crt')}
        self.assertIn('PK-CERT-RULES', self.naubat('regime', 'list', **law))
        self.assertIn('not made for that', self.naubat('account', 'list', status=1, **law))

        paul = self.person('paul', 'Paul Pipe', ['handler'])
        lines = '\n'.join(('paul', paul.password, serve.code_of(paul.uri, 1))) + '\n'
        made = self.naubat('token', 'make', '--name', 'sensor', '--scopes', 'report.write,case.read', '--days', '7',
                           '--node', self.node.folder, stdin=lines.encode()).strip()
        self.assertEqual(Person(self.node, made).ask('GET', '/api/reports')[0], 200)
        with_token = Person(self.node, made)
        self.refused(with_token, '/api/tokens', {'name': 'x', 'scopes': ['case.read']}, 403, '')
        self.assertEqual(len(paul.must('GET', '/api/sessions')['items']), 1, 'the command line signed out')
        mine = paul.must('GET', '/api/tokens')['items'][0]
        until = datetime.datetime.fromisoformat(mine['expires_at'].replace('Z', '+00:00')).timestamp()
        self.assertAlmostEqual((until - serve.time.time()) / 86400, 7, delta=0.1)
        self.assertIn('sensor', self.naubat('token', 'list', '--node', self.node.folder))
        self.naubat('token', 'end', mine['id'], '--node', self.node.folder)
        self.assertEqual(Person(self.node, made).ask('GET', '/api/reports')[0], 401)
        self.assertIn('not right', self.naubat('token', 'make', '--name', 'x', '--scopes', 'case.read', '--node',
                                               self.node.folder, stdin=b'paul\nwrong\n000000\n', status=1))

    def secrets_at_rest(self):
        """A store by itself gives no codes; with another secret file it says what is wrong, and how to mend it."""
        import base64
        store = self.node.folder / 'naubat.db'
        self.assertEqual(self.node.end(serve.signal.SIGTERM), 0, self.node.errors())
        kept = b''.join(f.read_bytes() for f in self.node.folder.glob('naubat.db*'))
        for who in (self.handler, self.lead, self.auditor):
            secret = urllib.parse.parse_qs(urllib.parse.urlsplit(who.uri).query)['secret'][0]
            raw = base64.b32decode(secret + '=' * (-len(secret) % 8))
            for form in (raw, secret.encode(), raw.hex().encode()):
                self.assertFalse(form in kept, 'a one-time secret lies in the store')
        right = (self.node.folder / 'secret').read_bytes()
        (self.node.folder / 'secret').write_bytes(bytes(32))
        self.node.start()
        self.assertIn('put back the file', self.node.errors())
        lead = Person(self.node)
        status, _ = lead.ask('POST', '/api/session', {'login': 'lena', 'password': self.lead.password,
                                                      'code': serve.code_of(self.lead.uri, 1)})
        self.assertEqual(status, 401)
        made = json.loads(self.naubat('account', 'reset', 'lena', '--json', '--node', self.node.folder))
        lead.sign_in('lena', made['password'], made['code_uri'])
        self.assertEqual(self.node.end(serve.signal.SIGTERM), 0, self.node.errors())
        (self.node.folder / 'secret').write_bytes(right)
        self.assertTrue(store.exists())
        self.node.start()

    def rebuilt(self, store):
        """A store made of the journal alone serves as the old one did, on the other engine too; people sign in."""
        self.assertEqual(self.node.end(serve.signal.SIGTERM), 0, self.node.errors())
        self.naubat('journal', 'rebuild', self.node.folder / 'rebuilt.db', '--db', store)
        self.name_store('rebuilt.db')
        before = {r['id']: r for r in self.before}
        self.node.start()
        auditor = Person(self.node)
        auditor.sign_in('asif', self.auditor.password, self.auditor.uri, 1)
        self.assertTrue(auditor.must('POST', '/api/journal/verify', {})['ok'])
        self.assertEqual(self.auditor.ask('GET', '/api/sessions')[0], 401, 'sessions do not outlive it')
        done = {p['id']: p for p in auditor.must('GET', '/api/purges')['items']}
        self.assertEqual(done, before)

    def story(self, *more, url=None):
        self.people(*more)
        store = more[1] if more else self.node.folder / 'naubat.db'
        self.credentials()
        mailed, formed = self.originals()
        self.answers()
        self.purges(mailed, formed)
        key = self.proof_after_purge()
        self.large()
        if not more:
            self.secrets_at_rest()
        self.exported(store, key)
        store = self.backed_up(store, key, url)
        self.before = self.auditor.must('GET', '/api/purges')['items']
        self.rebuilt(store)
        self.assertEqual(self.node.end(serve.signal.SIGTERM), 0, self.node.errors())

    def test_sqlite(self):
        self.story()
        self.naubat('journal', 'verify', '--db', self.node.folder / 'naubat.db')
        kept = (self.node.folder / 'naubat.db').read_bytes()
        for gone in (b'With a file', b'Two files about', PICTURE[-300:], base64_lines(HTML)[:30]):
            self.assertFalse(gone in kept, gone)

    def test_postgres(self):
        url = os.environ.get('NAUBAT_TEST_PG')
        if not url or not shutil.which('psql'):
            self.skipTest('NAUBAT_TEST_PG is not set, or psql is not installed')
        store = self.database(url)
        self.story('--db', store, url=url)
        self.naubat('journal', 'verify', '--db', store)

    def database(self, url):
        name = f'keep_{os.getpid()}_{uuid.uuid4().hex[:6]}'
        psql = ['psql', '-q', '-d', url, '-c']
        subprocess.run([*psql, f'CREATE DATABASE {name}'], check=True, timeout=PATIENCE_S)
        self.addCleanup(subprocess.run, [*psql, f'DROP DATABASE IF EXISTS {name} WITH (FORCE)'], timeout=PATIENCE_S)
        parts = urllib.parse.urlsplit(url)
        store = urllib.parse.urlunsplit(parts._replace(path='/' + name))
        return store if '://' in store else url.replace('/postgres?', f'/{name}?')


if __name__ == '__main__':
    unittest.main()
