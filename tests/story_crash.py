#!/usr/bin/env python3
"""Killed at any moment: nothing acknowledged is lost, nothing is there twice, the state is what the journal says.

Rounds on one store: crash_child works on it until it is killed (SIGKILL), then crash_check looks (tests/crash/).
On PostgreSQL every fifth round the server goes down as in a power cut and comes back, under a child that lives on.
20 rounds an engine; NAUBAT_CRASH_ROUNDS=200 for more, NAUBAT_CRASH_SEED to repeat the choices of one run.

What this cannot show: that a disk keeps what it said it has written. SIGKILL leaves the kernel's cache alone.
"""
import contextlib
import os
import pathlib
import random
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TREE = pathlib.Path(os.environ.get('NAUBAT', HERE.parent / 'build-asan/src/naubat')).resolve().parent.parent
CHILD, CHECK = TREE / 'tests/crash/crash_child', TREE / 'tests/crash/crash_check'
ROUNDS = int(os.environ.get('NAUBAT_CRASH_ROUNDS', '20'))
SEED = int(os.environ.get('NAUBAT_CRASH_SEED', random.SystemRandom().randrange(1 << 30)))
REBUILD_EVERY = 5
PATIENCE_S = 60


def cluster(command, folder):
    done = subprocess.run([HERE / 'pg_cluster.sh', command, folder], capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise unittest.SkipTest(f'no private PostgreSQL: {done.stderr.strip()}')
    return done.stdout.strip()


class Child:
    """crash_child, and what it says on its pipe."""

    def __init__(self, store, seed, number, ledger):
        self.process = subprocess.Popen([CHILD, store, str(seed), f'r{number}', ledger], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def hear(self, word):
        """Reads lines until one is `word`; an end of the child or of patience is a failure."""
        deadline, text = time.monotonic() + PATIENCE_S, b''
        fd = self.process.stdout.fileno()
        while word.encode() not in text.split(b'\n')[:-1]:
            if not select.select([fd], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f'the child did not say "{word}" within {PATIENCE_S} s')
            got = os.read(fd, 65536)
            if not got:
                raise AssertionError(f'the child ended: {self.process.stderr.read().decode()[-2000:]}')
            text += got

    def kill(self):
        if self.process.poll() is not None:
            raise AssertionError(f'the child ended by itself: {self.process.stderr.read().decode()[-2000:]}')
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


class Crash(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='naubat-crash-'))
        self.addCleanup(shutil.rmtree, self.folder, True)

    def check(self, store, ledger, number, rebuild):
        fresh = self.folder / f'fresh-{number}.db'
        done = subprocess.run([CHECK, store, ledger, f'r{number}', *([fresh] if rebuild else [])],
                              capture_output=True, text=True, timeout=PATIENCE_S * 5)
        for file in self.folder.glob(f'fresh-{number}.db*'):
            file.unlink()
        self.assertEqual(done.returncode, 0, f'round {number}, seed {SEED}: {done.stdout}{done.stderr[-4000:]}')
        return [int(word) for word in done.stdout.split()]

    def rounds(self, name, store, power_cut=None):
        chance = random.Random(SEED)
        ledger = self.folder / 'ledger'
        ledger.touch()
        done = subprocess.run([CHECK, '--create', store], capture_output=True, text=True, timeout=PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        tally, settled, cuts = [0] * 5, 0, 0
        for number in range(1, ROUNDS + 1):
            child = Child(store, chance.randrange(1 << 30), number, ledger)
            try:
                child.hear('ready')
                time.sleep(chance.uniform(0.01, 0.6))      # the moment is the test
                if power_cut and number % 5 == 0:
                    power_cut(child)
                    cuts += 1
                child.kill()
            finally:
                child.close()
            tally = self.check(store, ledger, number, number % REBUILD_EVERY == 0 or number == ROUNDS)
            settled += tally[4]
        entries, acknowledged, lost, doubled, _ = tally
        self.assertGreater(acknowledged, ROUNDS)
        print(f'crash: {ROUNDS} rounds on {name}, {acknowledged:,} acknowledged, {lost} lost, {doubled} doubled; '
              f'{entries:,} entries, {settled:,} settled by key'
              + (f', {cuts} power cuts of the server' if cuts else '') + f' (seed {SEED})', flush=True)

    def test_sqlite(self):
        self.rounds('sqlite', str(self.folder / 'store.db'))

    def test_the_check_can_fail(self):
        """A store that lost its last commit, and an entry that was altered, are both found."""
        store, ledger = str(self.folder / 'store.db'), self.folder / 'ledger'
        subprocess.run([CHECK, '--create', store], check=True, timeout=PATIENCE_S)
        child = Child(store, SEED, 1, ledger)
        try:
            child.hear('ready')
            time.sleep(0.3)
            child.kill()
        finally:
            child.close()
        self.check(store, ledger, 1, False)
        acknowledged = [line for line in ledger.read_text().splitlines() if line.startswith('!')]
        key, act, seq, hash_ = acknowledged[-1].split()[1:]
        for planted, words in ((f'! {key}9 {act} {seq} {hash_}', 'acknowledged and not there'),
                               (f'! {key} {act} {int(seq) + 1} {hash_}', 'acknowledged and not there')):
            text = ledger.read_text().replace(acknowledged[-1], planted)
            other = self.folder / 'planted'
            other.write_text(text)
            done = subprocess.run([CHECK, store, other, 'none'], capture_output=True, text=True, timeout=PATIENCE_S)
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stderr)
        with contextlib.closing(sqlite3.connect(store)) as db:
            db.execute("UPDATE journal_entry SET payload = replace(payload, 'marker', 'Marker') WHERE kind = ?",
                       ('report.content',))
            db.commit()
        done = subprocess.run([CHECK, store, ledger, 'none'], capture_output=True, text=True, timeout=PATIENCE_S)
        self.assertEqual(done.returncode, 1)
        self.assertIn('whose payload is another', done.stderr)

    def test_postgres(self):
        folder = tempfile.mkdtemp(prefix='naubat-pg-', dir='/tmp')
        self.addCleanup(shutil.rmtree, folder, True)
        url = cluster('start', folder)
        self.addCleanup(subprocess.run, [HERE / 'pg_cluster.sh', 'stop', folder], capture_output=True, timeout=120)

        def power_cut(child):
            cluster('halt', folder)
            cluster('resume', folder)
            child.hear('again')

        self.rounds('postgresql', url, power_cut)


if __name__ == '__main__':
    if not CHILD.exists():
        sys.exit(f'{CHILD} is not built')
    unittest.main()
