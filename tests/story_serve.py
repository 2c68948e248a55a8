#!/usr/bin/env python3
"""A real node: made by init, served over TLS, worked on by people, programs and mail; killed, and all is there."""
import base64
import email
import email.policy
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import re
import select
import shutil
import signal
import smtplib
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse
import uuid

sys.path.insert(0, __file__.rsplit('/', 1)[0])
from api import Document  # noqa: E402
from node import NAUBAT, free_port, wait_until  # noqa: E402

PATIENCE_S = 60


def code_of(uri, steps=0):
    """RFC 6238 with what every authenticator does."""
    secret = urllib.parse.parse_qs(urllib.parse.urlsplit(uri).query)['secret'][0]
    key = base64.b32decode(secret + '=' * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack('>Q', int(time.time()) // 30 + steps), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f'{(struct.unpack(">I", digest[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06d}'


class Sink(socketserver.ThreadingTCPServer):
    """A mail server that takes everything, but for the addresses in `refuses`: (recipient, message)."""
    allow_reuse_address = daemon_threads = True

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.say('220 sink')
            to = None
            for line in self.rfile:
                word = line.strip().upper()
                if word.startswith(b'RCPT'):
                    to = re.search(rb'<(.*)>', line)[1].decode()
                    if to in self.server.refuses:
                        self.say(self.server.refuses[to])
                        continue
                if word == b'DATA':
                    self.say('354 go on')
                    self.server.mails.append((to, self.message()))
                self.say('221 bye' if word == b'QUIT' else '250 ok')
                if word == b'QUIT':
                    return

        def message(self):
            lines = []
            for line in self.rfile:
                if line == b'.\r\n':
                    break
                lines.append(line[1:] if line.startswith(b'.') else line)
            return email.message_from_bytes(b''.join(lines), policy=email.policy.default)

        def say(self, text):
            self.wfile.write(text.encode() + b'\r\n')

    def __init__(self):
        super().__init__(('127.0.0.1', 0), self.Handler)
        self.mails, self.refuses = [], {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait_for(self, to, count=1):
        found = wait_until(lambda: (lambda m: m if len(m) >= count else None)([m for t, m in self.mails if t == to]))
        assert found, f'no mail for {to}: {[(t, m["Subject"]) for t, m in self.mails]}'
        return found[count - 1]


def bounce_of(mail, to, more=''):
    """As a mail server reports that it could not deliver it (RFC 3464)."""
    return (f'From: MAILER-DAEMON@reader.example\r\nTo: cert@cert.example\r\nReturn-Path: <>\r\n'
            f'Subject: Undelivered Mail\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; '
            f'report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nIt failed.\r\n--b\r\n'
            f'Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; reader.example\r\n\r\n'
            f'Final-Recipient: rfc822; {to}\r\nAction: failed\r\nStatus: 5.1.1\r\n{more}\r\n'
            f'--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {mail["Message-ID"]}\r\n\r\n'
            f'--b--\r\n')


class Node:
    """`naubat serve`, started when systemd would be told that it is ready."""

    def __init__(self, folder, port):
        self.folder, self.port, self.environment = folder, port, {}
        self.tls = ssl.create_default_context(cafile=str(folder / 'tls.crt'))
        self.document = None

    def start(self):
        path = str(self.folder.parent / 'notify')
        pathlib.Path(path).unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.bind(path)
            self.log = open(self.folder.parent / 'log', 'ab')
            self.process = subprocess.Popen([NAUBAT, 'serve', self.folder], stderr=self.log,
                                            env={**os.environ, **self.environment, 'NOTIFY_SOCKET': path})
            limit = time.monotonic() + PATIENCE_S
            while not select.select([told], [], [], 0.2)[0]:
                if self.process.poll() is not None or time.monotonic() > limit:
                    self.process.kill()
                    raise AssertionError('it does not start: ' + self.errors())
            assert told.recv(100) == b'READY=1'

    def errors(self):
        return (self.folder.parent / 'log').read_text()[-4000:]

    def end(self, how):
        self.process.send_signal(how)
        status = self.process.wait(PATIENCE_S)
        self.log.close()
        return status


class Person:
    def __init__(self, node, token=None):
        self.node, self.token, self.cookie = node, token, None

    def ask(self, method, path, body=None):
        connection = http.client.HTTPSConnection('127.0.0.1', self.node.port, timeout=PATIENCE_S, context=self.node.tls)
        send = {'Content-Type': 'application/json', 'Idempotency-Key': str(uuid.uuid4()),
                'Origin': f'https://127.0.0.1:{self.node.port}'}
        if self.token:
            send['Authorization'] = f'Bearer {self.token}'
        if self.cookie:
            send['Cookie'] = self.cookie
        connection.request(method, path, json.dumps(body) if body is not None else None, send)
        reply = connection.getresponse()
        text = reply.read().decode()
        if reply.getheader('Set-Cookie'):
            self.cookie = reply.getheader('Set-Cookie').split(';')[0]
        connection.close()
        if path == '/api/openapi.json':
            self.node.document = Document(text)
        elif self.node.document is None:
            Person(self.node).ask('GET', '/api/openapi.json')
        self.node.document.check(method, path, reply.status, reply.getheader('Content-Type', ''), text)
        return reply.status, json.loads(text) if text else None

    def must(self, method, path, body=None):
        status, answer = self.ask(method, path, body)
        assert status in (200, 201, 204), (method, path, status, answer, self.node.errors())
        return answer

    def sign_in(self, login, password, uri, steps=0):
        return self.must('POST', '/api/session', {'login': login, 'password': password,
                                                  'code': code_of(uri, steps)})


def mail(sender, subject, text, to='cert@cert.example', more=''):
    return (f'From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{uuid.uuid4()}@reader.example>\r\n'
            f'{more}\r\n{text}\r\n').encode()


class Serve(unittest.TestCase):
    def setUp(self):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix='nb-', dir='/tmp'))       # a socket's path is short
        self.addCleanup(shutil.rmtree, self.base, True)
        self.sink = Sink()
        self.addCleanup(self.sink.server_close)
        self.addCleanup(self.sink.shutdown)
        self.node = None

    def naubat(self, *words, stdin=b'', status=0, **environment):
        done = subprocess.run([NAUBAT, *words], input=stdin, capture_output=True, timeout=PATIENCE_S,
                              env={**os.environ, **environment})
        self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        return (done.stdout if status == 0 else done.stderr).decode()

    def make(self, *more):
        folder, port = self.base / 'node', free_port()
        self.lmtp = str(self.base / 'lmtp')
        words = ['init', folder, '--name', 'National CERT', '--regime', 'pakistan-2023', '--host', 'cert.example',
                 '--mail-domain', 'cert.example', '--listen', f'127.0.0.1:{port}', '--admin', 'root-desk',
                 '--admin-name', 'Adeel Root', '--smtp-host', '127.0.0.1', '--lmtp-listen', f'unix:{self.lmtp}', *more]
        said = self.naubat(*words)
        self.public_key = re.search(r"journal's public key.*\n\n  (\S+)\n", said)[1]
        with open(folder / 'node.conf', 'a') as conf:
            conf.write(f'\nsmtp_port: {self.sink.server_address[1]}\nsmtp_tls: none\n')
        self.assertIn('is not empty', self.naubat(*words, status=1))
        for name in ('node.conf', 'node.key', 'secret', 'tls.key'):
            self.assertEqual((folder / name).stat().st_mode & 0o777, 0o600, name)
        self.assertEqual(folder.stat().st_mode & 0o777, 0o700)
        self.node = Node(folder, port)
        self.node.start()
        self.addCleanup(lambda: self.node.process.kill())
        return re.search(r'password +(\S+)', said)[1], re.search(r'otpauth://\S+', said)[0]

    def story(self, *more):
        password, uri = self.make(*more)
        admin, handler = Person(self.node), Person(self.node)
        self.assertEqual(admin.ask('GET', '/api/reports')[0], 401)
        admin.sign_in('root-desk', password, uri)
        self.assertEqual(admin.ask('GET', '/api/reports')[0], 403, 'an administrator sees no cases')
        team = admin.must('GET', '/api/session')['team']['id']
        made = admin.must('POST', '/api/accounts', {'login': 'hana', 'name': 'Hana Desk', 'team': team,
                                                    'roles': ['handler', 'directory_keeper']})
        session = handler.sign_in('hana', made['password'], made['code_uri'])
        self.assertFalse(session['demonstration'])
        self.assertEqual(Person(self.node).ask('POST', '/api/demo/session', {'login': 'hana'})[0], 404)
        token = handler.must('POST', '/api/tokens', {
            'name': 'scripts', 'scopes': ['report.write', 'case.read', 'case.write', 'directory.read']})['token']
        self.programs(token, team)
        first = self.mail_doors(handler)
        incident = self.party(handler, first)
        self.undelivered(handler, incident)
        self.kill(handler, incident)
        self.operator()
        self.assertEqual(self.node.end(signal.SIGTERM), 0, self.node.errors())
        self.assertIn('no node answers', self.naubat('mail', 'in', '--node', self.node.folder, status=75,
                                                     stdin=mail('late@reader.example', 'late', 'late')))

    def programs(self, token, team):
        with_token = {'NAUBAT_URL': f'https://127.0.0.1:{self.node.port}', 'NAUBAT_TOKEN': token,
                      'NAUBAT_CA': str(self.node.folder / 'tls.crt')}
        program = Person(self.node, token)
        number = program.must('POST', '/api/reports', {'text': 'beacon to 203.0.113.7', 'title': 'Sensor'})['number']
        self.assertTrue(number.startswith('PK-NCERT-'))
        added = json.loads(self.naubat('report', 'add', '--title', 'By script', '--json', stdin=b'see 203.0.113.8',
                                       **with_token))
        self.naubat('report', 'take', number, **with_token)
        listed = self.naubat('report', 'list', '--state', 'new', **with_token)
        self.assertIn(number, listed)
        self.assertIn('Hana Desk', next(line for line in listed.splitlines() if number in line))
        self.assertIn('By script', self.naubat('report', 'show', added['number'], **with_token))
        cases = json.loads(self.naubat('case', 'list', '--state', 'open', '--json', **with_token))
        self.assertEqual(cases['items'], [])
        self.assertIn('no report', self.naubat('report', 'show', 'PK-NCERT-2026-0000000', status=1, **with_token))
        self.assertFalse(json.loads(self.naubat('owner', '203.0.113.7', '--json', **with_token))['found'])
        self.assertIn('NAUBAT_TOKEN', self.naubat('report', 'list', '--node', self.node.folder, status=1))
        self.naubat('account', 'add', 'night', '--name', 'Night Desk', '--team', team, '--roles', 'handler,shift_lead',
                    '--node', self.node.folder)
        self.naubat('account', 'disable', 'night', '--node', self.node.folder)
        self.assertRegex(self.naubat('account', 'list', '--node', self.node.folder), r'night .*disabled')

    def reports(self, handler):
        return {r['title']: r for r in handler.must('GET', '/api/reports?limit=100&state=all')['items']}

    def mail_doors(self, handler):
        piped = mail('Saad <saad@reader.example>', 'A phishing page', 'at hxxp://login.bank.example, 203.0.113.9')
        for _ in range(2):                                  # the same mail twice is one report
            self.naubat('mail', 'in', '--node', self.node.folder, stdin=piped)
        receipt = self.sink.wait_for('saad@reader.example')
        self.assertEqual(receipt['Auto-Submitted'], 'auto-replied')
        self.assertTrue(receipt['Subject'].startswith('[TLP:'), receipt['Subject'])
        report = self.reports(handler)['A phishing page']
        self.assertIn(report['number'], receipt['Subject'])
        self.assertEqual(report['state'], 'new')

        with smtplib.LMTP(self.lmtp) as door:
            door.sendmail('omar@reader.example', ['cert@cert.example'],
                          mail('omar@reader.example', 'Second door', 'host 203.0.113.10'))
            door.sendmail('robot@reader.example', ['cert@cert.example'],
                          mail('robot@reader.example', 'Out of office', 'away',
                               more='Auto-Submitted: auto-replied\r\n'))
            with self.assertRaises(smtplib.SMTPRecipientsRefused):
                door.sendmail('omar@reader.example', ['cert@other.example'], mail('omar@reader.example', 'x', 'x'))
            # Only the envelope says where this belongs, as with a blind copy.
            reply_to = email.utils.parseaddr(receipt['Reply-To'])[1]
            self.assertRegex(reply_to, r'^reply\+\w{24}@cert\.example$')
            door.sendmail('saad@reader.example', [reply_to],
                          mail('saad@reader.example', 'More', 'it moved to 203.0.113.11'))
        self.sink.wait_for('omar@reader.example')
        found = self.reports(handler)
        self.assertIn('Second door', found)
        self.assertNotIn('More', found)
        answers = handler.must('GET', '/api/reports/' + report['id'])['answers']
        self.assertIn('it moved to', ' '.join(a['text'] for a in answers))
        self.assertEqual([t for t, _ in self.sink.mails if t == 'robot@reader.example'], [], 'a robot was answered')
        self.flood(handler)
        self.assertEqual(len([t for t, _ in self.sink.mails if t == 'saad@reader.example']), 1)
        return report

    def flood(self, handler):
        """Somebody forges a sender: the reports are taken, and the victim gets a few receipts."""
        for i in range(9):
            self.naubat('mail', 'in', '--node', self.node.folder,
                        stdin=mail('victim@reader.example', f'Flood {i}', 'see 203.0.113.7'))
        self.sink.wait_for('victim@reader.example', 5)
        receipt = [m for t, m in self.sink.mails if t == 'victim@reader.example'][0]
        bounce = bounce_of(receipt, 'victim@reader.example').encode()
        self.naubat('mail', 'in', '--node', self.node.folder, stdin=bounce)
        self.assertEqual(len([t for t, _ in self.sink.mails if t == 'victim@reader.example']), 5)
        self.assertFalse('Undelivered Mail' in self.reports(handler), 'a bounce of our own mail is no report')

    def party(self, handler, report):
        opened = handler.must('POST', '/api/incidents', {'reports': [report['id']], 'title': 'Phishing'})
        path = '/api/incidents/' + opened['id']
        handler.must('POST', path + '/parties', {'party': '', 'name': 'Hosting Hall', 'address': 'abuse@hall.example',
                                                 'roles': ['provider']})
        page = handler.must('GET', path)
        hall = next(p['id'] for p in page['parties'] if p['name'] == 'Hosting Hall')
        handler.must('POST', path + '/messages', {
            'recipients': [hall], 'subject': 'Please look', 'text': 'at 203.0.113.9', 'tlp': page['marking']['tlp'],
            'request_hours': 24})
        asked = self.sink.wait_for('abuse@hall.example')
        self.assertNotIn('Auto-Submitted', asked)
        reply_to = email.utils.parseaddr(asked['Reply-To'])[1]
        with smtplib.LMTP(self.lmtp) as door:
            door.sendmail('abuse@hall.example', [reply_to],
                          mail('abuse@hall.example', 'Re: ' + asked['Subject'], 'It is down now.', to=reply_to))
        timeline = handler.must('GET', path + '/timeline')
        self.assertIn('It is down now.', json.dumps(timeline))
        self.assertTrue(wait_until(lambda: handler.must('GET', path)['deliveries'][0]['state'] == 'sent'))
        return path

    def undelivered(self, handler, incident):
        """What the mail server said, or a bounce, stands on the message; it is somebody else's text."""
        bad = '\x1b[31m'
        refusal = f'550 5.1.1 <gone@hall.example> unknown {bad}, see http://hall.example/x'
        self.sink.refuses['gone@hall.example'] = refusal

        def delivery(address):
            page = handler.must('GET', incident)
            return next(d for d in page['deliveries'] if d['address'] == address)

        def ask(name):
            address = f'{name.lower()}@hall.example'
            handler.must('POST', incident + '/parties', {'party': '', 'name': name, 'address': address,
                                                         'roles': ['helper']})
            page = handler.must('GET', incident)
            party = next(p['id'] for p in page['parties'] if p['name'] == name)
            handler.must('POST', incident + '/messages', {'recipients': [party], 'subject': 'To ' + name, 'text': 'x',
                                                          'tlp': page['marking']['tlp'], 'request_hours': 0})
            return address
        gone = ask('Gone')
        self.assertTrue(wait_until(lambda: delivery(gone)['state'] == 'bounced'))
        said = delivery(gone)['detail']
        self.assertRegex(said, r'^the mail server said: 550 5\.1\.1 <gone\[@\].*> unknown .*hxxp://hall\[\.\]example/x')
        self.assertNotIn('\x1b', said)
        late = ask('Late')
        mail = self.sink.wait_for(late)
        self.assertTrue(wait_until(lambda: delivery(late)['state'] == 'sent'))
        self.assertIsNone(delivery(late)['detail'])
        self.naubat('mail', 'in', '--node', self.node.folder,
                    stdin=bounce_of(mail, late, 'Diagnostic-Code: smtp; 552 5.2.2 mailbox \u202efull\r\n').encode())
        self.assertEqual(delivery(late)['state'], 'bounced')
        self.assertEqual(delivery(late)['detail'], 'the mail came back: 5.1.1, 552 5.2.2 mailbox <U+202E>full')
        outbox = {m['address']: m['detail'] for m in handler.must('GET', '/api/outbox')['items']}
        self.assertEqual((outbox[gone], outbox[late]), (said, delivery(late)['detail']))
        lines = handler.must('GET', incident + '/timeline')['items']
        self.assertIn(said, [e['text'] for e in lines if e['shape'] == 'comment'])
        self.assertIn(said, [d['detail'] for e in lines if e['message'] for d in e['message']['deliveries']])

    def kill(self, handler, incident):
        before = (self.reports(handler), handler.must('GET', incident + '/timeline')['items'])
        sent = len(self.sink.mails)
        self.node.end(signal.SIGKILL)
        self.node.start()
        self.assertEqual((self.reports(handler), handler.must('GET', incident + '/timeline')['items']), before)
        self.naubat('mail', 'in', '--node', self.node.folder,
                    stdin=mail('saad@reader.example', 'After the crash', 'still here'))
        self.sink.wait_for('saad@reader.example', 2)
        self.assertEqual(len(self.sink.mails), sent + 1, 'what was sent before went out again')
        self.assertIn('After the crash', self.reports(handler))

    def operator(self):
        def local(path):
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(PATIENCE_S)
                s.connect(str(self.node.folder / 'naubat.sock'))
                s.sendall(f'GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'.encode())
                return b''.join(iter(lambda: s.recv(65536), b'')).decode()
        self.assertEqual((self.node.folder / 'naubat.sock').stat().st_mode & 0o777, 0o600)
        self.assertIn('naubat_commits_total', local('/metrics'))
        self.assertIn('200 OK', local('/healthz'))
        self.assertEqual(local('/api/reports').split()[1], '403', 'the machine\'s operator sees no cases')
        connection = http.client.HTTPSConnection('127.0.0.1', self.node.port, context=self.node.tls)
        connection.request('GET', '/metrics')
        self.assertEqual(connection.getresponse().status, 401)
        connection.close()

    def rebuild(self, store):
        fresh = self.base / 'fresh.db'
        self.assertIn(f'the same as in {store}', self.naubat('journal', 'rebuild', fresh, '--db', store))
        self.assertEqual(self.naubat('journal', 'verify', '--db', fresh).splitlines()[-1],
                         self.naubat('journal', 'verify', '--db', store).splitlines()[-1], 'another root')
        self.assertIn('holds a journal already', self.naubat('journal', 'rebuild', fresh, '--db', store, status=2))

    def test_sqlite(self):
        self.story()
        store, copy = self.node.folder / 'naubat.db', self.base / 'copy'
        self.naubat('journal', 'verify', '--db', store)
        self.rebuild(store)
        self.naubat('backup', copy, '--db', store)
        for file in self.node.folder.glob('naubat.db*'):
            file.unlink()
        self.naubat('restore', copy, '--db', store)
        self.node.start()
        self.naubat('mail', 'in', '--node', self.node.folder,
                    stdin=mail('zara@reader.example', 'To a restored node', 'hello'))
        self.assertEqual(self.node.end(signal.SIGTERM), 0, self.node.errors())
        self.assertNotIn('zara@reader.example', [to for to, _ in self.sink.mails], 'a restored node sent mail')
        self.naubat('restore', '--release', '--db', store)
        self.node.start()
        self.sink.wait_for('zara@reader.example')
        self.assertEqual(self.node.end(signal.SIGTERM), 0, self.node.errors())

    def store_for_postgres(self):
        url = os.environ.get('NAUBAT_TEST_PG')
        if not url or not shutil.which('psql'):
            self.skipTest('NAUBAT_TEST_PG is not set, or psql is not installed')
        name = f'story_{os.getpid()}_{uuid.uuid4().hex[:6]}'
        psql = ['psql', '-q', '-d', url, '-c']
        subprocess.run([*psql, f'CREATE DATABASE {name}'], check=True, timeout=PATIENCE_S)
        self.addCleanup(subprocess.run, [*psql, f'DROP DATABASE IF EXISTS {name} WITH (FORCE)'], timeout=PATIENCE_S)
        parts = urllib.parse.urlsplit(url)
        store = urllib.parse.urlunsplit(parts._replace(path='/' + name))
        store = store if '://' in store else url.replace('/postgres?', f'/{name}?')
        return store

    def test_postgres(self):
        store = self.store_for_postgres()
        self.story('--db', store)
        self.naubat('journal', 'verify', '--db', store)
        self.rebuild(store)

    def test_refusals(self):
        folder = self.base / 'none'
        self.assertIn('naubat init makes one', self.naubat('serve', folder, status=1))
        self.assertIn('--name is missing', self.naubat('init', folder, status=1))
        self.assertIn('no team', self.naubat('init', folder, '--name', 'x', '--regime', 'pakistan-2023', '--team',
                                             'nobody', '--host', 'a.example', '--mail-domain', 'a.example', status=1))
        self.assertIn('DEMO', self.naubat('init', folder, '--name', 'x', '--regime', 'pakistan-2023', '--prefix',
                                          'DEMO', '--host', 'a.example', '--mail-domain', 'a.example', status=1))
        self.assertFalse(folder.exists(), 'a refused init leaves nothing')


if __name__ == '__main__':
    unittest.main()
