#!/usr/bin/env python3
"""A disk that fails under a real node: what was acknowledged is there, what was not was refused, and why is said.

tests/faults/disk_fault is preloaded into `naubat serve` and fails when it is told to.  SQLite's store only: a
PostgreSQL server answers for its own disk.
"""
import http.client
import json
import os
import pathlib
import socket
import sys
import threading
import time
import unittest
import uuid

sys.path.insert(0, __file__.rsplit('/', 1)[0])
import story_serve  # noqa: E402
from story_serve import NAUBAT, PATIENCE_S, mail  # noqa: E402
from node import wait_until  # noqa: E402

SHIM = pathlib.Path(NAUBAT).resolve().parent.parent / 'tests/faults/libdisk_fault.so'
EX_IOERR = 74


class Socket(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__('localhost', timeout=PATIENCE_S)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE_S)
        self.sock.connect(self.path)


class Disk(unittest.TestCase):
    make, naubat = story_serve.Serve.make, story_serve.Serve.naubat

    def setUp(self):
        story_serve.Serve.setUp(self)
        if not SHIM.exists():
            self.skipTest(f'{SHIM} was not built')
        self.faults = self.base / 'faults'
        self.faults.mkdir()
        self.make()
        self.node.end(15)
        self.node.environment = {'LD_PRELOAD': str(SHIM), 'NAUBAT_FAULT': str(self.faults),
                                 'NAUBAT_FAULT_STORE': str(self.node.folder / 'naubat.db'),
                                 'ASAN_OPTIONS': 'verify_asan_link_order=0'}
        self.node.start()

    def ask(self, method, path, body=None):
        connection = Socket(str(self.node.folder / 'naubat.sock'))
        try:
            connection.request(method, path, body, {'Content-Type': 'message/rfc822'} if body else {})
            reply = connection.getresponse()
            return reply.status, reply.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ''
        finally:
            connection.close()

    def send(self, bytes_):
        return self.ask('POST', '/api/mail', bytes_)

    def test_failed_flush(self):
        self.fail_at('fsync', 'failed flush')

    def test_failed_flush_of_the_pages(self):
        """Receipts need the log alone; the copying of it to its pages, aside, fails as loudly."""
        self.fail_at('fsync-pages', 'failed flush of the pages', 'x' * 100000)

    def fail_at(self, fault, name, more=''):
        acknowledged, refused, stop = [], [], threading.Event()

        def work():
            while not stop.is_set():
                letter = mail('a@reader.example', str(uuid.uuid4()), 'see 203.0.113.7 ' + more)
                status, text = self.send(letter)
                (acknowledged if status == 201 else refused).append((letter, status, text))
                if status != 201:
                    return
        workers = [threading.Thread(target=work) for _ in range(8)]
        for w in workers:
            w.start()
        self.assertTrue(wait_until(lambda: len(acknowledged) > 50), self.node.errors())
        (self.faults / fault).touch()
        for w in workers:
            w.join(PATIENCE_S)
        stop.set()
        status = self.node.process.wait(PATIENCE_S)
        self.node.log.close()
        said = self.node.errors()
        self.assertEqual(status, EX_IOERR, said)
        self.assertIn('store.failed', said)
        self.assertIn('could not be written to disk', said)
        self.assertIn('smartctl', said)
        for _, code, text in refused:
            self.assertIn(code, (0, 503), text)
        (self.faults / fault).unlink()
        self.assertIn('could not be written to disk', (self.node.folder / 'last-words').read_text())
        self.node.start()
        self.assertIn('node.after_failure', self.node.errors())
        self.assertFalse((self.node.folder / 'last-words').exists())
        for letter, _, _ in acknowledged:
            status, text = self.send(letter)
            self.assertEqual((status, json.loads(text)['known']), (200, True), 'acknowledged and lost')
        for letter, _, _ in refused:                        # settled by its key: once, whatever became of it
            self.assertIn(self.send(letter)[0], (200, 201))
            self.assertEqual(self.send(letter)[0], 200)
        self.assertEqual(self.node.end(15), 0)
        self.naubat('journal', 'verify', '--db', self.node.folder / 'naubat.db')
        print(f'{name}: {len(acknowledged)} acknowledged, none lost; {len(refused)} refused; status {EX_IOERR}',
              flush=True)

    def test_full_disk(self):
        self.assertEqual(self.send(mail('a@reader.example', 'before', 'x'))[0], 201)
        self.assertEqual(self.ask('GET', '/healthz')[0], 200)
        (self.faults / 'full').touch()
        letter = mail('a@reader.example', 'while full', 'x' * 5000)
        refused = wait_until(lambda: (lambda r: r if r[0] != 201 else None)(
            self.send(mail('a@reader.example', str(uuid.uuid4()), 'x' * 50000))))
        self.assertEqual(refused[0], 507, refused)
        self.assertIn('made room', json.loads(refused[1])['detail'])
        self.assertEqual(self.send(letter)[0], 507)
        status, text = self.ask('GET', '/healthz')
        self.assertEqual(status, 503, text)
        self.assertIn('full', text)
        self.assertIsNone(self.node.process.poll(), 'a full disk ends no node')
        (self.faults / 'full').unlink()
        self.assertEqual(self.send(letter)[0], 201, 'there is room again')
        self.assertEqual(self.ask('GET', '/healthz')[0], 200)
        self.assertEqual(self.node.end(15), 0)
        self.naubat('journal', 'verify', '--db', self.node.folder / 'naubat.db')


if __name__ == '__main__':
    unittest.main()
