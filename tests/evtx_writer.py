"""Writes EVTX files from declared records, and says what JSON they ought to become: for tests only.

An element is E(name, {attribute: content}, *content); content is a list of str (text), Sub(index, type, optional),
Char(code), Entity(name), CData(text), PI(target, text) and elements. A record is a tree with the values of its
substitutions (a template instance), or a tree alone. A value is (type, what); of type 0x21 `what` is a Record.
"""
import datetime
import json
import re
import struct
import uuid
import zlib

CHUNK, HEADER = 65536, 4096
NULL, STRING, ANSI, INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, REAL32, REAL64, BOOL, BINARY, GUID, \
    SIZE, FILETIME, SYSTEMTIME, SID, HEX32, HEX64 = range(0x16)
BINXML, ARRAY = 0x21, 0x80
NUMBERS = {INT8: 'b', UINT8: 'B', INT16: 'h', UINT16: 'H', INT32: 'i', UINT32: 'I', INT64: 'q', UINT64: 'Q',
           REAL32: 'f', REAL64: 'd', BOOL: 'I', SIZE: 'Q', FILETIME: 'Q', HEX32: 'I', HEX64: 'Q'}
ENTITIES = {'lt': '<', 'gt': '>', 'amp': '&', 'quot': '"', 'apos': "'"}
EPOCH = datetime.datetime(1601, 1, 1)


class E:
    def __init__(self, name, attributes=None, *content):
        self.name, self.attributes, self.content = name, attributes or {}, list(content)

    def __repr__(self):
        return f'E({self.name!r}, {self.attributes!r}, *{self.content!r})'


class Piece:
    def __init__(self, *parts):
        self.parts = parts

    def __repr__(self):
        return f'{type(self).__name__}{self.parts!r}'


class Sub(Piece): pass          # index, type, optional
class Char(Piece): pass         # code
class Entity(Piece): pass       # name
class CData(Piece): pass        # text
class PI(Piece): pass           # target, text


class Record:
    """A template instance: values is a list; a tree alone: None."""
    def __init__(self, tree, values=None):
        self.tree, self.values = tree, values

    def __repr__(self):
        return f'Record({self.tree!r}, {self.values!r})'


class Full(Exception):
    pass


def filetime(text):
    """2025-10-25T13:44:33.440907Z, with up to seven digits after the point."""
    whole, _, part = text.rstrip('Z').partition('.')
    seconds = (datetime.datetime.fromisoformat(whole) - EPOCH)
    return (seconds.days * 86400 + seconds.seconds) * 10**7 + int((part + '0000000')[:7])


def filetime_text(ticks):
    return (EPOCH + datetime.timedelta(microseconds=ticks // 10)).strftime('%Y-%m-%dT%H:%M:%S.%fZ').rjust(27, '0')


def sid_bytes(text):
    parts = [int(p) for p in text.split('-')[1:]]
    return struct.pack('>BBQ', parts[0], len(parts) - 2, parts[1])[:2] + struct.pack('>Q', parts[1])[2:] + \
        b''.join(struct.pack('<I', p) for p in parts[2:])


def encode_one(kind, value):
    if kind == NULL:
        return b''
    if kind == STRING:
        return value.encode('utf-16-le', 'surrogatepass')
    if kind in (ANSI, BINARY):
        return value
    if kind in NUMBERS:
        return struct.pack('<' + NUMBERS[kind], value)
    if kind == GUID:
        return uuid.UUID(value).bytes_le
    if kind == SYSTEMTIME:
        return struct.pack('<8H', *value)
    return sid_bytes(value)


def encode(kind, value):
    if not kind & ARRAY:
        return encode_one(kind, value)
    end = {STRING | ARRAY: b'\0\0', ANSI | ARRAY: b'\0'}.get(kind, b'')
    return b''.join(encode_one(kind & ~ARRAY, v) + end for v in value)


class Chunk:
    def __init__(self):
        self.bytes = bytearray(512)
        self.names, self.templates = {}, {}
        self.buckets, self.template_buckets = [0] * 64, [0] * 32
        self.first = self.last = self.last_at = None

    def save(self):
        return len(self.bytes), dict(self.names), dict(self.templates), list(self.buckets), list(self.template_buckets)

    def restore(self, kept):
        size, self.names, self.templates, self.buckets, self.template_buckets = kept
        del self.bytes[size:]

    def put(self, form, *values):
        self.bytes += struct.pack('<' + form, *values)

    def name(self, name):
        """A reference; the name itself behind it the first time."""
        if name in self.names:
            self.put('I', self.names[name])
            return
        at = self.names[name] = len(self.bytes) + 4
        units = name.encode('utf-16-le')
        full = 0
        for unit in struct.unpack(f'<{len(units) // 2}H', units):
            full = (full * 65599 + unit) & 0xffffffff
        bucket = (full & 0xffff) % 64
        self.put('IIHH', at, self.buckets[bucket], full & 0xffff, len(units) // 2)
        self.buckets[bucket] = at
        self.bytes += units + b'\0\0'

    def text(self, token, text):
        units = text.encode('utf-16-le', 'surrogatepass')
        kind = (STRING,) if token & 0x3f == 5 else ()
        self.put('B' + 'B' * len(kind) + 'H', token, *kind, len(units) // 2)
        self.bytes += units

    def content(self, pieces, dependency):
        for i, piece in enumerate(pieces):
            more = 0x40 if i + 1 < len(pieces) else 0
            if isinstance(piece, E):
                self.element(piece, dependency)
            elif isinstance(piece, str):
                self.text(5 | more, piece)
            elif isinstance(piece, Sub):
                self.put('BHB', 0x0e if piece.parts[2] else 0x0d, piece.parts[0], piece.parts[1])
            elif isinstance(piece, Char):
                self.put('BH', 8 | more, piece.parts[0])
            elif isinstance(piece, Entity):
                self.put('B', 9 | more)
                self.name(piece.parts[0])
            elif isinstance(piece, CData):
                self.text(7 | more, piece.parts[0])
            else:
                self.put('B', 0x0a)
                self.name(piece.parts[0])
                self.text(0x0b, piece.parts[1])

    def element(self, e, dependency):
        self.put('B', 0x41 if e.attributes else 0x01)
        if dependency:
            self.put('H', 0xffff)
        size_at = len(self.bytes)
        self.put('I', 0)
        self.name(e.name)
        if e.attributes:
            list_at = len(self.bytes)
            self.put('I', 0)
            for i, (name, value) in enumerate(e.attributes.items()):
                self.put('B', 0x46 if i + 1 < len(e.attributes) else 0x06)
                self.name(name)
                self.content(value, dependency)
            struct.pack_into('<I', self.bytes, list_at, len(self.bytes) - list_at - 4)
        if e.content:
            self.put('B', 2)
            self.content(e.content, dependency)
            self.put('B', 4)
        else:
            self.put('B', 3)
        struct.pack_into('<I', self.bytes, size_at, len(self.bytes) - size_at - 4)

    def instance(self, record):
        identity = uuid.uuid5(uuid.NAMESPACE_URL, repr(record.tree))
        key = identity.bytes_le
        number = struct.unpack('<I', key[:4])[0]
        at = self.templates.get(key)
        self.put('BBII', 0x0c, 1, number, len(self.bytes) + 10 if at is None else at)
        if at is None:
            at = self.templates[key] = len(self.bytes)
            bucket = number % 32
            self.put('I', self.template_buckets[bucket])
            self.template_buckets[bucket] = at
            self.bytes += key
            self.put('I', 0)
            self.put('4B', 0x0f, 1, 1, 0)
            self.element(record.tree, True)
            self.put('B', 0)
            struct.pack_into('<I', self.bytes, at + 20, len(self.bytes) - at - 24)
        self.put('I', len(record.values))
        sizes_at = len(self.bytes)
        for kind, _ in record.values:
            self.put('HBB', 0, kind, 0)
        for i, (kind, value) in enumerate(record.values):
            start = len(self.bytes)
            if kind == BINXML:
                self.fragment(value)
            else:
                self.bytes += encode(kind, value)
            if len(self.bytes) - start > 65535:
                raise Full
            struct.pack_into('<H', self.bytes, sizes_at + 4 * i, len(self.bytes) - start)

    def fragment(self, record):
        self.put('4B', 0x0f, 1, 1, 0)
        if record.values is None:
            self.element(record.tree, False)
        else:
            self.instance(record)
        self.put('B', 0)

    def add(self, record, number, written):
        """False: there is no room."""
        kept, at = self.save(), len(self.bytes)
        try:
            self.put('4sIQQ', b'**\0\0', 0, number, written)
            self.fragment(record)
            self.bytes += bytes(-(len(self.bytes) + 4) % 8)
            size = len(self.bytes) + 4 - at
            if at + size > CHUNK:
                raise Full
        except Full:
            self.restore(kept)
            return False
        self.put('I', size)
        struct.pack_into('<I', self.bytes, at + 4, size)
        self.first = number if self.first is None else self.first
        self.last, self.last_at = number, at
        return True

    def done(self, first_place, last_place):
        free = len(self.bytes)
        head = struct.pack('<8sQQQQIII', b'ElfChnk\0', first_place, last_place, self.first, self.last, 128,
                           self.last_at, free) + struct.pack('<I', zlib.crc32(self.bytes[512:free]))
        head = head.ljust(120, b'\0') + struct.pack('<II', 1, 0)
        tables = struct.pack('<64I', *self.buckets) + struct.pack('<32I', *self.template_buckets)
        crc = zlib.crc32(head[:120] + tables)
        self.bytes[:512] = head[:124] + struct.pack('<I', crc) + tables
        return bytes(self.bytes.ljust(CHUNK, b'\0'))


def file_header(chunks, next_record, flags=0):
    head = struct.pack('<8sQQQIHHHH', b'ElfFile\0', 0, max(chunks - 1, 0), next_record, 128, 1, 3, HEADER, chunks)
    head = head.ljust(120, b'\0')
    return (head + struct.pack('<II', flags, zlib.crc32(head))).ljust(HEADER, b'\0')


def write(records, flags=0):
    """records: [(Record, number, FILETIME)] -> bytes of a file."""
    chunks, chunk, place, first_place = [], Chunk(), 0, 1
    for record, number, written in records:
        if not chunk.add(record, number, written):
            if chunk.first is None:
                raise ValueError('the record is larger than a chunk')
            chunks.append(chunk.done(first_place, place))
            chunk, first_place = Chunk(), place + 1
            if not chunk.add(record, number, written):
                raise ValueError('the record is larger than a chunk')
        place += 1
    if chunk.first is not None:
        chunks.append(chunk.done(first_place, place))
    last = records[-1][1] + 1 if records else 1
    return file_header(len(chunks), last, flags) + b''.join(chunks)


# ---- what JSON it ought to become; written for clearness, of one mind with evtx.h

def scalar(kind, value):
    if kind in (NULL,):
        return None
    if kind == STRING:
        return value.encode('utf-16-le', 'surrogatepass').decode('utf-16-le', 'replace').rstrip('\0')
    if kind == ANSI:
        value = value.rstrip(b'\0')
        try:
            return value.decode('utf-8')
        except UnicodeDecodeError:
            return ''.join(bytes([b]).decode('cp1252', 'ignore') or chr(b) for b in value)
    if kind == BOOL:
        return bool(value)
    if kind == BINARY:
        return value.hex().upper()
    if kind in (HEX32, HEX64, SIZE):
        return hex(value)
    if kind == FILETIME:
        return filetime_text(value)
    if kind == SYSTEMTIME:
        y, m, _, d, h, mi, s, ms = value
        return f'{y:04}-{m:02}-{d:02}T{h:02}:{mi:02}:{s:02}.{ms:03}000Z'
    if kind == GUID:
        return value.upper()
    return value


def items(kind, value):
    """The values of a substitution, scalars each; [] if it is empty."""
    if kind == NULL or (kind in (STRING, ANSI, BINARY) and not scalar(kind, value)):
        return []
    if kind & ARRAY:
        return [scalar(kind & ~ARRAY, v) for v in value]
    return [scalar(kind, value)]


def words(value):
    return '%g' % value if isinstance(value, float) else json.dumps(value) if isinstance(value, bool) else str(value)


def texts(content, values):
    """What of the content is text: [(is it a value, its items)]"""
    found = []
    for piece in content:
        if isinstance(piece, str):
            found.append((False, [piece]))
        elif isinstance(piece, CData):
            found.append((False, [piece.parts[0]]))
        elif isinstance(piece, Char):
            found.append((False, [chr(piece.parts[0])]))
        elif isinstance(piece, Entity):
            found.append((False, [ENTITIES.get(piece.parts[0], f'&{piece.parts[0]};')]))
        elif isinstance(piece, Sub):
            kind, value = values[piece.parts[0]] if piece.parts[0] < len(values) else (NULL, None)
            if kind != BINXML and items(kind, value):
                found.append((True, items(kind, value)))
    return [f for f in found if f[0] or f[1] != ['']]


def text_value(content, values):
    found = texts(content, values)
    if len(found) == 1 and found[0][0]:
        return found[0][1] if len(found[0][1]) > 1 else found[0][1][0]
    return plain(found)


def plain(found):
    return ''.join(','.join(words(v) for v in f[1]) for f in found)


def elements(content, values):
    """(element, its values, whether it stands there itself and not in a value)"""
    for piece in content:
        if isinstance(piece, E):
            yield piece, values, True
        elif isinstance(piece, Sub) and piece.parts[0] < len(values) and values[piece.parts[0]][0] == BINXML:
            inner = values[piece.parts[0]][1]
            yield inner.tree, inner.values or [], False


def data_value(e, values):
    return body(e, values) if list(elements(e.content, values)) else text_value(e.content, values)


def body(e, values):
    """An object is a list of (name, value); a name may stand in it twice, and rules see both values."""
    members = []
    attributes = [(k, text_value(v, values)) for k, v in e.attributes.items() if texts(v, values)]
    if attributes:
        members.append(('#attributes', attributes))
    if texts(e.content, values):
        members.append(('#text', text_value(e.content, values)))
    container = e.name in ('EventData', 'UserData')
    named = lambda c, v: bool(texts(c.attributes.get('Name', []), v))
    listed = False
    for child, own, here in elements(e.content, values):
        if not container or child.name != 'Data':
            members.append((child.name, element_value(child, own)))
        elif named(child, own):
            members.append((plain(texts(child.attributes['Name'], own)), data_value(child, own)))
        elif not here:
            members.append(('Data', data_value(child, own)))
        elif not listed:
            listed, found = True, []
            for other, its, there in elements(e.content, values):
                if there and other.name == 'Data' and not named(other, its):
                    value = data_value(other, its)
                    several = texts(other.content, its)
                    many = len(several) == 1 and several[0][0] and isinstance(value, list)
                    found += value if many and not list(elements(other.content, its)) else [value]
            members.append(('Data', [('#text', found if len(found) > 1 else found[0])]))
    return members


def element_value(e, values):
    attributes = any(texts(v, values) for v in e.attributes.values())
    if attributes or list(elements(e.content, values)):
        return body(e, values)
    return text_value(e.content, values) if texts(e.content, values) else None


def expected(record):
    return [(record.tree.name, element_value(record.tree, record.values or []))]


# ---- twins of events that are JSON already

GUID_FORM = re.compile(r'[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}')
HEX_FORM = re.compile(r'0x(0|[1-9a-f][0-9a-f]*)')
SID_FORM = re.compile(r'S-1(-\d+)+')
STAMP_FORM = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z')


def typed(value):
    if value is None:
        return NULL, None
    if isinstance(value, bool):
        return BOOL, int(value)
    if isinstance(value, int):
        return (UINT16 if 0 <= value < 65536 else UINT32 if 0 <= value < 2**32 else
                UINT64 if value >= 0 else INT64), value
    if GUID_FORM.fullmatch(value):
        return GUID, value
    if HEX_FORM.fullmatch(value) and len(value) <= 18:
        return HEX64, int(value, 16)
    if SID_FORM.fullmatch(value):
        return SID, value
    if STAMP_FORM.fullmatch(value):
        return FILETIME, filetime(value)
    return STRING, value


class Twin:
    """Builds the record that becomes a given JSON event, as Windows would: a template for System, one for the data."""

    def __init__(self):
        self.values = []

    def sub(self, value):
        self.values.append(typed(value))
        return Sub(len(self.values) - 1, self.values[-1][0], True)

    def element(self, name, value):
        attributes, content = {}, []
        if isinstance(value, dict):
            for key, inner in value.items():
                if key == '#attributes':
                    attributes = {k: [self.attribute(k, v)] for k, v in inner.items()}
                elif key == '#text':
                    content.append(self.sub(inner))
                elif name == 'EventData':
                    content.append(E('Data', {'Name': [key]}, self.sub(inner)))
                else:
                    content.append(self.element(key, inner))
        else:
            content.append(self.sub(value))
        return E(name, attributes, *content)

    def attribute(self, name, value):
        return value if name in ('xmlns', 'Name') else self.sub(value)

    def record(self, event):
        inner = Twin()
        data_name, data = next((k, v) for k, v in event['Event'].items() if k in ('EventData', 'UserData'))
        nested = inner.element(data_name, data)
        head = {k: v for k, v in event['Event'].items() if k != data_name}
        tree = self.element('Event', head)
        self.values.append((BINXML, Record(nested, inner.values)))
        tree.content.append(Sub(len(self.values) - 1, BINXML, True))
        return Record(tree, self.values)


def twin(event):
    return Twin().record(event)
