"""Our reader of Windows event logs against what was declared, against rules' own samples, and against others.

Files are made by evtx_writer.py: twins of the events that Sigma rules come with, and records by chance of every type
and form. Debian's libevtx (evtxexport) reads them too and must see the same; a file from a real machine comes with
a package of PyPI, where that is reached.
"""
import json
import os
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import evtx_writer as w

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAUBAT = pathlib.Path(os.environ.get('NAUBAT', ROOT / 'build-asan/src/naubat'))
DUMP = NAUBAT.parent.parent / 'tests/evtx/dump_evtx'
SHARED = pathlib.Path(os.environ.get('NAUBAT_SHARED', ROOT.parent / 'shared'))
TWINS = SHARED / 'data/sigma/regression/events.jsonl'
REAL = ('dissect.eventlog', '3.11', 'tests/_data/TestLogX.evtx')        # package, version, the file in it
TROUBLES = ('FILE_HEADER', 'CHUNK_MISSING', 'CHUNK_HEADER', 'CHUNK_DATA', 'RECORD_TORN', 'RECORD_BAD',
            'RECORD_PARTIAL', 'REMAINS', 'RECORD_LIMIT', 'FILE_CUT')
TIME = w.filetime('2025-10-25T13:44:33.4409071Z')


def dump(data):
    """(records, problems as (name, offset, record)) of a file's bytes."""
    with tempfile.NamedTemporaryFile(suffix='.evtx') as file:
        file.write(data)
        file.flush()
        done = subprocess.run([DUMP, file.name], capture_output=True, timeout=300)
    if done.returncode not in (0, 2) or b'ERROR' in done.stderr or b'runtime error' in done.stderr:
        raise AssertionError(done.stderr.decode(errors='replace')[-3000:])
    problems = []
    for line in done.stderr.decode().splitlines():
        fields = line.split('\t')
        known = len(fields) == 4
        problems.append((TROUBLES[int(fields[0])], int(fields[1]), int(fields[2])) if known else (line, 0, 0))
    lines = done.stdout.decode('utf-8', 'strict').split('\n')[:-1]
    return [json.loads(line) for line in lines], problems, lines


def event_text(line):
    """The event of a line of dump_evtx as it was written, byte by byte."""
    return line[line.index('"event":') + 8:-1]


def ordered(line):
    return json.loads(event_text(line), object_pairs_hook=lambda pairs: pairs)


def twin_lines():
    return TWINS.read_text(encoding='utf-8').splitlines()


# ---- records by chance

# Where evtxexport 20181227 writes values otherwise, and who is right:
#   Real32, Real64  1.500000e+000, ours 1.5: only the form
#   SizeT           decimal; [MS-EVEN6] 2.2.12 wants a hexadecimal number, as evtx_dump and we have
#   Int8 to Int64   -22 becomes -106: libevtx drops the sign bit instead of negating
#   surrogates      U+1F600 becomes U+1F201: libuna adds too little
#   AnsiString      always Windows-1252; ours is UTF-8 where the bytes are that
# And it gives up the whole file at a record with a null value in a substitution that is not optional, with two
# pieces of text in an attribute, or with a character that XML cannot have; fixed text in attributes is not escaped.
LIBEVTX_DIFFERS = (w.REAL32, w.REAL64, w.SIZE, w.ANSI)      # and numbers below zero


class Chance:
    WORDS = ['', 'a', 'C:\\Windows\\System32\\cmd.exe', '"q" \\ /', 'نوبت', 'x' * 300, 'tab\tline\r\n', '\x01\x1f\x7f',
             '😀 mixed ascii 0123456789', '<&>\'"', 'é', ' ', '€uro', '12', 'true', '\ud83d alone', '\u2028']
    NAMES = ['Item', 'Data', 'Name', 'EventData', 'UserData', 'EventXML', 'ünï', 'Item', 'Param', 'x']

    def __init__(self, seed, plain=False):
        self.r = random.Random(seed)
        self.plain = plain      # only what every reader of EVTX agrees about

    def word(self):
        word = self.r.choice(self.WORDS)
        return 'plain' if self.plain and (not word.isprintable() or max(word, default='') > '\uffff') else word

    def scalar(self, kind):
        r = self.r
        if kind in w.NUMBERS:
            if kind in (w.REAL32, w.REAL64):
                return struct.unpack('<f', struct.pack('<f', r.choice([0.5, -1.25, 3.0, 1024.5])))[0]
            if kind == w.BOOL:
                return r.randrange(2)
            if kind == w.FILETIME:
                last = w.filetime('9999-12-31T23:59:59Z')
                return r.randrange(0, last) if r.random() < .1 else TIME + r.randrange(10**12)
            bits = 8 * struct.calcsize(w.NUMBERS[kind])
            value = r.getrandbits(r.randrange(1, bits))
            return -value - 1 if w.NUMBERS[kind].islower() and r.random() < .5 and not self.plain else value
        return {w.NULL: lambda: None, w.STRING: self.word, w.ANSI: lambda: self.word().encode('utf-8', 'replace'),
                w.BINARY: lambda: r.randbytes(r.randrange(40)), w.GUID: lambda: str(w.uuid.UUID(bytes=r.randbytes(16))),
                w.SYSTEMTIME: lambda: (2024, 2, 0, 29, r.randrange(24), r.randrange(60), 59, r.randrange(1000)),
                w.SID: lambda: 'S-1-5-' + '-'.join(str(r.getrandbits(32)) for _ in range(r.randrange(1, 6))),
                }[kind]()

    def value(self, depth=0):
        kind = self.r.randrange(w.HEX64 + 1)
        if self.plain and kind in LIBEVTX_DIFFERS:
            kind = w.STRING
        if depth < 3 and self.r.random() < .08 and not self.plain:
            return w.BINXML, self.record(depth + 1)
        if self.r.random() < .15 and kind not in (w.NULL, w.BINARY, w.ANSI) and not self.plain:
            return kind | w.ARRAY, [self.scalar(kind) for _ in range(self.r.randrange(0, 5))]
        return kind, self.scalar(kind)

    def text(self, values):
        pieces = []
        for _ in range(self.r.choice([0, 1, 1, 1, 2, 3])):
            what = self.r.random()
            if what < .6 and values is not None:
                pieces.append(w.Sub(self.r.randrange(max(len(values), 1)), w.STRING, self.r.random() < .5))
            elif what < .8 or self.plain:
                pieces.append(self.word().replace('\ud83d', '?'))
            else:
                pieces.append(self.r.choice([w.Char(self.r.choice([38, 0x20ac, 34])), w.Entity('amp'), w.Entity('own'),
                                             w.CData('in <cdata>'), w.PI('target', 'what')]))
        return pieces

    def attribute(self, values):
        """Trees cannot stand in attributes."""
        return [p for p in self.text(values) if not isinstance(p, (w.CData, w.PI)) and not
                (isinstance(p, w.Sub) and p.parts[0] < len(values or []) and values[p.parts[0]][0] & 0x7f == w.BINXML)]

    def element(self, values, depth):
        name = self.r.choice(self.NAMES)
        names = ['Name'] if name == 'Data' else ['Guid', 'n', 'xmlns']
        attributes = {n: self.attribute(values) for n in self.r.sample(names, self.r.randrange(len(names) + 1))}
        attributes = {k: v for k, v in attributes.items() if v}
        content = self.text(values)
        if depth < 5 and self.r.random() < .5:
            for _ in range(self.r.randrange(1, 5)):
                content.insert(self.r.randrange(len(content) + 1), self.element(values, depth + 1))
        return w.E(name, attributes, *content)

    def record(self, depth=0):
        values = None if self.r.random() < .15 else [self.value(depth) for _ in range(self.r.randrange(1, 12))]
        return w.Record(self.element(values, depth), values)


    def plain_text(self):
        word = self.word().strip()
        return [word] if word else []

    def plain_record(self, number):
        """An event as Windows writes them: System, and data in a template of its own."""
        r, values = self.r, []
        data = w.E(r.choice(['EventData', 'UserData']))
        for i in range(r.randrange(8)):
            values.append(self.value())
            if r.random() < .2 and values[-1][0] == w.STRING:
                values[-1] = (w.STRING | w.ARRAY, [self.word() or 'one' for _ in range(r.randrange(1, 4))])
                name = {}
            else:
                name = {'Name': [f'p{i}']}
            optional = r.random() < .5 or values[-1][0] == w.NULL
            data.content.append(w.E('Data', name, w.Sub(i, values[-1][0], optional)))
        if data.name == 'UserData':
            data.content = [w.E('EventXML', {'xmlns': ['own:names']},
                                *[w.E(f'p{i}', {}, *c.content) for i, c in enumerate(data.content)])]
            values = [(k & 0x7f, v[0] if k & w.ARRAY else v) for k, v in values]
        system = w.E('System', {}, w.E('Provider', {'Name': ['Own provider'], 'Guid': [w.Sub(1, w.GUID, True)]}),
                     w.E('EventID', {'Qualifiers': [w.Sub(2, w.UINT16, True)]}, w.Sub(3, w.UINT16, False)),
                     w.E('Level', {}, w.Sub(4, w.UINT8, False)), w.E('Keywords', {}, w.Sub(5, w.HEX64, False)),
                     w.E('TimeCreated', {'SystemTime': [w.Sub(6, w.FILETIME, False)]}),
                     w.E('EventRecordID', {}, w.Sub(7, w.UINT64, False)), w.E('Channel', {}, *self.plain_text()),
                     w.E('Computer', {}, w.Sub(8, w.STRING, False)),
                     w.E('Security', {'UserID': [w.Sub(9, w.SID, True)]}))
        tree = w.E('Event', {'xmlns': ['http://schemas.microsoft.com/win/2004/08/events/event']}, system,
                   w.Sub(0, w.BINXML, True))
        kinds = [w.GUID, w.UINT16, w.UINT16, w.UINT8, w.HEX64, w.FILETIME, w.UINT64, w.STRING, w.SID]
        head = [(k, number if k == w.UINT64 else TIME if k == w.FILETIME else self.scalar(k)) for k in kinds]
        if r.random() < .3:
            head[1] = (w.NULL, None)
        return w.Record(tree, [(w.BINXML, w.Record(data, values))] + head)


def same(a, b):
    """Equal, with floats as near as their text is."""
    if isinstance(a, float) or isinstance(b, float):
        return not isinstance(a, (str, list)) and not isinstance(b, (str, list)) and \
            abs(a - b) <= 1e-5 * max(abs(a), abs(b))
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    return type(a) is type(b) and a == b


def difference(a, b, path=''):
    """Where two trees differ first, for people."""
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)) and not same(a, b):
        for i, (x, y) in enumerate(zip(a, b)):
            if not same(x, y):
                name = x[0] if isinstance(x, (list, tuple)) and x and isinstance(x[0], str) else i
                return difference(x, y, f'{path}/{name}')
        return f'{path}: {len(a)} or {len(b)}: {a[len(b):]!r:.300} {b[len(a):]!r:.300}'
    return f'{path}: {a!r:.300} or {b!r:.300}'


class Declared(unittest.TestCase):
    """What was declared comes out."""

    @unittest.skipUnless(TWINS.exists(), 'data/sigma/regression of ../shared is not there')
    def test_twins_of_the_rules_samples_byte_by_byte(self):
        lines = twin_lines()
        data = w.write([(w.twin(json.loads(line)), i + 1, TIME) for i, line in enumerate(lines)])
        records, problems, out = dump(data)
        self.assertEqual(problems, [])
        self.assertEqual(len(records), len(lines))
        for i, line in enumerate(lines):
            self.assertEqual(event_text(out[i]), line)
            self.assertEqual((records[i]['number'], records[i]['written'][:26]), (i + 1, '2025-10-25T13:44:33.440907'))

    def test_a_name_that_stands_twice_keeps_its_name(self):
        """Rules ask for X: the value of a second one must not hide under another name."""
        named = [w.E('Data', {'Name': ['X']}, 'harmless'), w.E('Data', {'Name': ['X']}, 'evil'),
                 w.E('Data', {'Name': [w.Sub(0, w.STRING, False)]}, 'worse')]
        tree = w.E('Event', {}, w.E('Channel', {}, 'a'), w.E('Channel', {}, 'b'), w.E('EventData', {}, *named))
        _, problems, out = dump(w.write([(w.Record(tree, [(w.STRING, 'X')]), 1, TIME)]))
        self.assertEqual(problems, [])
        self.assertEqual(event_text(out[0]), '{"Event":{"Channel":"a","Channel":"b",'
                         '"EventData":{"X":"harmless","X":"evil","X":"worse"}}}')

    def test_records_by_chance(self):
        for seed in range(60):
            chance = Chance(seed)
            declared = [chance.record() for _ in range(60)]
            records, problems, out = dump(w.write([(r, i + 7, TIME) for i, r in enumerate(declared)]))
            self.assertEqual(problems, [], f'seed {seed}')
            self.assertEqual([r['number'] for r in records], [i + 7 for i in range(len(declared))])
            for i, record in enumerate(declared):
                want = w.expected(record)
                have = ordered(out[i])
                self.assertTrue(same(have, want), f'seed {seed}, record {i}: {difference(have, want)}')


def simple(i):
    """A record of one template, small enough that a chunk holds some hundreds."""
    tree = w.E('Event', {}, w.E('EventData', {}, w.E('Data', {'Name': ['n']}, w.Sub(0, w.UINT32, False)),
                                w.E('Data', {'Name': ['s']}, w.Sub(1, w.STRING, False))))
    return w.Record(tree, [(w.UINT32, i), (w.STRING, f'text {i} ' + 'x' * (i % 50))])


class Hostile(unittest.TestCase):
    """Damaged and malicious files: what is wrong is told once, and the rest goes on."""

    @classmethod
    def setUpClass(cls):
        cls.count = 1500
        cls.file = w.write([(simple(i), i, TIME) for i in range(1, cls.count + 1)])
        cls.chunks = (len(cls.file) - w.HEADER) // w.CHUNK
        cls.records, problems, _ = dump(cls.file)
        assert problems == [] and len(cls.records) == cls.count and cls.chunks > 2

    def changed(self, *changes):
        data = bytearray(self.file)
        for at, new in changes:
            data[at:at + len(new)] = new
        return bytes(data)

    def check_same(self, records, recovered=()):
        self.assertEqual([r['event'] for r in records], [r['event'] for r in self.records])
        self.assertEqual({r['number'] for r in records if r['recovered']}, set(recovered))

    def in_chunk(self, n):
        """The numbers of the records of a chunk."""
        first, last = struct.unpack_from('<QQ', self.file, w.HEADER + n * w.CHUNK + 24)
        return range(first, last + 1)

    def test_checksums(self):
        records, problems, _ = dump(self.changed((124, b'1234')))
        self.check_same(records)
        self.assertEqual(problems, [('FILE_HEADER', 0, 0)])
        records, problems, _ = dump(self.changed((w.HEADER + w.CHUNK + 124, b'1234')))
        self.check_same(records)
        self.assertEqual(problems, [('CHUNK_HEADER', w.HEADER + w.CHUNK, 0)])
        records, problems, _ = dump(self.changed((w.HEADER + 512 + 16, b'7')))         # the time of a record
        self.check_same(records)
        self.assertEqual(problems, [('CHUNK_DATA', w.HEADER, 0)])

    def test_a_file_that_was_not_closed(self):
        """Its header counts fewer chunks, and the last chunk's header does not know its records yet."""
        at, last = w.HEADER + (self.chunks - 1) * w.CHUNK, self.chunks - 1
        head = w.file_header(1, 1, flags=1)
        records, problems, _ = dump(self.changed((0, head), (at + 48, struct.pack('<I', 512))))
        self.check_same(records, self.in_chunk(last))
        self.assertEqual(problems, [('CHUNK_HEADER', at, 0)])

    def test_a_chunk_without_its_header(self):
        at = w.HEADER + w.CHUNK
        records, problems, _ = dump(self.changed((at, bytes(512))))
        self.check_same(records, self.in_chunk(1))
        self.assertEqual(problems, [('CHUNK_MISSING', at, 0)])

    def test_an_empty_chunk_is_nothing_wrong(self):
        records, problems, _ = dump(self.changed((w.HEADER + w.CHUNK, bytes(w.CHUNK))))
        self.assertEqual(len(records), self.count - len(self.in_chunk(1)))
        self.assertEqual(problems, [])

    def test_torn_records(self):
        """Nought where records should be, and a record whose second size is not written yet."""
        at = w.HEADER + 512
        sizes = []
        for _ in range(30):
            sizes.append((at, struct.unpack_from('<I', self.file, at + 4)[0]))
            at += sizes[-1][1]
        hole, torn = sizes[10], sizes[20]
        records, problems, _ = dump(self.changed((hole[0], b'\xff' * hole[1]), (sum(torn) - 4, bytes(4))))
        self.assertEqual([r['number'] for r in records], [n for n in range(1, self.count + 1) if n not in (11, 21)])
        self.assertEqual({r['number'] for r in records if r['recovered']}, {12, 22})
        self.assertEqual(problems, [('CHUNK_DATA', w.HEADER, 0), ('RECORD_TORN', hole[0], 0),
                                    ('RECORD_TORN', torn[0], 0)])

    def test_a_file_cut_anywhere(self):
        for size in [*range(0, 6000, 331), *range(w.HEADER + 60000, w.HEADER + 70000, 997), len(self.file) - 1]:
            records, problems, _ = dump(self.file[:size])
            if size < 8:
                self.assertIn('this is no Windows event log', problems[0][0])
                continue
            self.assertEqual([r['event'] for r in records], [r['event'] for r in self.records[:len(records)]])
            names = {p[0] for p in problems}
            self.assertLessEqual(names, {'FILE_CUT', 'FILE_HEADER', 'CHUNK_MISSING'}, size)
            if (size - w.HEADER) % w.CHUNK:
                self.assertTrue(names, size)

    def test_bytes_by_chance(self):
        """A hundred files with some wrong bytes: it ends, and what is not near them is right."""
        for seed in range(100):
            r = random.Random(seed)
            spots = [r.randrange(w.HEADER + 512, w.HEADER + w.CHUNK) for _ in range(r.randrange(1, 30))]
            records, _, _ = dump(self.changed(*[(at, r.randbytes(r.randrange(1, 5))) for at in spots]))
            self.assertEqual([x['event'] for x in records if x['number'] > self.in_chunk(1)[0]][-900:],
                             [x['event'] for x in self.records][-900:])

    def test_old_records_behind_the_end(self):
        """A chunk that was used before: traces of then. Where the template is still there they come out."""
        at = w.HEADER + (self.chunks - 1) * w.CHUNK
        end = struct.unpack_from('<I', self.file, at + 48)[0]
        second = struct.unpack_from('<I', self.file, at + 512 + 4)[0] + 512     # the first record has the template
        old = self.file[at + second:at + second + 2000]
        records, problems, _ = dump(self.changed((at + end, old)))
        self.assertEqual(problems, [])
        more = records[self.count:]
        self.assertGreater(len(more), 5)
        self.assertTrue(all(r['recovered'] for r in more))
        self.assertEqual(more[0]['event'], records[self.in_chunk(self.chunks - 1)[1] - 1]['event'])
        gone = bytearray(old)
        place = gone.index(b'\x0c\x01')                        # its template's id
        gone[place + 2:place + 6] = b'gone'
        records, problems, _ = dump(self.changed((at + end, bytes(gone))))
        self.assertEqual(len(records), self.count + len(more) - 1)
        self.assertEqual(problems, [('REMAINS', at + end, 0)])

    def refused(self, record, name):
        """It is refused, quickly, and its neighbours are not."""
        started = time.monotonic()
        records, problems, _ = dump(w.write([(simple(1), 1, TIME), (record, 2, TIME), (simple(3), 3, TIME)]))
        self.assertEqual([r['number'] for r in records], [1, 3])
        self.assertEqual([(p[0], p[2]) for p in problems], [(name, 2)])
        self.assertLess(time.monotonic() - started, 10)

    def test_bombs(self):
        deep = w.E('a')
        for _ in range(100):
            deep = w.E('a', {}, deep)
        self.refused(w.Record(deep), 'RECORD_LIMIT')
        nested = w.Record(w.E('a'))
        for _ in range(70):
            nested = w.Record(w.E('a', {}, w.Sub(0, w.BINXML, False)), [(w.BINXML, nested)])
        self.refused(nested, 'RECORD_LIMIT')
        wide = w.E('Event', {}, *[w.Sub(0, w.STRING, False) for _ in range(4000)])
        self.refused(w.Record(wide, [(w.STRING, 'x' * 10000)]), 'RECORD_LIMIT')
        power = w.Record(w.E('a', {}, *['x' for _ in range(10)]), [])
        for _ in range(6):
            power = w.Record(w.E('a', {}, *[w.Sub(0, w.BINXML, False) for _ in range(30)]), [(w.BINXML, power)])
        self.refused(power, 'RECORD_LIMIT')

    def test_a_chunk_of_bombs_ends_soon(self):
        """Each way to make much work of few bytes, as often as a chunk holds it: what it costs is charged to the chunk.
        (Here under sanitizers; the release build takes 20 ms at most for any of them.)"""
        sub, value = w.Sub(0, w.BINXML, False), w.Sub(0, w.STRING, False)
        inner = w.Record(w.E('b', {}, value), [(w.STRING, '\0' * 8000)])
        small = w.Record(w.E('b', {}, *[w.E('c')] * 10))
        long = w.Record(w.E('n' * 8000, {}, *[w.E('n' * 8000)] * 9))
        for name, bomb in {
                'elements': w.Record(w.E('a', {}, *[sub] * 4000), [(w.BINXML, small)]),
                'noughts': w.Record(w.E('a', {}, *[sub] * 4000), [(w.BINXML, inner)]),
                'names': w.Record(w.E('a', {}, *[sub] * 4000), [(w.BINXML, long)]),
                'floats': w.Record(w.E('a', {}, *[w.E('b', {}, value)] * 400),
                                   [(w.REAL32 | w.ARRAY, [k * .37 for k in range(3000)])]),
                'items': w.Record(w.E('a', {}, *[w.E('b', {}, value)] * 1000), [(w.UINT8 | w.ARRAY, [0] * 3000)]),
                'nothing': w.Record(w.E('a', {}, *[value] * 8000), [(w.NULL, None)])}.items():
            chunk, n = w.Chunk(), 0
            while chunk.add(bomb, n + 1, TIME):
                n += 1
            with self.subTest(name):
                started = time.monotonic()
                _, problems, _ = dump(w.file_header(1, n + 1) + chunk.done(1, n))
                self.assertEqual({p[0] for p in problems}, {'RECORD_LIMIT'})
                self.assertLess(time.monotonic() - started, 10)

    def test_values_cut_short_are_given_as_far_as_they_go(self):
        data = bytearray(w.write([(simple(1), 1, TIME)]))
        size = struct.unpack_from('<I', data, w.HEADER + 512 + 4)[0]
        text = data.rindex('text 1 '.encode('utf-16-le'), 0, w.HEADER + 512 + size)
        struct.pack_into('<H', data, text - 4 - 4, 5000)        # the string's length, before the number
        records, problems, _ = dump(bytes(data))
        self.assertEqual([(p[0], p[2]) for p in problems], [('CHUNK_DATA', 0), ('RECORD_PARTIAL', 1)])
        self.assertTrue(records[0]['partial'])
        self.assertTrue(records[0]['event']['Event']['EventData']['s'].startswith('text 1 '))

    def test_no_event_log(self):
        for data in (b'', b'{"a":1}\n', b'ElfFile', b'x' * 70000):
            records, problems, _ = dump(data)
            self.assertEqual(records, [])
            self.assertIn('this is no Windows event log', problems[0][0])


# ---- what others see

def element_of(node):
    """XML as a declared element, so that the same rules give its JSON."""
    e = w.E(node.tag, {k: [v] for k, v in node.attrib.items()}, *([node.text.strip()] if node.text else []))
    for child in node:
        e.content.append(element_of(child))
        if child.tail and child.tail.strip():
            e.content.append(child.tail.strip())
    return e


def leaf(value):
    """A value as all readers write it: no braces around GUIDs, no zeros before hexadecimals, microseconds."""
    text = w.words(value).strip()
    if re.fullmatch(r'0x[0-9a-fA-F]{1,16}', text):
        return hex(int(text, 16))
    if re.fullmatch(r'\{[0-9A-Fa-f-]{36}\}', text):
        return text[1:-1].upper()
    time = re.fullmatch(r'(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.)(\d{3,9})Z', text)
    return time[1] + time[2].ljust(6, '0')[:6] + 'Z' if time else text


def flat(tree, path=''):
    """[(path, text)] of all that is not empty."""
    if isinstance(tree, list):
        pairs = [p for p in tree if isinstance(p, (list, tuple)) and len(p) == 2 and isinstance(p[0], str)]
        if tree and len(pairs) == len(tree):
            return [found for key, value in tree for found in flat(value, f'{path}/{key}')]
        return [found for i, value in enumerate(tree) for found in flat(value, f'{path}[{i}]')]
    return [(path, leaf(tree))] if tree is not None and leaf(tree) != '' else []


def exported(path):
    """The records of a file as Debian's libevtx sees them, flat."""
    done = subprocess.run(['evtxexport', '-f', 'xml', path], capture_output=True, timeout=600)
    text = done.stdout.decode('utf-8', 'replace').replace('\r', '&#13;')       # a parser would make it \n
    text = re.sub(r'(<[\w.-]+)( xmlns)(=)', r'\1\2..\3', text)                # nor shall it take namespaces away
    found = []
    for part in re.split(r'(?m)^(?=<Event[ >])', text)[1:]:
        part = part[:part.rindex('</Event>') + 8]
        tree = w.expected(w.Record(element_of(xml.etree.ElementTree.fromstring(part))))
        found.append([(p.replace('xmlns..', 'xmlns'), v) for p, v in flat(tree)])
    return found, done.stderr.decode(errors='replace')


def fetched(package, version, inside):
    """A file of a source package of PyPI, or None where that is not reached."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, '-m', 'pip', 'download', '--quiet', '--no-deps', '--no-binary', ':all:',
                               '--disable-pip-version-check', '-d', folder, f'{package}=={version}'],
                              capture_output=True, timeout=180)
        archives = list(pathlib.Path(folder).glob('*.tar.gz'))
        if done.returncode != 0 or not archives:
            return None
        with tarfile.open(archives[0]) as archive:
            return next((archive.extractfile(m).read() for m in archive if m.name.endswith(inside)), None)


class Others(unittest.TestCase):
    def agree(self, data, records_least):
        with tempfile.NamedTemporaryFile(suffix='.evtx') as file:
            file.write(data)
            file.flush()
            theirs, complaints = exported(file.name)
        _, problems, out = dump(data)
        ours = [flat(ordered(line)) for line in out if '"recovered":false' in line]
        self.assertEqual(len(ours), len(theirs), complaints[:3000])
        self.assertGreaterEqual(len(ours), records_least)
        for i, (a, b) in enumerate(zip(ours, theirs)):
            self.assertEqual(sorted(a), sorted(b), f'record {i}')
        return problems

    @unittest.skipUnless(shutil.which('evtxexport'), 'evtxexport (libevtx-utils) is not installed')
    def test_libevtx_sees_the_same_in_our_files(self):
        for seed in range(20):
            chance = Chance(seed, plain=True)
            data = w.write([(chance.plain_record(i + 1), i + 1, TIME) for i in range(100)])
            self.assertEqual(self.agree(data, 100), [])

    @unittest.skipUnless(shutil.which('evtxexport') and TWINS.exists(), 'evtxexport or ../shared is not there')
    def test_libevtx_sees_the_same_in_the_twins(self):
        lines = twin_lines()
        data = w.write([(w.twin(json.loads(line)), i + 1, TIME) for i, line in enumerate(lines)])
        self.assertEqual(self.agree(data, len(lines)), [])

    @unittest.skipUnless(shutil.which('evtxexport'), 'evtxexport (libevtx-utils) is not installed')
    def test_libevtx_sees_the_same_in_a_real_file(self):
        data = fetched(*REAL)
        if data is None:
            self.skipTest('PyPI is not reached: no real EVTX file')
        self.agree(data, 5)


if __name__ == '__main__':
    unittest.main()
