#!/usr/bin/env python3
"""What is installed beside the program: manual and completion agree, and systemd understands the unit."""
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

SHARE = pathlib.Path(__file__).resolve().parent.parent / 'share'


def commands_of_manual():
    """Each "word" or "word word" in bold at the head of an entry."""
    text = (SHARE / 'naubat.1').read_text()
    text = text[text.index('.SH RUNNING'):text.index('.SH OPTIONS')]
    found = set()
    for head in re.findall(r'^\.TP\n\.BR? (.*)$', text, re.M):
        for quoted, plain in re.findall(r'"([a-z]+ [a-z\\-]+)"|(?:^|, )([a-z]+)\b', head):
            found.add((quoted or plain).replace('\\', ''))
    return found


def complete(*words):
    script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _naubat; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(['bash', '-c', script, 'bash', SHARE / 'naubat.bash', 'naubat', *words],
                          capture_output=True, text=True, check=True)
    return set(done.stdout.split())


class ShareTest(unittest.TestCase):
    def test_completion_offers_what_the_manual_describes(self):
        for command in commands_of_manual():
            with self.subTest(command=command):
                first, *rest = command.split()
                self.assertIn(first, complete(''))
                if rest:
                    self.assertIn(rest[0], complete(first, ''))

    def test_completion_offers_nothing_else(self):
        manual = commands_of_manual()
        for first in complete('') - {'help', '--help', '--version'}:
            if first in manual:
                continue
            offered = {f'{first} {second}' for second in complete(first, '') if second[0] != '-'}
            self.assertEqual(offered, {c for c in manual if c.startswith(first + ' ')})

    def test_manual_knows_what_the_program_can_do(self):
        main = (SHARE.parent / 'src/app/main.c').read_text()
        landed = set(re.findall(r'^\t\{ "([a-z]+)",', main, re.M))
        absent = set(re.search(r'^\.\\" Not landed:(.*)$', (SHARE / 'naubat.1').read_text(), re.M)[1].split())
        self.assertTrue(landed)
        self.assertEqual({c.split()[0] for c in commands_of_manual()}, landed | absent)
        self.assertEqual(landed & absent, set(), 'these run by now: take them off the line "Not landed"')

    def test_scopes_are_those_of_the_program(self):
        table = (SHARE.parent / 'src/access/token.c').read_text()
        scopes = set(re.findall(r'^\t\{ "([a-z.]+)", MAY_', table, re.M))
        self.assertGreater(len(scopes), 5)
        self.assertEqual(complete('token', 'make', '--scopes', ''), scopes)
        entry = re.search(r'token make.*?\.TP', (SHARE / 'naubat.1').read_text(), re.S)[0]
        self.assertEqual({s for s in scopes if s not in entry}, set())

    def test_completion_of_a_begun_word(self):
        self.assertEqual(complete('journal', 'pr'), {'prove'})
        self.assertEqual(complete('case', 'list', '--state', 'wai'), {'waiting'})

    def test_manual_formats_without_a_warning(self):
        if not shutil.which('groff'):
            self.skipTest('groff is not installed')
        command = ['groff', '-man', '-Tutf8', '-ww', '-z', SHARE / 'naubat.1']
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ''))

    def test_systemd_understands_the_unit(self):
        if not shutil.which('systemd-analyze'):
            self.skipTest('systemd-analyze is not installed')
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder, 'naubat.service')
            text = (SHARE / 'naubat.service.in').read_text()
            unit.write_text(text.replace('@bindir@/naubat', '/bin/true'))
            done = self.analyze('verify', '--man=no', unit)
            mine = [line for line in done.stderr.splitlines() if 'naubat.service' in line]
            self.assertEqual((done.returncode, mine), (0, []), done.stderr)
            done = self.analyze('security', '--offline=true', '--threshold=20', unit)   # 2.0 of 10
            self.assertEqual(done.returncode, 0, done.stdout[-2000:])

    def analyze(self, *words):
        return subprocess.run(['systemd-analyze', *words], capture_output=True, text=True)


if __name__ == '__main__':
    unittest.main()
