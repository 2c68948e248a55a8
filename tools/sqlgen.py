#!/usr/bin/env python3
"""sqlgen.py - makes typed C calls of .sql files, and the tables of both engines of *_schema.sql files.

usage: sqlgen.py statements X.sql OUT.h OUT.c
       sqlgen.py schema [A_schema.sql ...] OUT.h OUT.c
       sqlgen.py index [X.sql ...] OUT.h OUT.c        (all statements, for the test that prepares them)

A statement:

    -- name: report_find
    -- in: id uuid, scope_team text
    -- out: number text, owner uuid?, size int
    -- one                                            (or many, or run)
    SELECT number, owner, size FROM report WHERE id = :id AND team = :scope_team;

Types are uuid, instant, int, bool, text and blob; all but int and bool may be NULL (`?`).  `-- in:` and
`-- out:` may come more than once.  `-- @sqlite` and `-- @pg` give the following lines to one engine, until
`-- @all` or the next name.  A file in a folder query/ shows things to people: each of its statements binds
one scope, and only one: scope_team, scope_organisation (a constituent's) or scope_statistic (an overseer's).

A schema is written once, in SQLite's words: BLOB, INTEGER, TEXT, STRICT, WITHOUT ROWID.  PostgreSQL's words
are made of them.  `-- projection: key team, id` before a CREATE TABLE puts it into the projections' digest.
"""
import pathlib, re, sys

ENGINES = ('sqlite', 'pg')
C_ENGINES = {'sqlite': 'DB_SQLITE', 'pg': 'DB_POSTGRES'}
# type: C type, kind, type on the wire, may be NULL
TYPES = {'uuid': ('struct uuid ', 'DB_KIND_UUID', 'DB_BLOB', True),
         'instant': ('struct instant ', 'DB_KIND_INSTANT', 'DB_INT', True),
         'int': ('int64_t ', 'DB_KIND_INT', 'DB_INT', False),
         'bool': ('bool ', 'DB_KIND_BOOL', 'DB_INT', False),
         'text': ('str ', 'DB_KIND_TEXT', 'DB_TEXT', True),
         'blob': ('str ', 'DB_KIND_BLOB', 'DB_BLOB', True)}
COLUMN_TYPES = {'BLOB': 'DB_BLOB', 'INTEGER': 'DB_INT', 'TEXT': 'DB_TEXT'}
PG_TYPES = {'BLOB': 'BYTEA', 'INTEGER': 'BIGINT', 'TEXT': 'TEXT COLLATE "C"'}
C_KEYWORDS = set('asm auto bool break case char const continue default do double else enum extern false '
                 'float for goto if inline int long register restrict return short signed sizeof static str '
                 'struct switch true typedef typeof union unsigned void volatile while'.split())
SCOPES = ('scope_team', 'scope_organisation', 'scope_statistic')
PARAMS_MAX = 64                 # DB_PARAMS_MAX of db.h
PAGE_ROWS = 1000

# What the texts consist of.  Order matters: a quote or a cast hides what looks like a parameter in it.
TOKEN = re.compile(r"""(?P<comment>--[^\n]*|/\*.*?\*/) | (?P<blob>\b[xX]'[0-9a-fA-F]*')
                       | (?P<quoted>'(?:[^']|'')*'|"[^"]*") | (?P<open>['"]|/\*) | (?P<cast>::)
                       | :(?P<param>[A-Za-z_]\w*) | (?P<word>[A-Za-z_]\w*) | (?P<end>;)
                       | (?P<foreign>\?\d*|\$\d+) | (?P<space>\s+) | (?P<other>.)""", re.S | re.X)


class Wrong(Exception):
    def __init__(self, path, line, text):
        super().__init__(f'{path}:{line}: {text}')


class Field:
    def __init__(self, name, kind, nullable):
        self.name, self.kind, self.nullable = name, kind, nullable
        self.c_type, self.c_kind, self.wire, _ = TYPES[kind]


class Statement:
    def __init__(self, name, line):
        self.name, self.line, self.form, self.ins, self.outs = name, line, None, [], []
        self.lines = {engine: [] for engine in ENGINES}         # (number, text)
        self.text = {}


def tokens(path, lines):
    """Yields (line number, kind, text) of numbered lines."""
    text = '\n'.join(t for _, t in lines)
    numbers = [n for n, _ in lines]
    for m in TOKEN.finditer(text):
        number = numbers[text.count('\n', 0, m.start())]
        if m.lastgroup == 'open':
            raise Wrong(path, number, f'{m[0]} is never closed')
        yield number, m.lastgroup, m[0]


def parse_fields(path, number, text, known):
    fields = []
    for part in text.split(','):
        m = re.fullmatch(r'\s*([a-z][a-z0-9_]*) ([a-z]+)(\??)\s*', part)
        if not m:
            raise Wrong(path, number, f"'{part.strip()}' is not 'name type' or 'name type?'")
        name, kind, nullable = m[1], m[2], m[3] == '?'
        if kind not in TYPES:
            raise Wrong(path, number, f"'{kind}' is not a type: one of {', '.join(TYPES)}")
        if nullable and not TYPES[kind][3]:
            raise Wrong(path, number, f"'{name} {kind}?': {kind} has no value that could mean NULL; "
                        'use coalesce(), or a second column that says whether there is one')
        if name in C_KEYWORDS:
            raise Wrong(path, number, f"'{name}' is a word of C: name it otherwise")
        if name in {f.name for f in known + fields}:
            raise Wrong(path, number, f"'{name}' stands there twice")
        fields.append(Field(name, kind, nullable))
    return fields


def parse_note(path, number, word, rest, current):
    if word in ('in', 'out'):
        if not rest:
            raise Wrong(path, number, f"'-- {word}:' names nothing: leave the line out")
        fields = current.ins if word == 'in' else current.outs
        fields += parse_fields(path, number, rest, fields)
    elif rest:
        raise Wrong(path, number, f"write '-- {word}' alone on its line")
    elif current.form:
        raise Wrong(path, number, f"'{current.name}' is {current.form} already")
    else:
        current.form = word


def with_parts(path, number, line, parts):
    def part(m):
        if m[1] not in parts:
            raise Wrong(path, number, f"there is no '-- part: {m[1]}' before this")
        return ' '.join(parts[m[1]])
    return re.sub(r'\{(\w+)\}', part, line)


def parse_statements(path):
    statements, current, dialect, parts, part = [], None, ENGINES, {}, None
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
        note = re.fullmatch(r'-- (?:(name|part|in|out):\s*(.*?)|(one|many|run)|@(\w+))\s*', line)
        if note and note[1] in ('name', 'part'):
            part = None
        if note and note[1] == 'part':
            if not re.fullmatch(r'[a-z][a-z0-9_]*', note[2]) or note[2] in parts:
                raise Wrong(path, number, f"'{note[2]}' is no name of a new part: small letters, digits and _")
            part = parts[note[2]] = []
        elif part is not None:
            if note:
                raise Wrong(path, number, 'a part is lines of SQL, for both engines: begin the statement first')
            if not line.startswith('--'):
                part.append(with_parts(path, number, line.strip(), parts))
        elif note and note[1] == 'name':
            if not re.fullmatch(r'[a-z][a-z0-9_]*', note[2]):
                raise Wrong(path, number, f"'{note[2]}' is not a name: small letters, digits and _")
            if note[2] in {s.name for s in statements}:
                raise Wrong(path, number, f"'{note[2]}' is the name of two statements")
            current, dialect = Statement(note[2], number), ENGINES
            statements.append(current)
        elif current is None:
            if line.strip() and not line.startswith('--'):
                raise Wrong(path, number, "SQL before the first '-- name:'")
        elif note and note[4]:
            if note[4] not in ENGINES + ('all',):
                raise Wrong(path, number, f"'@{note[4]}' is not @sqlite, @pg or @all")
            dialect = ENGINES if note[4] == 'all' else (note[4],)
        elif note:
            parse_note(path, number, note[1] or note[3], note[2] or '', current)
        else:
            line = with_parts(path, number, line, parts)
            for engine in dialect:
                current.lines[engine].append((number, line))
    return statements


def translate_text(path, s, engine):
    """The statement's text for one engine on one line, parameters numbered."""
    order, used, out, ended = [f.name for f in s.ins], set(), [], False
    for number, kind, text in tokens(path, s.lines[engine]):
        if kind in ('space', 'comment'):
            out.append(' ')
            continue
        if ended:
            raise Wrong(path, number, f"'{s.name}' goes on after its ';'")
        if kind == 'end':
            ended = True
        elif kind == 'foreign':
            raise Wrong(path, number, f"'{text}': write :name for a parameter")
        elif kind == 'param':
            name = text[1:]
            if name not in order:
                raise Wrong(path, number, f"':{name}' is not among the ins of '{s.name}'")
            used.add(name)
            out.append(('?' if engine == 'sqlite' else '$') + str(order.index(name) + 1))
        elif kind == 'blob' and engine == 'pg':
            out.append(pg_blob(text))
        else:
            out.append(text)
    for name in order:
        if name not in used:
            raise Wrong(path, s.line, f"'{s.name}' never uses :{name} on {engine}")
    return collapse(out)


def collapse(parts):
    """Runs of blanks become one; the inside of quotes is left alone."""
    out = []
    for p in parts:
        if p != ' ' or (out and out[-1] != ' '):
            out.append(p)
    return ''.join(out).rstrip(' ')


def pg_blob(text):
    return "'\\x" + text[2:-1] + "'::bytea"


def check_statement(path, s):
    if s.form is None:
        raise Wrong(path, s.line, f"'{s.name}' says neither one, many nor run")
    if s.form == 'run' and s.outs:
        raise Wrong(path, s.line, f"'{s.name}' has outs: it is one or many, not run")
    if s.form != 'run' and not s.outs:
        raise Wrong(path, s.line, f"'{s.name}' is {s.form} but has no outs")
    if len(s.ins) > PARAMS_MAX:
        raise Wrong(path, s.line, f"'{s.name}' has more than {PARAMS_MAX} ins")
    scopes = [f.name for f in s.ins if f.name in SCOPES]
    if path.resolve().parent.name == 'query' and len(scopes) != 1:
        raise Wrong(path, s.line, f"'{s.name}': a statement in query/ must bind its scope: put one of "
                    f"{', '.join(SCOPES)} among the ins and use it" + (', not two of them' if scopes else ''))
    for engine in ENGINES:
        s.text[engine] = translate_text(path, s, engine)
        if not s.text[engine]:
            raise Wrong(path, s.line, f"'{s.name}' has no text for {engine}")


def load_statements(path):
    if not re.fullmatch(r'[a-z][a-z0-9_]*', path.stem):
        raise Wrong(path, 1, 'the file name must be small letters, digits and _')
    statements = parse_statements(path)
    for s in statements:
        check_statement(path, s)
    return statements


def c_string(text, indent='\t\t'):
    """A C literal, cut into lines that fit; ASCII only, so that every compiler reads the same bytes."""
    parts, part = [], ''
    for byte in text.encode('utf-8'):
        char = chr(byte)
        piece = {'"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t'}.get(char, char)
        if char == '?' and part.endswith('?'):
            piece = '\\?'                               # no trigraph
        if not 32 <= byte < 127 and len(piece) == 1:
            piece = f'\\{byte:03o}'
        part += piece
        if char == '\n' or (len(part) > 70 and char == ' '):
            parts.append(part)
            part = ''
    if part or not parts:
        parts.append(part)
    return f'\n{indent}'.join(f'"{p}"' for p in parts)


def signature(s):
    parts = ['struct db *db']
    if s.form != 'run':
        parts.append('struct arena *a')
    if s.ins:
        parts.append(f'const struct sql_{s.name} *in')
    if s.form == 'one':
        parts += [f'struct sql_{s.name}_row *out_row', 'bool *out_found']
    if s.form == 'many':
        parts += [f'struct sql_{s.name}_row **out_rows', 'ptrdiff_t *out_count']
    return f'bool sql_{s.name}({", ".join(parts)}, struct err *err)'


def c_struct(name, fields):
    lines = [f'\t{f.c_type}{f.name};' + ('\t/* or NULL */' if f.nullable else '') for f in fields]
    return f'struct {name} {{\n' + '\n'.join(lines) + '\n};\n'


def header_of(path, statements):
    out = [f'/* Generated by tools/sqlgen.py from {path.name}: do not edit. */\n#pragma once\n',
           '#include "base/arena.h"\n#include "base/uuid.h"\n#include "db/db.h"\n\n']
    for s in statements:
        if s.ins:
            out.append(c_struct(f'sql_{s.name}', s.ins))
        if s.outs:
            out.append(c_struct(f'sql_{s.name}_row', s.outs))
        out.append(f'MUST_CHECK {signature(s)};\n\n')
    out.append(f'extern const struct db_statement *const sql_{path.stem}_statements[];\n'
               f'extern const ptrdiff_t sql_{path.stem}_count;\n')
    return ''.join(out)


def c_types(name, wires):
    return f'static const enum db_type {name}[] = {{ {", ".join(wires)} }};\n' if wires else ''


def c_fields(name, struct, fields):
    rows = [f'\t{{ "{f.name}", {f.c_kind}, {"true" if f.nullable else "false"}, '
            f'offsetof(struct {struct}, {f.name}) }},\n' for f in fields]
    return f'static const struct db_field {name}[] = {{\n{"".join(rows)}}};\n' if fields else ''


def c_statement(name, text, ins, outs, prefix, indent):
    """The initialiser of a struct db_statement; ins and outs are counts."""
    lines = [f'{indent}.name = "{name}",', f'{indent}.text = {{']
    for engine in ENGINES:
        lines.append(f'{indent}\t[{C_ENGINES[engine]}] = {c_string(text[engine], indent + chr(9) * 2)},')
    lines += [f'{indent}}},', f'{indent}.params = {ins}, .columns = {outs},']
    if outs:
        lines.append(f'{indent}.types = {prefix}_out_types,')
    if ins:
        lines.append(f'{indent}.param_types = {prefix}_in_types,')
    return '\n'.join(lines)


def body_of(s):
    call, given = f'&{s.name}', 'in' if s.ins else 'NULL'
    if s.form == 'run':
        return f'\treturn db_call_run(db, {call}, {given}, err);\n'
    results = {
        'one': f'\tif (rows.count == 1)\n\t\t*out_row = *(const struct sql_{s.name}_row *)rows.rows;\n'
               '\t*out_found = rows.count == 1;\n',
        'many': '\t*out_rows = rows.rows;\n\t*out_count = rows.count;\n'}
    return (f'\tstruct db_call_rows rows;\n\tif (!db_call_{s.form}(db, a, {call}, {given}, &rows, err))\n'
            f'\t\treturn false;\n{results[s.form]}\treturn true;\n')


def source_of(path, header, statements):
    out = [f'/* Generated by tools/sqlgen.py from {path.name}: do not edit. */\n#include "{header}"\n\n'
           '#include "db/db_call.h"\n\n']
    for s in statements:
        n = s.name
        out += [c_types(f'{n}_in_types', [f.wire for f in s.ins]),
                c_types(f'{n}_out_types', [f.wire for f in s.outs]),
                c_fields(f'{n}_ins', f'sql_{n}', s.ins), c_fields(f'{n}_outs', f'sql_{n}_row', s.outs),
                f'static const struct db_call {n} = {{\n\t.statement = {{\n',
                c_statement(n, s.text, len(s.ins), len(s.outs), n, '\t\t'), '\n\t},\n',
                f'\t.ins = {n}_ins,\n' if s.ins else '',
                f'\t.outs = {n}_outs,\n\t.row_size = sizeof(struct sql_{n}_row),\n' if s.outs else '',
                '};\n\n', signature(s), f'\n{{\n{body_of(s)}}}\n\n']
    out.append(f'const struct db_statement *const sql_{path.stem}_statements[] = {{\n')
    out += [f'\t&{s.name}.statement,\n' for s in statements]
    out.append(f'\tNULL\n}};\nconst ptrdiff_t sql_{path.stem}_count = {len(statements)};\n')
    return ''.join(out)


# --- schemas

class Table:
    def __init__(self, path, line, key):
        self.path, self.line, self.key = path, line, key
        self.name, self.columns = None, []              # (name, type)


def parse_schema(path):
    """Returns numbered lines for each engine and the projections."""
    lines, tables, dialect, marked = {e: [] for e in ENGINES}, [], ENGINES, None
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
        at = re.fullmatch(r'-- @(\w+)\s*', line)
        mark = re.match(r'-- projection\b(.*)', line)
        if at:
            if at[1] not in ENGINES + ('all',):
                raise Wrong(path, number, f"'@{at[1]}' is not @sqlite, @pg or @all")
            dialect = ENGINES if at[1] == 'all' else (at[1],)
            continue
        if mark:
            m = re.fullmatch(r':\s*key\s+(\w+(?:\s*,\s*\w+)*)\s*', mark[1])
            if not m:
                raise Wrong(path, number, "write '-- projection: key column, column'")
            if marked:
                raise Wrong(path, marked.line, 'no CREATE TABLE follows this mark')
            marked = Table(path, number, re.split(r'\s*,\s*', m[1]))
        elif marked and line.strip() and not line.startswith('--'):
            if dialect != ENGINES:
                raise Wrong(path, number, 'a projection is the same table on both engines: not under @'
                            + dialect[0])
            tables.append(marked)
            marked = None
            tables[-1].create = number
        for engine in dialect:
            lines[engine].append((number, line))
    if marked:
        raise Wrong(path, marked.line, 'no CREATE TABLE follows this mark')
    for t in tables:
        read_table(t, lines['sqlite'])
    return lines, tables


def table_items(t, lines):
    """Splits CREATE TABLE name ( item, item ) into words; nested parentheses become one word each."""
    head, items, item, depth = [], [], [], 0
    for number, kind, text in tokens(t.path, [(n, x) for n, x in lines if n >= t.create]):
        if kind in ('space', 'comment'):
            continue
        if text == '(':
            depth += 1
        if kind == 'end' and depth == 0:
            return head, [i for i in items if i]
        if depth == 0:
            (head if not items else item).append(text)
        elif depth == 1 and text in '(,':
            item = []
            items.append(item)
        elif depth == 1 and text == ')':
            item = []
            items.append(item)
        else:
            item.append(text)
        if text == ')':
            depth -= 1
    raise Wrong(t.path, t.create, "this CREATE TABLE has no ';'")


def read_table(t, lines):
    head, items = table_items(t, lines)
    if len(head) != 3 or [w.upper() for w in head[:2]] != ['CREATE', 'TABLE']:
        raise Wrong(t.path, t.create, 'a projection is made by CREATE TABLE name (...)')
    t.name, options = head[2], ' '.join(items[-1]).upper() if items else ''
    unique, not_null = [], set()
    for words in items:
        upper = [w.upper() for w in words]
        if upper[0] in ('PRIMARY', 'UNIQUE'):
            unique.append((upper[0], [w for w in words[words.index('(') + 1:-1] if w != ',']))
        elif upper[0] in ('STRICT', 'WITHOUT', 'CHECK', 'FOREIGN', 'CONSTRAINT'):
            continue
        else:
            if len(words) < 2 or words[1] not in COLUMN_TYPES:
                raise Wrong(t.path, t.create, f"column '{words[0]}' of {t.name} needs a type: "
                            + ', '.join(COLUMN_TYPES))
            t.columns.append((words[0], upper[1]))
            text = ' '.join(upper)
            if 'PRIMARY KEY' in text or 'UNIQUE' in upper:
                unique.append(('PRIMARY' if 'PRIMARY' in upper else 'UNIQUE', [words[0]]))
            if 'NOT NULL' in text or (upper[1] == 'INTEGER' and 'PRIMARY KEY' in text):
                not_null.add(words[0])
    if 'WITHOUT ROWID' in options:
        not_null.update(*[columns for kind, columns in unique if kind == 'PRIMARY'])
    check_key(t, unique, not_null)


def check_key(t, unique, not_null):
    """Paging by a key that is NULL or not unique would lose rows, and the digest with them."""
    names = [n for n, _ in t.columns]
    for column in t.key:
        if column not in names:
            raise Wrong(t.path, t.line, f"key column '{column}' is not a column of {t.name}")
        if column not in not_null:
            raise Wrong(t.path, t.line, f"key column '{column}' of {t.name} must be NOT NULL")
    if not any(set(columns) <= set(t.key) for _, columns in unique):
        raise Wrong(t.path, t.line, f"the key of {t.name} must hold the PRIMARY KEY or a UNIQUE (...) of it")


def pg_schema(path, lines):
    """PostgreSQL's words for SQLite's."""
    out = []
    for _, kind, text in tokens(path, lines):
        word = text.upper()
        if kind == 'comment':
            continue
        if kind == 'blob':
            text = pg_blob(text)
        elif kind == 'word' and text in PG_TYPES:
            text = PG_TYPES[text]
        elif kind == 'word' and word in ('STRICT', 'WITHOUT', 'ROWID'):
            text = ''
        out.append(text)
    text = re.sub(r'\)(\s*,)+\s*;', ');', ''.join(out))         # what STRICT and WITHOUT ROWID leave behind
    return re.sub(r'\)\s+;', ');', text)


def squeeze(text):
    return ''.join(line.rstrip() + '\n' for line in text.splitlines() if line.strip())


def sqlite_schema(path, lines):
    return ''.join(text for _, kind, text in tokens(path, lines) if kind != 'comment')


def table_texts(t, engine):
    mark = '?' if engine == 'sqlite' else '$'
    columns, key = ', '.join(n for n, _ in t.columns), ', '.join(t.key)
    after = ', '.join(f'{mark}{i + 1}' for i in range(len(t.key)))
    tail = f' ORDER BY {key} LIMIT {PAGE_ROWS}'
    return {'first': f'SELECT {columns} FROM {t.name}{tail}',
            'after': f'SELECT {columns} FROM {t.name} WHERE ({key}) > ({after}){tail}',
            'clear': f'DELETE FROM {t.name}'}


def table_source(t):
    types, names = dict(t.columns), [n for n, _ in t.columns]
    texts = {engine: table_texts(t, engine) for engine in ENGINES}
    n = t.name
    out = [c_types(f'{n}_out_types', [COLUMN_TYPES[c] for _, c in t.columns]),
           c_types(f'{n}_in_types', [COLUMN_TYPES[types[k]] for k in t.key]),
           f'static const int {n}_key[] = {{ {", ".join(str(names.index(k)) for k in t.key)} }};\n']
    entry = [f'\t{{\n\t\t.name = "{n}", .key = "{", ".join(t.key)}",\n',
             f'\t\t.columns = {c_string(", ".join(names), chr(9) * 3)},\n',
             f'\t\t.types = {n}_out_types, .column_count = {len(names)},\n',
             f'\t\t.key_columns = {n}_key, .key_count = {len(t.key)},\n']
    for which, ins, outs in (('first', 0, len(names)), ('after', len(t.key), len(names)), ('clear', 0, 0)):
        text = {engine: texts[engine][which] for engine in ENGINES}
        entry += [f'\t\t.{which} = {{\n', c_statement(f'{n}_{which}', text, ins, outs, n, '\t\t\t'),
                  '\n\t\t},\n']
    entry.append('\t},\n')
    return ''.join(out), ''.join(entry)


SCHEMA_HEADER = '''/* Generated by tools/sqlgen.py from the *_schema.sql files: do not edit. */
#pragma once
#include "db/db.h"

extern const char *const schema_sql[DB_ENGINES];        /* every table, for db_script */

/* A table that counts for the digest of the projections. */
struct schema_table {
	const char *name;
	const char *key;                /* "team, id": unique, never NULL */
	const char *columns;            /* "team, id, number": as declared */
	const enum db_type *types;      /* of the columns */
	int column_count;
	const int *key_columns;         /* where the key stands in a row: parameters for `after` */
	int key_count;
	struct db_statement first;      /* in the key's bytewise order, a page of schema_page_rows at most */
	struct db_statement after;      /* the page after this key */
	struct db_statement clear;
};

extern const ptrdiff_t schema_page_rows;
extern const struct schema_table schema_projections[];
extern const ptrdiff_t schema_projections_count;
'''


def schema(paths, header):
    text, tables = {e: '' for e in ENGINES}, []
    for path in paths:
        lines, more = parse_schema(path)
        for t in more:
            if t.name in {other.name for other in tables}:
                raise Wrong(path, t.line, f"'{t.name}' is a projection already")
            tables.append(t)
        text['sqlite'] += squeeze(sqlite_schema(path, lines['sqlite']))
        text['pg'] += squeeze(pg_schema(path, lines['pg']))
    parts = [table_source(t) for t in tables]
    out = ['/* Generated by tools/sqlgen.py from the *_schema.sql files: do not edit. */\n',
           f'#include "{header}"\n\n', 'const char *const schema_sql[DB_ENGINES] = {\n']
    out += [f'\t[{C_ENGINES[e]}] =\n\t\t{c_string(text[e])},\n' for e in ENGINES]
    out += ['};\n\n', *[p[0] for p in parts], f'\nconst ptrdiff_t schema_page_rows = {PAGE_ROWS};\n',
            'const struct schema_table schema_projections[] = {\n', *[p[1] for p in parts],
            '\t{ .name = NULL }\n};\n', f'const ptrdiff_t schema_projections_count = {len(tables)};\n']
    return SCHEMA_HEADER, ''.join(out)


# --- the list of everything

INDEX_HEADER = '''/* Generated by tools/sqlgen.py: every statement of every .sql file. */
#pragma once
#include "db/db.h"

struct sql_file { const char *name; const struct db_statement *const *statements; const ptrdiff_t *count; };
extern const struct sql_file sql_files[];
extern const ptrdiff_t sql_files_count;
'''


def index(paths, header):
    seen = {}
    for path in paths:
        for s in load_statements(path):
            if s.name in seen:
                raise Wrong(path, s.line, f"'{s.name}' is the name of a statement in {seen[s.name]} already")
            seen[s.name] = path.name
    out = [f'/* Generated by tools/sqlgen.py: do not edit. */\n#include "{header}"\n\n']
    out += [f'#include "{p.stem}_sql.h"\n' for p in paths]
    out += ['\nconst struct sql_file sql_files[] = {\n',
            *[f'\t{{ "{p.name}", sql_{p.stem}_statements, &sql_{p.stem}_count }},\n' for p in paths],
            '\t{ NULL, NULL, NULL }\n};\n', f'const ptrdiff_t sql_files_count = {len(paths)};\n']
    return INDEX_HEADER, ''.join(out)


def statements(paths, header):
    found = load_statements(paths[0])
    return header_of(paths[0], found), source_of(paths[0], header, found)


def main(arguments):
    modes = {'statements': statements, 'schema': schema, 'index': index}
    wants = 4 if arguments[:1] == ['statements'] else 3
    if len(arguments) < wants or arguments[0] not in modes or (wants == 4 and len(arguments) != 4):
        sys.exit(__doc__)
    *inputs, header, source = (pathlib.Path(a) for a in arguments[1:])
    try:
        texts = modes[arguments[0]](inputs, header.name)
    except Wrong as wrong:
        sys.exit(str(wrong))
    header.write_text(texts[0])
    source.write_text(texts[1])


if __name__ == '__main__':
    main(sys.argv[1:])
