#!/usr/bin/env python3
"""A full disk, and a database server that drops its clients: a clear error, nothing lost, nothing twice.

The work is tests/crash/crash_child's, the judgement crash_check's; see story_crash.py.
"""
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import time
import unittest

from story_crash import CHECK, HERE, PATIENCE_S, Child, cluster


def psql():
    found = shutil.which('psql')
    if not found:
        raise unittest.SkipTest('psql is not installed')
    return found


class Faults(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='naubat-faults-'))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.ledger = self.folder / 'ledger'
        self.ledger.touch()

    def create(self, store):
        subprocess.run([CHECK, '--create', store], check=True, timeout=PATIENCE_S, capture_output=True)

    def check(self, store, number):
        done = subprocess.run([CHECK, store, self.ledger, f'r{number}', self.folder / f'fresh-{number}.db'],
                              capture_output=True, text=True, timeout=PATIENCE_S * 5)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr[-4000:])
        return [int(word) for word in done.stdout.split()]

    def progress(self):
        """More is acknowledged. Mostly the child never hears of it: the writer connects again and tries again."""
        size, deadline = self.ledger.stat().st_size, time.monotonic() + PATIENCE_S
        while b'\n! ' not in self.ledger.read_bytes()[size:]:
            self.assertLess(time.monotonic(), deadline, 'nothing was acknowledged any more')
            time.sleep(0.01)

    def mount(self, size):
        disk = self.folder / 'disk'
        disk.mkdir()
        done = subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={size},mode=0700', 'tmpfs', disk],
                              capture_output=True, text=True)
        if done.returncode:
            self.skipTest(f'a small disk cannot be mounted here: {done.stderr.strip()}')
        self.addCleanup(subprocess.run, ['umount', '-l', disk], capture_output=True)
        return disk

    def test_full_disk(self):
        disk = self.mount('12m')
        store = str(disk / 'store.db')
        self.create(store)
        child = Child(store, 7, 1, self.ledger)
        try:
            child.hear('ready')
            self.assertEqual(child.process.wait(PATIENCE_S * 2), 1)
            said = child.process.stderr.read().decode()
        finally:
            child.close()
        self.assertRegex(said, r'(?i)disk|full|space')
        subprocess.run(['mount', '-o', 'remount,size=64m', disk], check=True)
        before = self.check(store, 1)
        child = Child(store, 8, 2, self.ledger)
        try:
            child.hear('ready')
            time.sleep(0.5)
            child.kill()
        finally:
            child.close()
        after = self.check(store, 2)
        self.assertGreater(after[1], before[1])
        print(f'full disk: {before[1]:,} acknowledged when it was full, {after[1]:,} when there was room again, '
              f'{after[2]} lost, {after[3]} doubled; it said: {said.strip().splitlines()[0][:120]}', flush=True)

    def test_lost_connections(self):
        program = psql()
        folder = tempfile.mkdtemp(prefix='naubat-pg-', dir='/tmp')
        self.addCleanup(shutil.rmtree, folder, True)
        url = cluster('start', folder)
        self.addCleanup(subprocess.run, [HERE / 'pg_cluster.sh', 'stop', folder], capture_output=True, timeout=120)
        self.create(url)
        chance, rounds = random.Random(int(os.environ.get('NAUBAT_CRASH_SEED', '5'))), 12
        child = Child(url, 9, 1, self.ledger)
        try:
            child.hear('ready')
            for _ in range(rounds):
                time.sleep(chance.uniform(0.02, 0.2))
                done = subprocess.run([program, '-qAt', url, '-c', 'SELECT count(pg_terminate_backend(pid)) FROM '
                                       "pg_stat_activity WHERE application_name = 'naubat'"], capture_output=True,
                                      text=True, timeout=PATIENCE_S)
                self.assertEqual((done.returncode, done.stdout.strip()), (0, '1'), done.stderr)
                self.progress()
            child.kill()
        finally:
            child.close()
        tally = self.check(url, 1)
        print(f'lost connections: {rounds}, {tally[1]:,} acknowledged, {tally[2]} lost, {tally[3]} doubled, '
              f'{tally[4]} settled by key', flush=True)


if __name__ == '__main__':
    unittest.main()
