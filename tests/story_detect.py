#!/usr/bin/env python3
"""naubat detect, rules, search, logons, metrics over small logs: every option, every output, every exit status."""
import csv
import gzip
import html.parser
import io
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, __file__.rsplit('/', 1)[0])
from node import NAUBAT  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = pathlib.Path(os.environ.get('NAUBAT_SHARED', ROOT.parent / 'shared'))
EVIL = '\x1b]0;owned\x07\x1b[2J<script>alert(1)</script>\u202egpj.exe=cmd|calc'

RULE = '''title: {title}
id: {id}
status: {status}
author: Ada, Grace
level: {level}
tags:
    - attack.execution
    - attack.{tag}
logsource:
    product: windows
    category: process_creation
detection:
    selection:
        CommandLine|contains: '{word}'
    condition: selection
'''
MIMI, WHO, ODD, NOTE = (f'{n}{n}{n}{n}{n}{n}{n}{n}-0000-4000-8000-000000000000' for n in 'abcd')


def rule(**more):
    return RULE.format(**{'status': 'test', 'level': 'high', 'tag': 't1059.001', **more})


def process(command, host='ws1', at='2024-03-01T10:00:00.000Z', **more):
    return {'EventID': 1, 'Channel': 'Microsoft-Windows-Sysmon/Operational', 'Hostname': host, '@timestamp': at,
            'User': 'CORP\\ada', 'Image': 'C:\\Windows\\System32\\cmd.exe', 'CommandLine': command,
            'ParentImage': 'C:\\Windows\\explorer.exe', **more}


def security(event, host='dc1', at='2024-03-01T10:00:00.000Z', **more):
    return {'EventID': event, 'Channel': 'Security', 'Hostname': host, '@timestamp': at, **more}


def lines(events):
    return ''.join(json.dumps(e) + '\n' for e in events)


class Base(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='nb-detect-'))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.cache = self.folder / 'cache'
        rules = self.folder / 'rules'
        (rules / 'deep').mkdir(parents=True)
        (rules / 'mimi.yml').write_text(rule(title='Mimikatz', id=MIMI, level='critical', word='sekurlsa',
                                             tag='t1003.001'))
        (rules / 'deep/who.yml').write_text(rule(title='Whoami', id=WHO, word='whoami'))
        (rules / 'odd.yaml').write_text(rule(title='Odd', id=ODD, word='odd thing', level='medium'))
        (rules / 'note.yml').write_text(rule(title='Note', id=NOTE, word='notepad', level='low', status='experimental'))
        (rules / 'README.md').write_text('no rule')
        self.rules = rules
        self.log = self.write('log.jsonl', lines([
            process('cmd /c whoami /all'),
            process('notepad.exe a.txt', at='2024-03-01T10:05:00.000Z'),
            process('mimi sekurlsa::logonpasswords', host='ws2', at='2024-03-01T11:00:00.000Z'),
            process('an odd thing', host='ws2', at='2024-03-02T11:00:00.000Z'),
            process('whoami', host='ws2', at='2024-03-03T11:00:00.000Z'),
        ]))

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding='utf-8')
        return path

    def run_it(self, *words, stdin=b'', status=None, environment=None):
        env = {**os.environ, 'XDG_CACHE_HOME': str(self.cache), 'TZ': 'Asia/Karachi', **(environment or {})}
        done = subprocess.run([NAUBAT, *map(str, words)], input=stdin, capture_output=True, env=env, timeout=120)
        out, err = done.stdout.decode('utf-8'), done.stderr.decode('utf-8')
        if status is not None:
            self.assertEqual(done.returncode, status, out + err)
        self.assertNotIn('\x1b', out + err)
        return done.returncode, out, err

    def detect(self, *words, **more):
        return self.run_it('detect', '--rules', self.rules, *words, **more)

    def found(self, *words, status=1, **more):
        """Findings as JSON."""
        _, out, _ = self.detect('--json', *words, status=status, **more)
        return [json.loads(line) for line in out.splitlines()]

    def titles(self, *words, **more):
        return [f['title'] for f in self.found(*words, **more)]


class Detect(Base):
    def test_what_a_match_says(self):
        one = self.found(self.log)[0]
        self.assertEqual(one['rule_id'], WHO)
        self.assertEqual((one['title'], one['author'], one['level'], one['status']),
                         ('Whoami', 'Ada, Grace', 'high', 'test'))
        self.assertEqual((one['file'], one['line'], one['time'], one['host']),
                         (str(self.log), 1, '2024-03-01T10:00:00.000Z', 'ws1'))
        met = one['matched'][0]
        self.assertEqual((met['field'], met['value']), ('CommandLine', 'cmd /c whoami /all'))
        self.assertEqual(met['value'][met['from']:met['to']], 'whoami')
        self.assertIn('CommandLine|contains', met['predicate'])
        self.assertEqual(one['event'], process('cmd /c whoami /all'))
        self.assertEqual(one['details'],
                         {'user': 'CORP\\ada', 'parent': 'explorer.exe', 'command': 'cmd /c whoami /all'})
        self.assertIn('attack.t1059.001', one['tags'])

    def test_profiles_levels_and_other_choices(self):
        core = ['Whoami', 'Mimikatz', 'Whoami']
        self.assertEqual(self.titles(self.log), core)
        self.assertEqual(self.titles('--profile', 'core+', self.log), ['Whoami', 'Mimikatz', 'Odd', 'Whoami'])
        self.assertEqual(self.titles('--profile', 'all', self.log), ['Whoami', 'Note', 'Mimikatz', 'Odd', 'Whoami'])
        self.assertEqual(self.titles('--level', 'critical', self.log), ['Mimikatz'])
        self.assertEqual(self.titles('--level', 'medium', self.log), ['Whoami', 'Mimikatz', 'Odd', 'Whoami'])
        self.assertEqual(self.titles('--level=medium,low', '--profile', 'all', self.log), ['Note', 'Odd'])
        self.assertEqual(self.titles('--status', 'experimental', '--level', 'low', self.log), ['Note'])
        self.assertEqual(self.titles('--tag', 'attack.t1003', self.log), ['Mimikatz'])
        self.assertEqual(self.titles('--tag', 'attack.t1003.001', '--tag', 'attack.t1059', self.log), core)
        self.assertEqual(self.titles('--tag', 'attack.execution', self.log), core)
        self.assertEqual(self.titles('--rule-id', NOTE, self.log), ['Note'])
        self.assertEqual(self.titles('--rule-id', NOTE, '--rule-id', MIMI.upper(), self.log), ['Note', 'Mimikatz'])
        _, _, said = self.detect('--rule-id', 'nonsense', self.log, status=2)
        self.assertIn('none of 4 rules', said)

    def test_times_and_fields(self):
        self.assertEqual(self.titles('--since', '2024-03-01T11:00:00Z', self.log), ['Mimikatz', 'Whoami'])
        self.assertEqual(self.titles('--until', '2024-03-02', self.log), ['Whoami', 'Mimikatz'])
        self.assertEqual(self.titles('--since', '2024-03-01', '--until', '2024-03-01T10:30:00Z', self.log), ['Whoami'])
        self.assertEqual(self.titles('--where', 'Hostname=WS2', self.log), ['Mimikatz', 'Whoami'])
        self.assertEqual(self.titles('--where', 'CommandLine=*/all', '--where', 'User=CORP\\a?a', self.log), ['Whoami'])
        self.found('--where', 'Hostname=ws', self.log, status=0)
        local = self.found('--local', self.log)[0]
        self.assertEqual(local['time'], '2024-03-01T15:00:00.000+05:00')

    def test_overrides(self):
        file = self.write('mine.yml', f'exclude:\n  - {WHO}\nlevels:\n  {NOTE}: critical\n  nobody: low\n')
        everything = self.found('--profile', 'all', '--overrides', file, self.log)
        self.assertEqual([(f['title'], f['level']) for f in everything],
                         [('Note', 'critical'), ('Mimikatz', 'critical'), ('Odd', 'medium')])
        _, _, said = self.detect('--overrides', file, self.log, status=1)
        self.assertIn("no rule has the id or title 'nobody'", said)
        for wrong in ('levels: {x: huge}', 'exlude: [x]', 'a: [', ''):
            self.write('wrong.yml', wrong)
            self.detect('--overrides', self.folder / 'wrong.yml', self.log, status=2)

    def test_placeholders(self):
        (self.rules / 'who.yml').write_text(rule(title='Bad', id=WHO[:-1] + '1', word='%tools%').replace(
            '|contains', '|contains|expand'))
        _, out, _ = self.detect(self.log)
        self.assertIn('1 rule was refused', out)
        values = self.write('values.yml', 'tools: [notepad, calc]\n')
        self.assertIn('Bad', self.titles('--placeholders', values, self.log))

    def test_logsource_is_asked_for_unless_forced(self):
        bare = self.write('bare.jsonl', lines([{'CommandLine': 'whoami'}]))
        self.found(bare, status=0)
        self.assertEqual(self.titles('--logsource', 'product=windows,category=process_creation', bare), ['Whoami'])
        sources = self.write('sources.yaml', 'sources:\n  - logsource: {product: windows, category: process_creation}\n'
                                             '    when: {CommandLine: "*"}\n')
        self.assertEqual(self.titles('--sources', sources, bare), ['Whoami'])
        for wrong in ('product', 'product=windows,colour=red'):
            self.detect('--logsource', wrong, bare, status=2)

    def test_order_does_not_depend_on_threads(self):
        events = [process(f'whoami {n}', at=f'2024-03-01T10:{n // 60 % 60:02}:{n % 60:02}.000Z') for n in range(30000)]
        big = self.write('big.jsonl', lines(events))
        alone = self.detect('--json', '-j', 1, big, status=1)[1]
        self.assertEqual(len(alone.splitlines()), 30000)
        self.assertEqual([json.loads(line)['line'] for line in alone.splitlines()], list(range(1, 30001)))
        self.assertEqual(self.detect('--json', '-j', 4, big, status=1)[1], alone)

    def test_exit_status(self):
        quiet = self.write('quiet.jsonl', lines([process('calc')]))
        self.assertIn('Nothing found', self.detect(quiet, status=0)[1])
        self.detect(self.log, status=1)
        missing = self.folder / 'missing.jsonl'
        self.assertIn('missing.jsonl', self.detect(missing, status=2)[2])
        # "nothing found" is not said of a file that could not be read
        self.assertIn('missing.jsonl', self.detect(quiet, missing, status=2)[2])
        self.detect(self.log, missing, status=1)
        for words in ((), ('--json', '--csv', self.log), ('--level', 'huge', self.log), ('--profile', 'x', self.log),
                      ('--since', 'soon', self.log), ('-j', '0', self.log), ('--format', 'x', self.log),
                      ('--where', 'x', self.log), ('--nonsense', self.log), ('--level',)):
            self.detect(*words, status=2)
        self.run_it('detect', self.log, status=2)
        self.run_it('detect', '--rules', missing, self.log, status=2)
        self.run_it('detect', status=2)
        (self.folder / 'none').mkdir()
        self.assertIn('there is no rule', self.run_it('detect', '--rules', self.folder / 'none', self.log, status=2)[2])
        self.detect('--output', self.folder / 'no/such/file', self.log, status=2)
        self.detect('--html', self.folder / 'no/such/file', self.log, status=2)
        self.detect('--json', '--output', '/dev/full', self.log, status=2)

    def test_packed_and_piped(self):
        raw = self.log.read_bytes()
        self.write('in/a.jsonl.gz', gzip.compress(raw))
        if shutil.which('zstd'):
            subprocess.run(['zstd', '-q', self.log, '-o', self.folder / 'in/b.jsonl.zst'], check=True)
        else:
            self.write('in/b.jsonl', raw)
        shutil.make_archive(str(self.folder / 'in/c'), 'zip', self.folder, 'log.jsonl')
        self.assertEqual(len(self.found(self.folder / 'in')), 9)
        self.assertEqual(self.titles('-', stdin=raw), ['Whoami', 'Mimikatz', 'Whoami'])
        self.assertEqual(self.titles('-', stdin=gzip.compress(raw)), ['Whoami', 'Mimikatz', 'Whoami'])
        array = self.write('array.json', json.dumps([json.loads(line) for line in raw.splitlines()], indent=1))
        self.assertEqual([f['line'] for f in self.found(array)], [1, 3, 5])

    def test_what_cannot_be_read_is_said_and_the_rest_goes_on(self):
        broken = self.write('broken.jsonl', lines([process('whoami')]) + '{"EventID":1,"Channel":\n' +
                            lines([process('whoami')]))
        _, out, said = self.detect(broken, status=1)
        self.assertIn('broken.jsonl:2', said)
        self.assertRegex(out, r'What could not be seen(.|\n)*broken')
        self.write('cut.jsonl.gz', gzip.compress(self.log.read_bytes())[:60])
        self.assertIn('cut.jsonl.gz', self.detect(self.folder / 'cut.jsonl.gz')[2])
        if os.geteuid():
            self.log.chmod(0)
            self.detect(self.log, status=2)

    def test_table(self):
        _, out, _ = self.detect(self.log, status=1, environment={'COLUMNS': '100'})
        self.assertLess(out.index('CRITICAL'), out.index('HIGH'))
        self.assertIn('by Ada, Grace', out)
        self.assertIn('T1003.001', out)
        self.assertRegex(out, r'ws2 +1  2024-03-01 11:00:00\n +user CORP\\ada  parent explorer.exe  command mimi sek')
        self.assertIn('Found 1 critical, 2 high by 2 rules on 2 hosts; 2024-03-01 10:00:00 - 2024-03-03 11:00:00.', out)
        self.assertIn('5 events in 1 file', out)
        for line in out.splitlines():
            self.assertLessEqual(len(line), 100, line)
        self.assertNotIn('Found', self.detect('--quiet', self.log, status=1)[1])

    def test_summary_and_timeline(self):
        _, out, _ = self.detect('--summary', self.log, status=1)
        self.assertRegex(out, r'critical 1 █+.\n +high +2 █+\n')
        for words in ('Whoami', 'T1059.001', 'ws1', '2024-03-01'):
            self.assertIn(words, out)
        other = self.write('older.jsonl', lines([process('whoami', host='ws9', at='2023-01-01T00:00:00.000Z')]))
        _, out, _ = self.detect('--timeline', self.log, other, status=1)
        rows = [line for line in out.splitlines() if re.match(r'20\d\d-', line)]
        self.assertEqual(rows, sorted(rows))
        self.assertTrue(rows[0].startswith('2023-01-01 00:00:00  high          ws9  Whoami'))

    def test_csv_timesketch_and_output(self):
        target = self.folder / 'out.csv'
        _, out, said = self.detect('--csv', '--output', target, self.log, status=1)
        self.assertEqual(out, '')
        self.assertIn('Found', said)
        rows = list(csv.DictReader(io.StringIO(target.read_text(), newline='')))
        self.assertEqual([r['title'] for r in rows], ['Whoami', 'Mimikatz', 'Whoami'])
        self.assertEqual((rows[1]['host'], rows[1]['level'], rows[1]['line']), ('ws2', 'critical', '3'))
        _, out, _ = self.detect('--timesketch', self.log, status=1)
        first = json.loads(out.splitlines()[0])
        self.assertEqual(first['datetime'], '2024-03-01T10:00:00.000+00:00')
        self.assertEqual(first['timestamp'], 1709287200000000)
        self.assertTrue(first['message'] and first['timestamp_desc'])

    def test_html(self):
        page = self.folder / 'page.html'
        self.write('evil.jsonl', lines([process('whoami ' + EVIL, host=EVIL)]))
        self.detect('--html', page, self.log, self.folder / 'evil.jsonl', status=1)
        text = page.read_text(encoding='utf-8')

        class Reader(html.parser.HTMLParser):
            VOID = {'meta', 'input', 'br', 'rect'}

            def __init__(self):
                super().__init__()
                self.open, self.scripts, self.rows, self.rects = [], 0, 0, 0

            def handle_starttag(self, tag, attributes):
                names = dict(attributes)
                assert not any(n.startswith('on') for n in names), attributes
                assert not any('//' in (names.get(n) or '') for n in ('src', 'href')), attributes
                self.scripts += tag == 'script'
                self.rows += tag == 'article'
                self.rects += tag == 'rect'
                if tag not in self.VOID:
                    self.open.append(tag)

            def handle_startendtag(self, tag, attributes):
                self.rects += tag == 'rect'

            def handle_endtag(self, tag):
                assert self.open.pop() == tag, tag

        reader = Reader()
        reader.feed(text)
        self.assertEqual((reader.open, reader.scripts), ([], 1))
        self.assertEqual(reader.rows, 4)        # Mimikatz on ws2, Whoami on ws1, ws2 and the evil one
        self.assertGreater(reader.rects, 4)
        self.assertIn("default-src 'none'", text)
        self.assertNotIn('<script>alert', text)
        self.assertNotIn('\u202e', text)
        self.assertIn('<mark>whoami</mark>', text)

    def test_hostile_text_is_harmless_everywhere(self):
        evil = self.write('evil.jsonl', lines([process('whoami ' + EVIL, host=EVIL, User='=1+1|' + EVIL)]))
        for form in ((), ('--json',), ('--csv',), ('--summary',), ('--timeline',), ('--timesketch',)):
            out = ''.join(self.detect(*form, evil, status=1)[1:])
            for bad in ('\x1b', '\x07', '\u202e', '\x9b'):
                self.assertNotIn(bad, out, form)
        # JSON carries it whole, escaped
        self.assertEqual(self.found(evil)[0]['event']['Hostname'], EVIL)
        for cell in next(csv.reader(io.StringIO(self.detect('--csv', evil)[1].split('\n', 1)[1], newline=''))):
            self.assertNotRegex(cell, r'^[=+@\-]')
        raw = b'{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","CommandLine":"whoami \xff\x01\\q"}\n'
        self.write('raw.jsonl', raw)
        self.assertEqual(self.found(self.folder / 'raw.jsonl')[0]['event']['CommandLine'], 'whoami \ufffd\x01q')

    def test_a_terminal(self):
        """Colours, a progress bar that goes away, and lines that fit."""
        out, _ = self.on_terminal('detect', '--rules', self.rules, self.log)
        self.assertIn('\x1b[1;97;41m CRITICAL \x1b[0m', out)
        self.assertIn('\x1b[1msekurlsa\x1b[0m', out)
        out = re.sub(r'\r\x1b\[K\[[^\r]*\r\x1b\[K', '', out)          # the bar, which was taken away
        for line in re.sub(r'\x1b\[[0-9;]*m', '', out).replace('\r', '').splitlines():
            self.assertLessEqual(len(line), 90, line)
        self.assertNotIn('\x1b[1;97', self.on_terminal('detect', '--rules', self.rules, self.log, NO_COLOR='1')[0])

    def on_terminal(self, *words, **environment):
        master, slave = pty.openpty()
        env = {**os.environ, 'XDG_CACHE_HOME': str(self.cache), 'COLUMNS': '90', 'TERM': 'xterm', **environment}
        process_ = subprocess.Popen([NAUBAT, *map(str, words)], stdin=slave, stdout=slave, stderr=slave, env=env)
        os.close(slave)
        out = b''
        while True:
            ready, _, _ = select.select([master], [], [], 60)
            try:
                part = os.read(master, 65536) if ready else b''
            except OSError:
                part = b''
            if not part:
                break
            out += part
        os.close(master)
        return out.decode(), process_.wait(60)

    def test_interrupted_it_tells_what_it_found(self):
        part = lines([process(f'whoami {n}') for n in range(1000)]).encode()
        big = self.folder / 'big.jsonl'
        with big.open('wb') as f:
            for _ in range(400):
                f.write(part)
        target = self.folder / 'out.txt'
        with target.open('wb') as out:
            running = subprocess.Popen([NAUBAT, 'detect', '--rules', self.rules, big], stdout=out,
                                       env={**os.environ, 'XDG_CACHE_HOME': str(self.cache)})
            time.sleep(1.5)
            running.send_signal(signal.SIGINT)
            self.assertIn(running.wait(60), (1, 2))
        self.assertIn('It was interrupted', target.read_text())

    def test_indicators(self):
        indicators = self.write('bad.txt', 'evil.example\tmalware/x\n203.0.113.9\nexample.org\n.\n')
        net = self.write('net.jsonl', lines([
            {'event_type': 'dns', 'timestamp': '2024-03-01T10:00:00.000000+0000', 'flow_id': 1, 'src_ip': '10.0.0.5',
             'dest_ip': '10.0.0.1', 'dns': {'type': 'query', 'rrname': 'evil.example'}},
            {'event_type': 'flow', 'timestamp': '2024-03-01T10:00:01.000000+0000', 'flow_id': 2, 'src_ip': '10.0.0.5',
             'dest_ip': '203.0.113.9', 'dest_port': 443, 'proto': 'TCP'}]))
        status, out, said = self.run_it('detect', '--indicators', indicators, '--json', net)
        self.assertEqual(status, 1, said)
        found = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([f['indicator'] for f in found], ['evil.example', '203.0.113.9'])
        self.assertEqual(found[0]['source'], {'file': str(indicators), 'line': 1})
        self.assertIn('bad.txt:4', said)                # "." is refused, and said
        allow = self.write('allow.json', json.dumps({
            'name': 'mine', 'type': 'string', 'version': 1, 'description': '', 'matching_attributes': ['ip-dst'],
            'list': ['203.0.113.9']}))
        _, out, _ = self.run_it('detect', '--indicators', indicators, '--allow', allow, '--json', net, status=1)
        self.assertEqual([json.loads(line)['indicator'] for line in out.splitlines()], ['evil.example'])
        _, out, _ = self.run_it('detect', '--indicators', indicators, net, status=1)
        self.assertRegex(out, r'INDICATOR +evil\.example\n')
        packed = self.write('bad.txt.gz', gzip.compress(b'203.0.113.9 # ' + b'x' * 100000 + b'\n'))
        _, out, _ = self.run_it('detect', '--indicators', packed, '--json', net, status=1)
        self.assertEqual([json.loads(line)['indicator'] for line in out.splitlines()], ['203.0.113.9'])
        both = self.found('--indicators', indicators, net, self.log)
        self.assertEqual(len(both), 5)


class Unseen(Base):
    """It ends with what could not be seen."""

    def told(self, events, *words):
        return self.detect(*words, self.write('told.jsonl', lines(events)))[1]

    def test_rules_without_events(self):
        (self.rules / 'linux.yml').write_text(rule(title='L', id=WHO[:-1] + '2', word='x').replace('windows', 'linux'))
        self.assertIn('1 of 3 rules had no event of their kind: linux/process_creation 1', self.told([process('x')]))
        self.assertNotIn('no event of their kind', self.told([process('x')], '--rule-id', MIMI))

    def test_4688_without_command_line(self):
        self.assertIn('1 process creation (4688) has no command line', self.told([
            security(4688, NewProcessName='C:\\x.exe'), security(4688, NewProcessName='C:\\x.exe', CommandLine='x')]))

    def test_cleared_logs(self):
        out = self.told([security(1102, SubjectUserName='mallory', at='2024-03-01T12:00:00.000Z')])
        self.assertIn('dc1: the Security log was cleared by mallory, on 2024-03-01 12:00:00', out)

    def test_gaps(self):
        hours = [h for h in range(40) if not 20 <= h < 26]
        events = [security(4634, at=f'2024-03-{1 + h // 24:02}T{h % 24:02}:30:00.000Z') for h in hours]
        out = self.told(events)
        self.assertIn('dc1, Security: no events for 6 hours, 2024-03-01 20:00 to 2024-03-02 02:00', out)

    def test_unknown_formats(self):
        self.write('x.bin', bytes(range(256)) * 40)
        _, out, said = self.detect(self.folder / 'x.bin', status=2)
        self.assertIn('x.bin', said)
        self.assertIn('1 file could not be opened', out)


class Cache(Base):
    def units(self):
        return sorted((self.cache / 'naubat').glob('rules-*.unit'))

    def test_made_used_and_made_again(self):
        expected = self.titles(self.log)
        one, = self.units()
        self.assertEqual((self.cache / 'naubat').stat().st_mode & 0o777, 0o700)
        before = one.stat().st_mtime_ns
        self.assertEqual(self.titles(self.log), expected)
        self.assertEqual(one.stat().st_mtime_ns, before)                # used
        whole = one.read_bytes()
        for damage in (b'', whole[:100], whole[:len(whole) // 2], b'x' * len(whole),
                       whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:]):
            one.write_bytes(damage)
            self.assertEqual(self.titles(self.log), expected)
            self.assertEqual(self.units(), [one])
            self.assertGreater(one.stat().st_size, 100)
        shutil.rmtree(self.cache)
        self.assertEqual(self.titles(self.log), expected)
        self.assertEqual(len(self.units()), 1)
        # another rule, another unit
        (self.rules / 'deep/who.yml').write_text(rule(title='Whoami?', id=WHO, word='whoami'))
        self.assertEqual(self.titles(self.log), ['Whoami?', 'Mimikatz', 'Whoami?'])
        self.assertEqual(len(self.units()), 2)

    def test_refused_rules_are_told_from_the_cache_too(self):
        bad = rule(title='B', id=WHO[:-1] + '3', word='x').replace(': selection', ': nope')
        (self.rules / 'bad.yml').write_text(bad)
        for _ in range(2):
            self.assertIn('1 rule was refused', self.detect(self.log)[1])

    def test_indicators(self):
        indicators = self.write('bad.txt', 'evil.example\n.\n')
        net = self.write('net.jsonl', lines([
            {'event_type': 'dns', 'timestamp': '2024-03-01T10:00:00.000000+0000', 'flow_id': 1, 'src_ip': '10.0.0.5',
             'dns': {'type': 'query', 'rrname': 'evil.example'}}]))

        def look(*more):
            _, out, said = self.run_it('detect', '--indicators', indicators, '--json', *more, net, status=1)
            self.assertIn('bad.txt:2', said)            # refused, also when it comes from the cache
            return out

        expected = look()
        table, = (self.cache / 'naubat').glob('indicators-*.table')
        whole = table.read_bytes()
        before = table.stat().st_mtime_ns
        self.assertEqual(look(), expected)
        self.assertEqual(table.stat().st_mtime_ns, before)
        for damage in (b'', whole[:50], whole[:-1], b'x' * len(whole),
                       whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:]):
            table.write_bytes(damage)
            self.assertEqual(look(), expected)
            self.assertEqual(len(table.read_bytes()), len(whole))
        indicators.write_text('evil.example\n.\nother.example\n')
        look()
        self.assertEqual(len(list((self.cache / 'naubat').glob('indicators-*.table'))), 2)

    def test_none_where_there_can_be_none(self):
        self.detect('--no-cache', self.log, status=1)
        self.assertEqual(self.units(), [])
        self.cache.write_text('a file')
        self.detect(self.log, status=1)


CORRELATION = '''title: Many whoami
id: eeeeeeee-0000-4000-8000-000000000000
status: test
author: Ada
level: critical
correlation:
    type: event_count
    rules:
        - {who}
    group-by:
        - Hostname
    timespan: 10m
    condition:
        gte: 3
'''


class Correlations(Base):
    def test_counted_in_a_window(self):
        (self.rules / 'many.yml').write_text(CORRELATION.format(who=WHO))
        log = self.write('many.jsonl', lines(
            [process('whoami', host='a', at=f'2024-03-01T10:0{n}:00.000Z') for n in range(4)] +
            [process('whoami', host='b', at=f'2024-03-01T1{n}:00:00.000Z') for n in range(4)]))
        for _ in range(2):                      # compiled, and from the cache
            found = self.found(log)
            window, = [f for f in found if f['title'] == 'Many whoami']
            self.assertTrue(window['correlation'])
            self.assertEqual((window['group'], window['host'], window['level']), ({'Hostname': 'a'}, 'a', 'critical'))
            self.assertEqual(window['events'][0], {'file': str(log), 'line': 1})
            self.assertGreaterEqual(len(window['events']), 3)
        # the rule that it counts runs though nobody asked for it
        self.assertEqual(self.titles('--rule-id', 'eeeeeeee-0000-4000-8000-000000000000', log), ['Many whoami'])
        self.assertRegex(self.detect(log)[1], r'CRITICAL +Many whoami(.|\n)*value 3')


class ManyIndicators(Base):
    def test_one_message_with_many(self):
        names = [f'evil{n}.example' for n in range(200)]
        listed = self.write('names.txt', '\n'.join(names))
        log = self.write('one.log', 'Sep 20 17:38:55 host app[1]: ' + ' '.join(names) + '\n')
        _, out, _ = self.run_it('detect', '--indicators', listed, '--json', '--quiet', log, status=1)
        self.assertEqual(len(out.splitlines()), 200)


class Rules(Base):
    def test_check(self):
        _, out, _ = self.run_it('rules', 'check', self.rules, status=0)
        self.assertIn('4 rules', out)
        self.assertIn('1 other files', out)
        os.mkfifo(self.rules / 'pipe.yml')      # nobody writes into it
        (self.rules / 'zero.yml').symlink_to('/dev/zero')
        _, out, err = self.run_it('rules', 'check', self.rules)
        self.assertEqual((out + err).count('it is no file that can be read as a whole'), 2)
        (self.rules / 'pipe.yml').unlink()
        (self.rules / 'zero.yml').unlink()
        bad = self.rules / 'bad.yml'
        bad.write_text(rule(title='B', id=WHO[:-1] + '3', word='x').replace('condition: selection', 'condition: nope'))
        _, out, _ = self.run_it('rules', 'check', self.rules, status=1)
        self.assertRegex(out, r'bad\.yml:\d+:\d+: .*nope.* \[' + WHO[:-1] + r'3\]\n')
        self.assertIn('1 refused', out)
        j = json.loads(self.run_it('rules', 'check', '--json', self.rules, status=1)[1])
        self.assertEqual((j['rules'], j['refused'], j['refusals'][0]['id']), (4, 1, WHO[:-1] + '3'))
        self.run_it('rules', 'check', self.folder / 'nothing', status=2)
        self.run_it('rules', 'check', status=2)

    def test_explain(self):
        _, out, _ = self.run_it('rules', 'explain', WHO, '--rules', self.rules, status=0)
        self.assertIn('Whoami', out)
        self.assertIn('by Ada, Grace', out)
        self.assertIn("CommandLine|contains: 'whoami'", out.replace('"', "'"))
        yes, no = (self.write(f'{n}.json', json.dumps(process(n), indent=1)) for n in ('whoami', 'calc'))
        _, out, _ = self.run_it('rules', 'explain', WHO, yes, '--rules', self.rules, status=0)
        self.assertIn('It matches.', out)
        self.assertIn('✓', out)
        _, out, _ = self.run_it('rules', 'explain', self.rules / 'deep/who.yml', no, status=1)
        self.assertIn('It does not match.', out)
        self.assertIn('✗', out)
        _, out, _ = self.run_it('rules', 'explain', WHO, '-', '--rules', self.rules, status=1,
                                stdin=json.dumps({'CommandLine': 'whoami'}).encode())
        self.assertIn('not tried', out)
        self.run_it('rules', 'explain', 'nobody', '--rules', self.rules, status=2)

    def test_explain_a_correlation(self):
        (self.rules / 'many.yml').write_text(CORRELATION.format(who=WHO))
        _, out, _ = self.run_it('rules', 'explain', 'eeeeeeee-0000-4000-8000-000000000000', '--rules', self.rules,
                                status=0)
        self.assertRegex(out, r'event_count within 600 s, >= 3\n +of +' + WHO + r'\n +for each +Hostname')

    def test_stats(self):
        _, out, _ = self.run_it('rules', 'stats', self.rules, status=0)
        for words in ('4 rules', 'critical', 'windows/process_creation', 'contains'):
            self.assertIn(words, out)
        j = json.loads(self.run_it('rules', 'stats', self.rules, '--json', status=0)[1])
        self.assertEqual(j['levels'], {'critical': 1, 'high': 1, 'low': 1, 'medium': 1})
        self.assertEqual(j['modifiers'], {'contains': 4})


class Search(Base):
    def search(self, *words, status=1):
        _, out, _ = self.run_it('search', '--json', *words, status=status)
        return [json.loads(line)['line'] for line in out.splitlines()]

    def test_terms(self):
        self.assertEqual(self.search('WHOAMI', self.log), [1, 5])
        self.assertEqual(self.search('whoami', 'ws2', self.log), [5])
        self.assertEqual(self.search('/who[a-z]+ \\/all/', self.log), [1])
        self.assertEqual(self.search('/WHOAMI/', self.log, status=0), [])
        self.assertEqual(self.search('-i', '/WHOAMI/', self.log), [1, 5])
        self.assertEqual(self.search('Hostname=WS2', self.log), [3, 4, 5])
        self.assertEqual(self.search('CommandLine=*odd*', self.log), [4])
        self.assertEqual(self.search('CommandLine=/^an/', self.log), [4])
        self.assertEqual(self.search('--term', 'odd thing', self.log), [4])
        self.assertEqual(self.search('Hostname=ws2', '--since', '2024-03-03', self.log), [5])
        self.assertEqual(self.search('a?.txt', self.log, status=0), [])
        self.assertEqual(self.search('no such words', self.log, status=0), [])

    def test_any_log(self):
        line = 'Mar  1 10:00:00 gw sshd[1]: Failed password for root from 203.0.113.9 port 1\n'
        log = self.write('messages', line * 3)
        self.assertEqual(self.search('failed password', log), [1, 2, 3])
        self.assertIn('root', self.run_it('search', 'failed password', log, status=1)[1])

    def test_wrong(self):
        self.run_it('search', '/(/', self.log, status=2)
        self.run_it('search', 'one', 'two', status=2)
        self.run_it('search', '--help', status=0)

    def test_for_people(self):
        _, out, _ = self.run_it('search', 'sekurlsa', self.log, status=1)
        self.assertIn('2024-03-01 11:00:00  ws2  user CORP\\ada', out)
        self.assertIn(f'{self.log}:3', out)
        for form in (('search', 'Image=*cmd.exe'), ('detect', '--timeline', '--rules', self.rules)):
            _, out, _ = self.run_it(*form, self.log, status=1, environment={'COLUMNS': '80'})
            self.assertIn('log.jsonl:3', out)
            for line in out.splitlines():
                self.assertLessEqual(len(line), 80, line)


class Logons(Base):
    def test_who_and_from_where(self):
        log = self.write('logons.jsonl', lines(
            [security(4625, at=f'2024-03-01T10:00:{n:02}.000Z', TargetUserName='bob', TargetDomainName='CORP',
                      LogonType=3, IpAddress='10.9.9.9', SubStatus='0xC000006A') for n in range(7)] +
            [security(4624, at='2024-03-01T10:01:00.000Z', TargetUserName='bob', TargetDomainName='CORP', LogonType=3,
                      IpAddress='10.9.9.9')] +
            [security(4624, TargetUserName='ada', LogonType=10, IpAddress='10.0.0.7'),
             security(4648, SubjectUserName='ada', TargetUserName='admin', TargetServerName='fs1'),
             security(4672, SubjectUserName='admin', PrivilegeList='SeDebugPrivilege'),
             process('x')] +
            [security(4625, host='ws7', TargetUserName=f'user{n}', LogonType=3, IpAddress='10.8.8.8', SubStatus='0x0',
                      Status='0xC0000234') for n in range(6)]))
        _, out, _ = self.run_it('logons', log, status=1)
        self.assertRegex(out, r'Failures that ended in success\n.*\nCORP\\bob +10.9.9.9 +dc1 +7 +2024-03-01 10:00:00')
        self.assertRegex(out, r'6 users +10.8.8.8 +ws7 +6 ')
        self.assertRegex(out, r'user3 +10.8.8.8 +ws7 +network +account locked +1')
        self.assertRegex(out, r'CORP\\bob +10.9.9.9 +dc1 +network +wrong password +7')
        self.assertRegex(out, r'ada +10.0.0.7 +dc1 +remote desktop +1')
        self.assertRegex(out, r'ada +dc1 +admin at fs1 +1')
        rows = [json.loads(line) for line in self.run_it('logons', '--json', log, status=1)[1].splitlines()]
        self.assertEqual({r['kind'] for r in rows},
                         {'failed-then-logged-on', 'many-users', 'failed', 'logged-on', 'explicit', 'special'})
        self.assertEqual(rows[0]['count'], 7)
        rows = list(csv.DictReader(io.StringIO(self.run_it('logons', '--csv', log, status=1)[1], newline='')))
        self.assertEqual(rows[0]['user'], 'CORP\\bob')
        self.assertIn('No logons', self.run_it('logons', self.log, status=0)[1])


class Metrics(Base):
    def test_counts(self):
        log = self.write('some.jsonl', lines([
            security(4624), security(4624, host='dc2'), security(4625, Channel='security')]))
        _, out, _ = self.run_it('metrics', self.log, log, status=1)
        self.assertRegex(out, r'\nSysmon/Operational +1 +process created +5 +62.5 +2 +2024-03-01 10:00')
        self.assertRegex(out, r'Security +4624 +logged on +2 +25.0 +2 ')
        self.assertRegex(out, r'ws2 +3 +2024-03-01 11:00:00 +2024-03-03 11:00:00')
        rows = [json.loads(line) for line in self.run_it('metrics', '--json', log, status=1)[1].splitlines()]
        self.assertEqual(sum(r['count'] for r in rows), 3)
        self.assertEqual({(r['host'], r['id']) for r in rows}, {('dc1', '4624'), ('dc2', '4624'), ('dc1', '4625')})
        rows = list(csv.DictReader(io.StringIO(self.run_it('metrics', '--csv', log, status=1)[1], newline='')))
        self.assertEqual(len(rows), 3)
        one = self.run_it('metrics', '--json', '-j', 1, self.log, log)[1]
        self.assertEqual(self.run_it('metrics', '--json', '-j', 4, self.log, log)[1], one)


@unittest.skipUnless((SHARED / 'data/sigma/regression/expected.json').exists(),
                     'skipped: ../shared/data/sigma is not here')
class Regression(Base):
    def test_every_rule_fires_on_its_events(self):
        sigma = SHARED / 'data/sigma'
        expected = json.loads((sigma / 'regression/expected.json').read_text())
        words = [w for t in expected for w in ('--rules', sigma / 'rules' / t['rule_path'])]
        status, out, said = self.run_it('detect', *words, '--profile', 'all', '--json',
                                        sigma / 'regression/events.jsonl')
        self.assertEqual(status, 1, said)
        fired = {}
        for line in out.splitlines():
            one = json.loads(line)
            fired.setdefault(one['rule_id'], set()).add(one['line'])
        for test in expected:
            hits = fired.get(test['rule_id'], set()) & set(test['events'])
            self.assertGreaterEqual(len(hits), test['match_count'] or 1, test['rule_path'])


if __name__ == '__main__':
    unittest.main()
