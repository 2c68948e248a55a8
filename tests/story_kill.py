#!/usr/bin/env python3
"""The real program is killed (SIGKILL) while clients send it reports over TLS and mail over LMTP: what it
acknowledged, with a receipt or with 250, is there, once.

story_crash.py does the same many more times to the writer alone; here the doors, intake, numbers and
receipts are in it.
    NAUBAT_KILL_ROUNDS=50 tests/story_kill.py        # 5 by default
"""
import hashlib
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import uuid

sys.path.insert(0, __file__.rsplit('/', 1)[0])
import story_serve  # noqa: E402
from story_serve import NAUBAT, Node, Person, free_port  # noqa: E402

ROUNDS = int(os.environ.get('NAUBAT_KILL_ROUNDS', '5'))
CLIENTS, MAIL_CLIENTS = 6, 4


class Client(threading.Thread):
    """Sends reports, each with its own key, until the node is gone; knows which were acknowledged."""

    def __init__(self, node, token):
        super().__init__()
        self.node, self.token, self.acknowledged, self.open = node, token, {}, None

    def run(self):
        connection = http.client.HTTPSConnection('127.0.0.1', self.node.port, timeout=30, context=self.node.tls)
        try:
            while True:
                self.open = str(uuid.uuid4())
                self.acknowledged[self.open] = send(connection, self.token, self.open)
        except (OSError, http.client.HTTPException):
            pass
        if self.open in self.acknowledged:
            self.open = None


class MailClient(threading.Thread):
    """A mail server that hands over mail after mail until the node is gone; knows which got their 250."""

    def __init__(self, socket):
        super().__init__()
        self.socket, self.acknowledged, self.open = socket, [], None

    def run(self):
        try:
            with smtplib.LMTP(self.socket) as door:
                while True:
                    self.open = f'mail {uuid.uuid4()}'
                    hand_in(door, self.open)
                    self.acknowledged.append(self.open)
                    self.open = None
        except OSError:                             # smtplib's own are among them
            pass


def mail(subject):
    return (f'From: Caller <caller@home.example>\r\nTo: report@cert.example\r\nSubject: {subject}\r\n'
            f'Message-ID: <{subject.split()[1]}@home.example>\r\n\r\nSeen at 192.0.2.77.\r\n.a dot\r\n').encode()


def hand_in(door, subject):
    refused = door.sendmail('caller@home.example', ['report@cert.example'], mail(subject))
    assert refused == {}, refused


def send(connection, token, key):
    connection.request('POST', '/api/reports', json.dumps({'text': f'word {key} of the story', 'title': key}), {
        'Authorization': f'Bearer {token}', 'Content-Type': 'application/json', 'Idempotency-Key': key})
    reply = connection.getresponse()
    body = json.loads(reply.read())
    assert reply.status in (200, 201), (reply.status, body)
    return body['id'], body['number'], body['claim_code'], body['receipt']['leaf_hash']


class Kill(unittest.TestCase):
    def setUp(self):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix='nb-', dir='/tmp'))
        self.addCleanup(shutil.rmtree, self.base, True)

    def make(self, *more):
        self.lmtp = str(self.base / 'lmtp')
        words = ['init', self.base / 'node', '--name', 'National CERT', '--regime', 'pakistan-2023', '--host',
                 'cert.example', '--mail-domain', 'cert.example', '--listen', f'127.0.0.1:{free_port()}', '--admin',
                 'root-desk', '--admin-name', 'Adeel Root', '--lmtp-listen', f'unix:{self.lmtp}', *more]
        said = subprocess.run([NAUBAT, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True)
        conf = (self.base / 'node/node.conf').read_text()
        node = Node(self.base / 'node', int(re.search(r'^listen: .*:(\d+)', conf, re.M)[1]))
        node.start()
        self.addCleanup(node.process.wait)
        self.addCleanup(lambda: node.process.kill())
        admin, handler = Person(node), Person(node)
        admin.sign_in('root-desk', re.search(r'password +(\S+)', said.stdout)[1],
                      re.search(r'otpauth://\S+', said.stdout)[0])
        team = admin.must('GET', '/api/session')['team']['id']
        made = admin.must('POST', '/api/accounts', {'login': 'hana', 'name': 'Hana Desk', 'team': team,
                                                    'roles': ['handler']})
        handler.sign_in('hana', made['password'], made['code_uri'])
        return node, handler.must('POST', '/api/tokens', {'name': 'story', 'scopes': ['report.write', 'case.read']})

    def look(self, store):
        """Somebody reads the store of the node at work, and goes: that takes nothing from under it."""
        done = subprocess.run([NAUBAT, 'journal', 'verify', '--db', store], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def settle(self, node, token, known):
        """Whatever was acknowledged is answered alike again; what was not is settled by its key."""
        connection = http.client.HTTPSConnection('127.0.0.1', node.port, timeout=60, context=node.tls)
        self.addCleanup(connection.close)
        for key, receipt in known.items():
            again = send(connection, token, key)
            if receipt:
                self.assertEqual(again, receipt, f'{key} was acknowledged')
            known[key] = again
            self.assertEqual(send(connection, token, key), again)

    def settle_mail(self, node, token, clients):
        """What got 250 is there before anybody sends it again; then each is sent again, as a mail server may that
        saw its connection break. Returns the subjects that must be there."""
        taken = [subject for c in clients for subject in c.acknowledged]
        self.has_mail(node, token, taken)
        sent = taken + [c.open for c in clients if c.open]
        with smtplib.LMTP(self.lmtp) as door:
            for subject in sent:
                hand_in(door, subject)
        return sent

    def has_mail(self, node, token, taken):
        """Each once, and of the last each client got 250 for every byte."""
        reader = Person(node, token)
        there = {}
        for report in self.reports(reader):
            there.setdefault(report['title'], []).append(report['id'])
        for subject in taken:
            self.assertEqual(len(there.get(subject, ())), 1, f'{subject} got 250')
        for subject in taken[-MAIL_CLIENTS:]:
            kept = reader.must('GET', '/api/reports/' + there[subject][0])['raw']
            self.assertEqual(kept['sha256'], hashlib.sha256(mail(subject)).hexdigest(), subject)

    def rounds(self, *more):
        node, token = self.make(*more)
        token, known, dice, acknowledged, mails, taken = token['token'], {}, random.Random(), 0, [], 0
        for _ in range(ROUNDS):
            clients = [Client(node, token) for _ in range(CLIENTS)]
            mailers = [MailClient(self.lmtp) for _ in range(MAIL_CLIENTS)]
            for c in clients + mailers:
                c.start()
            time.sleep(dice.uniform(0.05, 0.3))
            if dice.random() < 0.5:
                self.look(more[1] if more else self.base / 'node/naubat.db')
            time.sleep(dice.uniform(0, 0.3))
            node.end(signal.SIGKILL)
            for c in clients + mailers:
                c.join(60)
            fresh = {key: receipt for c in clients for key, receipt in c.acknowledged.items()}
            acknowledged += len(fresh)
            fresh.update({c.open: None for c in clients if c.open})
            node.start()
            mails += self.settle_mail(node, token, mailers)
            taken += sum(len(c.acknowledged) for c in mailers)
            self.settle(node, token, fresh)
            known.update(fresh)
        self.assertGreater(acknowledged, ROUNDS)
        self.assertGreater(taken, ROUNDS)
        self.everything(node, token, known, mails)
        with self.assertRaisesRegex(AssertionError, 'was acknowledged'):        # the checks can fail
            self.settle(node, token, {str(uuid.uuid4()): next(iter(known.values()))})
        with self.assertRaisesRegex(AssertionError, 'got 250'):
            self.has_mail(node, token, [f'mail {uuid.uuid4()}'])
        store = 'PostgreSQL' if more else 'SQLite'
        print(f'kill: {ROUNDS} rounds on {store}, {acknowledged} acknowledged over HTTP and {taken} over LMTP, '
              '0 lost, 0 doubled', flush=True)
        self.assertEqual(node.end(signal.SIGTERM), 0)
        return known

    def reports(self, reader):
        cursor = ''
        while cursor is not None:
            page = reader.must('GET', '/api/reports?limit=100' + (f'&cursor={cursor}' if cursor else ''))
            yield from page['items']
            cursor = page['next']

    def everything(self, node, token, known, mails):
        titles = [r['title'] for r in self.reports(Person(node, token))]
        self.assertEqual(sorted(titles), sorted([*known, *mails]), 'each report once, and no other')
        self.assertEqual(len({number for _, number, _, _ in known.values()}), len(known))

    def proof(self, receipt):
        """By the id in the receipt, as whoever got it would ask."""
        store = self.base / 'node/naubat.db'

        def journal(*words):
            done = subprocess.run([NAUBAT, 'journal', *words, '--db', store], capture_output=True, text=True)
            return done.returncode, done.stdout + done.stderr
        self.assertEqual(journal('checkpoint', '--sign', self.base / 'node/node.key', '--name', 'cert.example')[0], 0)
        status, proof = journal('prove', receipt[0])
        self.assertEqual((status, 'tlog-proof' in proof), (0, True), proof)
        self.assertIn('no entry', journal('prove', str(uuid.uuid4()))[1])

    def test_sqlite(self):
        self.proof(next(iter(self.rounds().values())))
        done = subprocess.run([NAUBAT, 'journal', 'verify', '--db', self.base / 'node/naubat.db'],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_postgres(self):
        self.rounds('--db', story_serve.Serve.store_for_postgres(self))


if __name__ == '__main__':
    unittest.main()
