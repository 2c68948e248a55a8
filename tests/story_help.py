"""Every command says what it does: `naubat help COMMAND` and `naubat COMMAND --help`, as naubat(1) promises."""
import importlib.util
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, __file__.rsplit('/', 1)[0])
from node import NAUBAT  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent


def call(*words):
    return subprocess.run([NAUBAT, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


class Help(unittest.TestCase):
    def test_of_every_command(self):
        commands = re.findall(r'^  (\w+) ', call('help').stdout, re.M)
        self.assertGreater(len(commands), 10)
        for command in commands:
            asked = call(command, '--help')
            self.assertEqual((asked.returncode, asked.stderr), (0, ''), command)
            self.assertRegex(asked.stdout, r'^usage:', command)
            # "incident" is "case", which names itself.
            self.assertIn(f'naubat {command if command != "incident" else "case"}', asked.stdout)
            self.assertEqual(call('help', command).stdout, asked.stdout)

    def test_of_second_words(self):
        for words in (('journal', 'verify'), ('journal', 'rebuild'), ('regime', 'check'), ('regime', 'adopt'),
                      ('regime', 'list'), ('mail', 'in')):
            asked = call(*words, '--help')
            self.assertEqual((asked.returncode, asked.stderr), (0, ''), words)
            self.assertRegex(asked.stdout, r'^usage:', words)

    def test_of_all_that_the_manual_describes(self):
        """Each command of naubat(1) stands in the help of its first word, and no other does."""
        spec = importlib.util.spec_from_file_location('test_share', ROOT / 'tools/test_share.py')
        share = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(share)
        manual, helped = share.commands_of_manual(), set()
        for first in re.findall(r'^  (\w+) ', call('help').stdout, re.M):
            said = call('help', first).stdout
            verbs = set(re.findall(rf'^(?:usage:)? +naubat {first} ([a-z][a-z-]*)', said, re.M))
            helped |= {f'{first} {v}' for v in verbs} or {first}
        manual = {c for c in manual if not c.startswith('incident ')} | {'incident'}
        self.assertEqual(helped, manual)

    def test_of_what_there_is_not(self):
        for words in (('help', 'nonsense'), ('nonsense',), ()):
            asked = call(*words)
            self.assertEqual((asked.returncode, asked.stdout), (2, ''), words)
            self.assertIn('usage: naubat COMMAND', asked.stderr)


if __name__ == '__main__':
    unittest.main()
