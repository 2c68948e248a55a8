#!/usr/bin/env python3
"""applygen.py - makes the table of journal kinds from *_apply.sql: what each entry does, as data.

usage: applygen.py A_apply.sql ... OUT.h OUT.c

Apply copies: a statement's parameters are bound from the entry by name, so there is no code in between that
could look at a clock or decide anything.  The form of the files is described in src/state/case_apply.sql.
"""
import pathlib, re, sys

TYPES = {'uuid': 'APPLY_UUID', 'instant': 'APPLY_INSTANT', 'int': 'APPLY_INT', 'bool': 'APPLY_BOOL',
         'text': 'APPLY_TEXT', 'blob': 'APPLY_BLOB'}
HEADER = {'subject': 'uuid', 'at': 'instant', 'actor': 'uuid', 'owner': 'text', 'seq': 'int'}


def fail(path, number, text):
    sys.exit(f'{path}:{number}: {text}')


class Statement:
    def __init__(self):
        self.each, self.params, self.text = None, [], []


class Kind:
    def __init__(self, name, version):
        self.name, self.version, self.timeline, self.statements = name, version, [], []


def parse(path):
    kinds, kind, current = [], None, Statement()
    for number, line in enumerate(path.read_text().splitlines(), 1):
        note = re.match(r'-- (kind|timeline|each|in|run)\b:?\s*(.*)', line)
        if note and note[1] == 'kind':
            m = re.fullmatch(r'([a-z_]+\.[a-z_]+) (\d+)', note[2])
            if not m:
                fail(path, number, "write '-- kind: noun.verb VERSION'")
            kind = Kind(m[1], int(m[2]))
            kinds.append(kind)
        elif note and kind is None:
            fail(path, number, f"'{note[1]}' before the first kind")
        elif note and note[1] == 'timeline':
            kind.timeline = note[2].split()
        elif note and note[1] == 'each':
            current.each = note[2].strip()
        elif note and note[1] == 'in':
            for p in note[2].split(','):
                m = re.fullmatch(r'\s*([a-z_]+) ([a-z]+)(\??)\s*', p)
                if not m or m[2] not in TYPES:
                    fail(path, number, f"'{p.strip()}' is not 'name type': one of {', '.join(TYPES)}")
                current.params.append((m[1], m[2], m[3] == '?'))
        elif line.startswith('--') or not line.strip():
            continue
        elif kind is not None and not note:
            current.text.append(line.strip())
            if line.rstrip().endswith(';'):
                finish(path, number, kind, current)
                current = Statement()
    return kinds


def finish(path, number, kind, s):
    sql = ' '.join(s.text).rstrip(';')
    declared = {p[0]: p for p in s.params}
    order = []

    def place(m):
        name = m[1]
        if name not in declared and name not in HEADER:
            fail(path, number, f"{kind.name}: ':{name}' is not declared in '-- in:'")
        if name not in order:
            order.append(name)
        return f'?{order.index(name) + 1}'

    numbered = re.sub(r"(?<![:\w]):([a-z_]+)", place, sql)
    for name in declared:
        if name not in order:
            fail(path, number, f"{kind.name}: '{name}' is declared and not used")
    s.sqlite = numbered
    s.pg = re.sub(r'\?(\d+)', r'$\1', numbered)
    s.order = [declared[n] + (False,) if n in declared else (n, HEADER[n], False, True) for n in order]
    kind.statements.append(s)


def emit(kinds, out_c, header_name):
    lines = [f'/* Made by tools/applygen.py; do not edit. */', f'#include "{header_name}"', '']
    for k, kind in enumerate(kinds):
        for i, s in enumerate(kind.statements):
            lines.append(f'static const struct apply_param params_{k}_{i}[] = {{')
            for name, type_, null, from_header in s.order:
                lines.append(f'\t{{ "{name}", {TYPES[type_]}, {int(null)}, {int(from_header)} }},')
            lines.append('};')
        if kind.statements:
            lines.append(f'static const struct apply_statement statements_{k}[] = {{')
            for i, s in enumerate(kind.statements):
                each = f'"{s.each}"' if s.each else 'NULL'
                lines.append(f'\t{{ {{ .name = "{kind.name}.{i}", .text = {{ "{s.sqlite}",\n\t\t"{s.pg}" }}, '
                             f'.params = {len(s.order)} }},\n\t  {each}, params_{k}_{i}, {len(s.order)} }},')
            lines.append('};')
        if kind.timeline:
            words = ', '.join(f'"{w}"' for w in kind.timeline)
            lines.append(f'static const char *const timeline_{k}[] = {{ {words}, NULL }};')
    lines.append('const struct apply_kind apply_kinds[] = {')
    for k, kind in enumerate(kinds):
        statements = f'statements_{k}, {len(kind.statements)}' if kind.statements else 'NULL, 0'
        timeline = f'timeline_{k}' if kind.timeline else 'NULL'
        lines.append(f'\t{{ "{kind.name}", {kind.version}, {statements}, {timeline} }},')
    lines.append('};')
    lines.append('const ptrdiff_t apply_kinds_count = sizeof(apply_kinds) / sizeof(apply_kinds[0]);')
    out_c.write_text('\n'.join(lines) + '\n')


HEADER_TEXT = '''/* Made by tools/applygen.py; do not edit. */
#pragma once
#include "db/db.h"

enum apply_type { APPLY_UUID, APPLY_INSTANT, APPLY_INT, APPLY_BOOL, APPLY_TEXT, APPLY_BLOB };

struct apply_param { const char *name; enum apply_type type; bool nullable, from_header; };

struct apply_statement {
	struct db_statement       sql;
	const char               *each;         /* list member whose items bind the parameters, or NULL */
	const struct apply_param *params;
	int                       count;
};

struct apply_kind {
	const char                   *kind;
	int                           version;
	const struct apply_statement *statements;
	int                           count;
	const char *const            *timeline;     /* "subject" or members holding ids; NULL: none */
};

extern const struct apply_kind apply_kinds[];
extern const ptrdiff_t apply_kinds_count;
'''


def main():
    *inputs, out_h, out_c = [pathlib.Path(p) for p in sys.argv[1:]]
    kinds = [k for path in inputs for k in parse(path)]
    names = [(k.name, k.version) for k in kinds]
    for name in names:
        if names.count(name) > 1:
            sys.exit(f'applygen: kind {name[0]} {name[1]} is declared twice')
    kinds.sort(key=lambda k: (k.name, k.version))
    out_h.write_text(HEADER_TEXT)
    emit(kinds, out_c, out_h.name)


main()
