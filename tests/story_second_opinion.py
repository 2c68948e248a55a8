"""Our verdicts and those of pySigma's SQLite backend, rule by rule, event by event, on public rules and real events.

pySigma comes from PyPI, where that is reached. Events are made flat first, so that each side is asked the same: what a
rule's condition is on these fields, whatever the logsource. What may differ, and whose mistake it is, stands in
second_opinion.json beside this file and is explained in docs/sigma.md; a difference that is not there fails the test.

NAUBAT_SECOND_OPINION=N takes N events of each kind instead of 250, and every rule instead of every fourth.
"""
import collections
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAUBAT = pathlib.Path(os.environ.get('NAUBAT', ROOT / 'build-asan/src/naubat'))
VERDICTS = NAUBAT.parent.parent / 'tests/sigma/verdicts'
SHARED = pathlib.Path(os.environ.get('NAUBAT_SHARED', ROOT.parent / 'shared'))
RULES = SHARED / 'data/sigma/rules'
PACKAGES = ('pysigma==2.0.1', 'pysigma-backend-sqlite==2.1.1')
EXPLAINED = pathlib.Path(__file__).with_name('second_opinion.json')
WANTED = os.environ.get('NAUBAT_SECOND_OPINION', '')
EVENTS, STEP = (int(WANTED), 1) if WANTED else (250, 4)
# Python's own expressions, which stand for REGEXP here, would not end.
ENDLESS = ('regex/nested-quantifier',)
# Where events come from, and how many there are.
KINDS = (('sigma/regression/events.jsonl', 120), ('events/windows-otrf.jsonl.zst', 352757),
         ('events/zeek.jsonl.zst', 95063), ('events/suricata-eve.jsonl.zst', 7008))
ENVELOPES = re.compile(r'Event\.(System|EventData|UserData\.[^.]+)\.(?=.)')


def leaves(value, path=''):
    if isinstance(value, dict):
        for key, inner in value.items():
            clear = key in ('#text', '#attributes')
            yield from leaves(inner, path if clear else f'{path}.{key}' if path else key)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    else:
        yield path, value


def flat(event):
    """One value a name, whatever its case, as a table has it; of several the first."""
    out, seen = {}, set()
    for path, value in leaves(event):
        name = ENVELOPES.sub('', path, count=1)
        if name.lower() not in seen and value is not None:
            seen.add(name.lower())
            out[name] = value
    return out


def events():
    for name, count in KINDS:
        path = SHARED / 'data' / name
        step = max(count // EVENTS, 1)
        reader = f'zstd -dc {path}' if path.suffix == '.zst' else f'cat {path}'
        lines = subprocess.run(['sh', '-c', f"{reader} | awk 'NR % {step} == 0'"], capture_output=True, text=True,
                               check=True, timeout=300).stdout
        for line in lines.splitlines():
            yield flat(json.loads(line))


def text_of(value):
    return ('true' if value else 'false') if isinstance(value, bool) else value


class Reference:
    """pySigma's SQL over a table of the events, as its consumers make one."""

    def __init__(self, rows):
        import yaml
        from sigma.backends.sqlite import sqliteBackend
        from sigma.collection import SigmaCollection
        self.collection, self.backend = SigmaCollection, sqliteBackend(fulltext_field='_all')
        self.load = yaml.safe_load
        self.rows, self.columns = rows, {'_all'}
        self.db = sqlite3.connect(':memory:')
        self.db.create_function('REGEXP', 2, self.regexp, deterministic=True)
        self.db.execute('CREATE TABLE logs (number INTEGER PRIMARY KEY, _all TEXT)')
        for i, row in enumerate(rows):
            self.db.execute('INSERT INTO logs VALUES (?, ?)',
                            (i + 1, '\n'.join(str(text_of(v)) for v in row.values())))

    @staticmethod
    def regexp(pattern, value):
        return value is not None and re.search(pattern, str(value)) is not None

    def need(self, fields):
        """Columns that are not there yet."""
        for field in fields:
            if field.lower() in self.columns:
                continue
            self.columns.add(field.lower())
            quoted = '`' + field.replace('`', '``') + '`'
            self.db.execute(f'ALTER TABLE logs ADD COLUMN {quoted} TEXT COLLATE NOCASE')
            found = [(text_of(v), i + 1) for i, row in enumerate(self.rows) for k, v in row.items()
                     if k.lower() == field.lower()]
            self.db.executemany(f'UPDATE logs SET {quoted} = ? WHERE number = ?', found)

    def fields(self, node, depth):
        """The names of fields in a detection: keys below the search identifiers, and what fieldref names."""
        if isinstance(node, list):
            for inner in node:
                yield from self.fields(inner, depth)
        if isinstance(node, dict):
            for key, inner in node.items():
                name, *modifiers = key.split('|')
                if depth > 0 and name:
                    yield name
                if 'fieldref' in modifiers:
                    yield from inner if isinstance(inner, list) else [inner]
                yield from self.fields(inner, depth + 1)

    def verdicts(self, text):
        """The lines that match, or why it gives none."""
        try:
            self.need(set(self.fields(self.load(text)['detection'], 0)))
            queries = self.backend.convert(self.collection.from_yaml(text))
        except Exception as error:              # whatever it raises, it has no opinion
            return f'{type(error).__name__}: {error}'
        try:
            lines = set()
            for query in queries:
                lines |= {row[0] for row in self.db.execute(query.replace('SELECT *', 'SELECT number', 1))}
            return lines
        except (sqlite3.Error, re.error) as error:
            return f'{type(error).__name__}: {error}'


def ours(paths, rows, folder):
    """({path: lines}, paths that were refused)"""
    file = pathlib.Path(folder) / 'events.jsonl'
    file.write_text('\n'.join(json.dumps(row, ensure_ascii=False) for row in rows) + '\n', encoding='utf-8')
    done = subprocess.run([VERDICTS, file], input='\n'.join(map(str, paths)) + '\n', capture_output=True, text=True,
                          timeout=600)
    if done.returncode != 0:
        raise AssertionError(done.stderr[-2000:])
    found, refused = {path: set() for path in paths}, set()
    for line in done.stdout.splitlines():
        number, event = line.split()
        path = paths[int(number) - 1]
        refused.add(path) if event == '-' else found[path].add(int(event))
    return found, refused


class SecondOpinion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='naubat-opinion-')
        cls.addClassCleanup(cls.folder.cleanup)
        packages = pathlib.Path(cls.folder.name) / 'packages'
        done = subprocess.run([sys.executable, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check',
                               '--target', packages, *PACKAGES], capture_output=True, timeout=300)
        if done.returncode != 0:
            raise unittest.SkipTest('PyPI is not reached: no second opinion')
        sys.path.insert(0, str(packages))
        cls.addClassCleanup(sys.path.remove, str(packages))
        cls.explained = json.loads(EXPLAINED.read_text(encoding='utf-8'))

    def cause(self, name, side, why=''):
        """The entry of the table that explains it; None if there is none."""
        for cause, entry in self.explained.items():
            rules = entry.get('rules', {})
            if rules.get(name) == side or (why and entry.get('side') == side and re.search(entry['says'], why)):
                return cause
        return None

    def vector(self, v):
        """What it does otherwise than the vector says; None if nothing."""
        if 'refused' in v:
            theirs = Reference([]).verdicts(v['rules'])
            return None if isinstance(theirs, str) else 'they accept'
        rows = [flat(json.loads(e)) for e in v.get('match', []) + v.get('no_match', [])]
        theirs = Reference(rows).verdicts(v['rules'])
        if isinstance(theirs, str):
            return 'they refuse'
        wanted = set(range(1, len(v.get('match', [])) + 1))
        return 'they match' if theirs - wanted else 'they miss' if wanted - theirs else None

    def test_vectors(self):
        """Rules with one document, whose events are what they are: no logsources, placeholders, correlations."""
        import yaml
        asked, differs, unknown, known = 0, {}, [], {}
        for entry in self.explained.values():
            known.update(entry.get('vectors', {}))
        for file in sorted((ROOT / 'spec/sigma').glob('*.yaml')):
            for v in yaml.safe_load(file.read_text(encoding='utf-8'))['vectors']:
                if {'routed', 'placeholders', 'timeline', 'verdicts'} & set(v) or '\n---\n' in v['rules']:
                    continue
                if v['id'] in ENDLESS:
                    continue
                asked += 1
                how = self.vector(v)
                if how:
                    differs[v['id']] = how
                if known.get(v['id']) != how:
                    unknown.append(f'{v["id"]}: {how}, and the table says {known.get(v["id"])}')
        print(f'second opinion: {asked} vectors, {asked - len(differs)} of them alike')
        self.assertEqual(unknown, [])
        self.assertEqual(set(known) - set(differs), set())

    @unittest.skipUnless(RULES.exists(), 'data/sigma/rules of ../shared is not there')
    def test_public_rules_on_real_events(self):
        rows = list(events())
        paths = sorted(RULES.rglob('*.yml'))[::STEP]
        tested = {t['rule_path'] for t in json.loads((SHARED / 'data/sigma/regression/expected.json').read_text())}
        paths += [RULES / p for p in sorted(tested) if RULES / p not in paths]
        found, refused = ours(paths, rows, self.folder.name)
        reference, causes, unknown, same, hits = Reference(rows), collections.Counter(), [], 0, 0
        for path in paths:
            theirs = reference.verdicts(path.read_text(encoding='utf-8'))
            if path in refused or isinstance(theirs, str):
                side = 'both' if path in refused and isinstance(theirs, str) else \
                    'we refuse' if path in refused else 'they refuse'
                cause = self.cause(path.name, side, theirs if isinstance(theirs, str) else '')
                causes[cause] += 1
                if cause is None:
                    unknown.append(f'{path.name}: {side}: {theirs!s:.200}')
                continue
            differs = found[path] ^ theirs
            same += len(rows) - len(differs)
            hits += len(found[path] & theirs)
            for line in sorted(differs):
                side = 'we match' if line in found[path] else 'they match'
                cause = self.cause(path.name, side)
                causes[cause] += 1
                if cause is None:
                    unknown.append(f'{path.name}: {side}: {json.dumps(rows[line - 1])[:600]}')
        print(f'second opinion: {len(paths):,} rules on {len(rows):,} events: {same:,} verdicts alike, '
              f'{hits:,} of them matches; {dict(causes)}')
        self.assertEqual(unknown[:5], [], f'{len(unknown)} differences that {EXPLAINED.name} does not explain')
        self.assertGreater(hits, 100)


if __name__ == '__main__':
    unittest.main()
