#!/usr/bin/env python3
"""That tests/run counts the truth: a test that was skipped, or did not run, never counts as passed."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

RUN = pathlib.Path(__file__).resolve().parent.parent / 'tests/run'

MIXED = '''
import unittest
class A(unittest.TestCase):
    def test_ok(self): pass
    def test_fails(self): self.fail('x')
    @unittest.skip('no server')
    def test_skipped(self): pass
    def test_two_of_four_subtests_fail(self):
        for i in range(4):
            with self.subTest(i=i): self.assertLess(i, 2)
    def test_one_subtest_is_skipped(self):
        for i in range(4):
            with self.subTest(i=i):
                if i == 3: self.skipTest('three')
    @unittest.expectedFailure
    def test_fails_as_expected(self): self.fail('x')
    @unittest.expectedFailure
    def test_passes_unexpectedly(self): pass
class B(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise unittest.SkipTest('all of B')
    def test_1(self): pass
    def test_2(self): pass
class C(unittest.TestCase):
    @classmethod
    def tearDownClass(cls): raise OSError('not clean')
    def test_1(self): pass
@unittest.skip('D')
class D(unittest.TestCase):
    def test_1(self): pass
    def test_2(self): pass
class E(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise OSError('all of E')
    def test_1(self): pass
    def test_2(self): pass
'''


class CountingTest(unittest.TestCase):
    def counts(self, text):
        with tempfile.TemporaryDirectory() as folder:
            story, result = pathlib.Path(folder, 'story_x.py'), pathlib.Path(folder, 'result.json')
            story.write_text(text)
            subprocess.run([sys.executable, RUN, '--one', story, result], capture_output=True)
            if not result.exists():
                return None
            done = json.loads(result.read_text())
            return done['passed'], done['failed'], done['skipped']

    def test_every_kind_of_outcome(self):
        # passed: A ok, A expected, C; failed: three of A, C's clean-up, two of E; skipped: two of A, B, D
        self.assertEqual(self.counts(MIXED), (3, 6, 6))

    def test_module_that_skips(self):
        self.assertEqual(self.counts('import unittest\nraise unittest.SkipTest("none of it")\n'), (0, 0, 1))

    def test_module_that_does_not_load_has_no_counts(self):
        self.assertIsNone(self.counts('import nothing_of_this_name\n'))

    def test_setup_of_module_that_skips(self):
        text = 'import unittest\ndef setUpModule(): raise unittest.SkipTest("x")\n'
        text += 'class A(unittest.TestCase):\n    def test_1(self): pass\n    def test_2(self): pass\n'
        self.assertEqual(self.counts(text), (0, 0, 2))


if __name__ == '__main__':
    unittest.main()
