#!/usr/bin/env python3
"""The real program is killed (SIGKILL) while clients send it reports over TLS: what it acknowledged is there, once.

story_crash.py does the same many more times to the writer alone; here HTTP, intake, numbers and receipts are in it.
    NAUBAT_KILL_ROUNDS=50 tests/story_kill.py        # 5 by default
"""
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
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
CLIENTS = 6


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
        words = ['init', self.base / 'node', '--name', 'National CERT', '--regime', 'pakistan-2023', '--host',
                 'cert.example', '--mail-domain', 'cert.example', '--listen', f'127.0.0.1:{free_port()}', '--admin',
                 'root-desk', '--admin-name', 'Adeel Root', *more]
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

    def rounds(self, *more):
        node, token = self.make(*more)
        token, known, dice, acknowledged = token['token'], {}, random.Random(), 0
        for _ in range(ROUNDS):
            clients = [Client(node, token) for _ in range(CLIENTS)]
            for c in clients:
                c.start()
            time.sleep(dice.uniform(0.05, 0.6))
            node.end(signal.SIGKILL)
            for c in clients:
                c.join(60)
            fresh = {key: receipt for c in clients for key, receipt in c.acknowledged.items()}
            acknowledged += len(fresh)
            fresh.update({c.open: None for c in clients if c.open})
            node.start()
            self.settle(node, token, fresh)
            known.update(fresh)
        self.assertGreater(acknowledged, ROUNDS)
        self.everything(node, token, known)
        with self.assertRaisesRegex(AssertionError, 'was acknowledged'):        # the check can fail
            self.settle(node, token, {str(uuid.uuid4()): next(iter(known.values()))})
        store = 'PostgreSQL' if more else 'SQLite'
        print(f'kill: {ROUNDS} rounds on {store}, {acknowledged} acknowledged over HTTP, 0 lost, 0 doubled', flush=True)
        self.assertEqual(node.end(signal.SIGTERM), 0)
        return known

    def everything(self, node, token, known):
        reader, titles, cursor = Person(node, token), [], ''
        while cursor is not None:
            page = reader.must('GET', '/api/reports?limit=100' + (f'&cursor={cursor}' if cursor else ''))
            titles += [r['title'] for r in page['items']]
            cursor = page['next']
        self.assertEqual(sorted(titles), sorted(known), 'each report once, and no other')
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
