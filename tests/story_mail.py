#!/usr/bin/env python3
"""Mail through every door of `naubat serve`: fetched from Dovecot, handed on by OpenSMTPD, and out through it again.

Each mail ends in a report, in the thread that it belongs to, or in a clear refusal; what was kept is what came, to the
byte.  Who may not be answered never is.  Real mails are used where ../shared (or $NAUBAT_SHARED) has them.
"""
import email.utils
import hashlib
import http.client
import json
import os
import pathlib
import signal
import smtplib
import sys
import time
import unittest

sys.path.insert(0, __file__.rsplit('/', 1)[0])
sys.path.insert(0, __file__.rsplit('/', 1)[0] + '/peers')
import mail_peers  # noqa: E402
import story_serve as serve  # noqa: E402
from node import free_port, wait_until  # noqa: E402
from story_serve import PATIENCE_S, Person, mail  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = pathlib.Path(os.environ.get('NAUBAT_SHARED', ROOT.parent / 'shared')) / 'data/mail'
ARF = b'''From: arf@reader.example
To: cert@cert.example
Subject: Abuse report
Message-ID: <arf-1@reader.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=a

--a
Content-Type: text/plain

This is an abuse report.
--a
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: test/1
Version: 1
Source-IP: 203.0.113.44

--a
Content-Type: message/rfc822

From: spammer@evil.example
Subject: buy

now
--a--
'''.replace(b'\n', b'\r\n')
XARF = json.dumps({
    'xarf_version': '4.0.0', 'report_id': '550e8400-e29b-41d4-a716-446655440000', 'timestamp': '2026-11-24T01:48:10Z',
    'reporter': {'org': 'Reader', 'contact': 'x@reader.example', 'domain': 'reader.example'},
    'sender': {'org': 'Reader', 'contact': 'x@reader.example', 'domain': 'reader.example'},
    'source_identifier': '203.0.113.45', 'category': 'content', 'type': 'phishing', 'url': 'http://evil.example/x'})
BOUNCE = b'''From: MAILER-DAEMON@reader.example
To: cert@cert.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-1@reader.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; reader.example

Final-Recipient: rfc822; gone@reader.example
Action: failed
Status: 5.1.1

--b--
'''.replace(b'\n', b'\r\n')


def multipart(sender, subject, parts):
    head = (f'From: {sender}\r\nTo: cert@cert.example\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n'
            f'Message-ID: <{hashlib.md5(subject.encode()).hexdigest()}@reader.example>\r\n'
            'Content-Type: multipart/mixed; boundary=m\r\n\r\n')
    body = ''.join(f'--m\r\nContent-Type: {kind}\r\n\r\n{text}\r\n' for kind, text in parts)
    return (head + body + '--m--\r\n').encode()


def nested(depth):
    text = 'inside, 203.0.113.50\r\n'
    for n in range(depth):
        text = f'Content-Type: multipart/mixed; boundary=n{n}\r\n\r\n--n{n}\r\n{text}\r\n--n{n}--\r\n'
    return ('From: deep@reader.example\r\nTo: cert@cert.example\r\nSubject: Nested\r\nMIME-Version: 1.0\r\n'
            'Message-ID: <deep@reader.example>\r\n' + text).encode()


class Mail(unittest.TestCase):
    naubat, make = serve.Serve.naubat, serve.Serve.make

    def setUp(self):
        for peer in (mail_peers.Dovecot, mail_peers.OpenSmtpd):
            self.addCleanup(peer.doClassCleanups)
        self.imap = mail_peers.Dovecot
        self.imap.setUpClass()
        self.lmtp_port = free_port()
        serve.Serve.setUp(self)
        self.smtp = mail_peers.OpenSmtpd
        self.smtp.start('cert.example', self.lmtp_port, self.sink.server_address[1])
        password, uri = self.make('--lmtp-listen', f'127.0.0.1:{self.lmtp_port}')
        self.configure()
        admin = Person(self.node)
        admin.sign_in('root-desk', password, uri)
        made = admin.must('POST', '/api/accounts', {
            'login': 'hana', 'name': 'Hana Desk', 'team': admin.must('GET', '/api/session')['team']['id'],
            'roles': ['handler', 'shift_lead']})
        self.handler = Person(self.node)
        self.handler.sign_in('hana', made['password'], made['code_uri'])

    def stop(self):
        self.assertEqual(self.node.end(signal.SIGTERM), 0, self.node.errors())

    def configure(self):
        self.stop()
        conf = self.node.folder / 'node.conf'
        lines = [line for line in conf.read_text().splitlines() if not line.startswith(('smtp_port', 'imap_'))]
        conf.write_text('\n'.join(lines) + f'''
smtp_port: {self.smtp.port}
imap_host: 127.0.0.1
imap_port: {self.imap.port}
imap_tls: required
imap_ca: {self.imap.folder / 'cert.pem'}
imap_user: cert
imap_password: pass word
imap_seconds: 1
''')
        self.node.start()

    def fetched(self, name, content):
        new = self.imap.home / 'Maildir/new' / name
        (self.imap.home / 'Maildir/tmp' / name).write_bytes(content)
        os.chown(self.imap.home / 'Maildir/tmp' / name, *self.imap.owner)
        (self.imap.home / 'Maildir/tmp' / name).rename(new)

    def handed_on(self, sender, content, to='cert@cert.example'):
        with smtplib.SMTP('127.0.0.1', self.smtp.port, timeout=PATIENCE_S) as door:
            door.sendmail(sender, [to], content)

    def reports(self):
        found, cursor = {}, ''
        while True:
            page = self.handler.must('GET', '/api/reports?limit=100&state=all' + cursor)
            found.update({r['title']: r for r in page['items']})
            if not page['next']:
                return found
            cursor = '&cursor=' + page['next']

    def wait_for_reports(self, *titles):
        found = wait_until(lambda: (lambda r: r if all(t in r for t in titles) else None)(self.reports()), PATIENCE_S)
        self.assertTrue(found, f'not there: {set(titles) - set(self.reports())}\n{self.node.errors()}')
        return found

    def original(self, report):
        connection = http.client.HTTPSConnection('127.0.0.1', self.node.port, timeout=PATIENCE_S, context=self.node.tls)
        connection.request('GET', f'/api/reports/{report["id"]}/raw', None, {'Cookie': self.handler.cookie})
        reply = connection.getresponse()
        data = reply.read()
        connection.close()
        self.assertEqual(reply.status, 200, data[:300])
        return data

    def test_every_door(self):
        fetched = {
            'Plain': mail('plain@reader.example', 'Plain', 'host 203.0.113.40'),
            'Several parts': multipart('parts@reader.example', 'Several parts', [
                ('text/plain', 'see the file, 203.0.113.41'), ('application/octet-stream; name=x.bin', 'bytes')]),
            'Abuse report': ARF,
            'Machine report': multipart('x@reader.example', 'Machine report', [
                ('text/plain', 'A report.'), ('application/json; name=xarf.json', XARF)]),
            'Undelivered Mail Returned to Sender': BOUNCE,
            'Away': mail('away@reader.example', 'Away', 'I am away', more='Auto-Submitted: auto-replied\r\n'),
            'A list': mail('list@reader.example', 'A list', 'hello all',
                           more='List-Id: <l.reader.example>\r\nPrecedence: bulk\r\n'),
            'Nested': nested(60),
            'Cut off': multipart('cut@reader.example', 'Cut off', [('text/plain', 'half of it')])[:-30],
            'Wrong charset': mail('charset@reader.example', 'Wrong charset', 'xyz',
                                  more='Content-Type: text/plain; charset=klingon-8\r\n'
                                  ).replace(b'xyz', bytes(range(128, 256))),
        }
        for n, content in enumerate(fetched.values()):
            self.fetched(f'{n}.a.b', content)
        found = self.wait_for_reports(*fetched)
        for title, content in fetched.items():
            self.assertEqual(self.original(found[title]), content, f'{title}: kept otherwise than it came')
        told = {o['value'] for t in ('Abuse report', 'Machine report')
                for o in self.handler.must('GET', '/api/reports/' + found[t]['id'])['observables']}
        self.assertTrue({'203[.]0[.]113[.]44', '203[.]0[.]113[.]45'} <= told, told)

        self.handed_on('omar@reader.example', mail('omar@reader.example', 'By relay', 'host 203.0.113.42'))
        self.naubat('mail', 'in', '--node', self.node.folder,
                    stdin=mail('pipe@reader.example', 'By pipe', 'host 203.0.113.43'))
        self.wait_for_reports('By relay', 'By pipe')
        for to in ('plain', 'parts', 'omar', 'pipe'):
            self.sink.wait_for(f'{to}@reader.example')
        self.threads()
        self.nobody_else()
        self.stop()

    def threads(self):
        receipt = self.sink.wait_for('plain@reader.example')
        reply_to = email.utils.parseaddr(receipt['Reply-To'])[1]
        number = self.reports()['Plain']['number']
        report = '/api/reports/' + self.reports()['Plain']['id']
        # Our own receipt comes back: a loop.
        self.fetched('loop.a.b', receipt.as_bytes().replace(b'\n', b'\r\n'))
        self.handed_on('plain@reader.example', mail('plain@reader.example', 'Re: anything', 'by its token'), reply_to)
        self.handed_on('stranger@reader.example', mail('stranger@reader.example', f'Re: [{number}]', 'by number only'))

        def answers():
            texts = [a['text'] for a in self.handler.must('GET', report)['answers']]
            return all(any(words in t for t in texts) for words in ('by its token', 'by number only'))
        self.assertTrue(wait_until(answers, PATIENCE_S), self.handler.must('GET', report)['answers'])
        for title in ('Re: anything', f'Re: [{number}]'):
            self.assertNotIn(title, self.reports(), 'an answer became a report')

    def nobody_else(self):
        """A program, a list, a bounce and a loop are not answered, then or later; a person once."""
        self.fetched('last.a.b', mail('last@reader.example', 'The last', 'x'))
        self.sink.wait_for('last@reader.example')
        to = sorted(t for t, _ in self.sink.mails)
        allowed = {f'{n}@reader.example' for n in ('plain', 'parts', 'omar', 'pipe', 'last', 'x', 'arf', 'deep', 'cut',
                                                   'charset')}
        self.assertEqual(set(to) - allowed, set(), 'somebody was answered who must not be')
        self.assertEqual(len(to), len(set(to)), f'somebody was answered twice: {to}')

    def test_large_and_real(self):
        big = mail('big@reader.example', 'Fifty megabytes', 'x')[:-2] + b'0123456789abcde\r\n' * (50 << 20 >> 4)
        said = self.naubat('mail', 'in', '--node', self.node.folder, stdin=big, status=1)
        self.assertRegex(said, r'larger than|at most')
        almost = mail('almost@reader.example', 'Twenty megabytes', 'x')[:-2] + b'0123456789abcde\r\n' * (20 << 20 >> 4)
        start = time.monotonic()
        self.naubat('mail', 'in', '--node', self.node.folder, stdin=almost)
        print(f'a mail of 20 MB: {time.monotonic() - start:.1f} s', flush=True)
        kept = self.original(self.wait_for_reports('Twenty megabytes')['Twenty megabytes'])
        self.assertEqual(hashlib.sha256(kept).hexdigest(), hashlib.sha256(almost).hexdigest())
        if not SHARED.is_dir():
            self.stop()
            self.skipTest(f'there is no {SHARED} with real mails')
        before, refused, known = len(self.reports()), 0, {}
        files = sorted(SHARED.rglob('*.eml'))
        for file in files:
            known.setdefault(hashlib.sha256(file.read_bytes()).hexdigest(), file.name)
        for file in files:
            try:
                self.naubat('mail', 'in', '--node', self.node.folder, stdin=file.read_bytes())
            except AssertionError as error:
                refused += 1
                self.assertIn('naubat:', str(error), file)
        rows, cursor = [], ''
        while True:
            page = self.handler.must('GET', '/api/reports?limit=100&state=all' + cursor)
            rows += page['items']
            if not page['next']:
                break
            cursor = '&cursor=' + page['next']
        kept = {self.handler.must('GET', '/api/reports/' + r['id'])['raw']['sha256'] for r in rows}
        lost = [name for digest, name in known.items() if digest not in kept]
        print(f'real mails: {len(files)}, {len(rows) - before} reports, {refused} refused', flush=True)
        self.assertLessEqual(len(lost), refused, f'neither kept nor refused: {lost}')
        self.stop()


if __name__ == '__main__':
    unittest.main()
