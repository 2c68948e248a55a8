#!/usr/bin/env python3
"""Mail that cannot be read here is kept, receipted and shown so; a number in a subject alone vouches for nobody."""
import hashlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, __file__.rsplit('/', 1)[0])
import story_kill  # noqa: E402
from story_serve import NAUBAT, Person  # noqa: E402

ARMOUR = '-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA0abc\r\n-----END PGP MESSAGE-----\r\n'
MIME = 'MIME-Version: 1.0\r\nContent-Type: '
SEALED = {
    'zoe': f'{MIME}multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"\r\n\r\n--b\r\nContent-Type: '
           'application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--b\r\nContent-Type: application/octet-stream; '
           f'name="encrypted.asc"\r\n\r\n{ARMOUR}--b--\r\n',
    'yan': f'\r\n{ARMOUR}',
    'xi': f'{MIME}application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n'
          'Content-Transfer-Encoding: base64\r\n\r\nMIIB\r\n',
}


def mail(sender, subject, rest):
    return (f'From: <{sender}@reader.example>\r\nTo: cert@cert.example\r\nSubject: {subject}\r\n'
            f'Message-ID: <{sender}@reader.example>\r\n{rest}').encode()


class Unreadable(unittest.TestCase):
    def setUp(self):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix='nb-', dir='/tmp'))
        self.addCleanup(shutil.rmtree, self.base, True)
        self.node, token = story_kill.Kill.make(self)
        self.reader = Person(self.node, token['token'])

    def arrives(self, raw):
        done = subprocess.run([NAUBAT, 'mail', 'in', '--node', self.node.folder], input=raw, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_encrypted(self):
        sent = {who: mail(who, f'from {who}', rest) for who, rest in SEALED.items()}
        for raw in sent.values():
            self.arrives(raw)
        reports = {r['title'].split()[-1]: r['id'] for r in self.reader.must('GET', '/api/reports')['items']}
        for who, raw in sent.items():
            with self.subTest(who):
                report = self.reader.must('GET', '/api/reports/' + reports[who])
                self.assertIn('unreadable', report['flags'])
                self.assertEqual(report['raw'], {'sha256': hashlib.sha256(raw).hexdigest(), 'size': len(raw)})
                self.assertTrue(report['text'])
        receipts = {o['address'] for o in self.reader.must('GET', '/api/outbox')['items']}
        self.assertEqual(receipts, {f'{who}@reader.example' for who in sent})

    def test_the_number_alone(self):
        self.arrives(mail('first', 'A scan', '\r\nof 203.0.113.9\r\n'))
        number = self.reader.must('GET', '/api/reports')['items'][0]['number']
        self.arrives(mail('stranger', f'Re: {number}', '\r\nI am the bank.\r\n'))
        reports = self.reader.must('GET', '/api/reports')['items']
        self.assertEqual([r['number'] for r in reports], [number], 'it is filed, not new')
        answers = self.reader.must('GET', '/api/reports/' + reports[0]['id'])['answers']
        self.assertEqual([a['text'] for a in answers if a['direction'] == 'in'], ['I am the bank.'])
        self.assertEqual([a['verified'] for a in answers], [True, False])


if __name__ == '__main__':
    unittest.main()
