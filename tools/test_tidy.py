#!/usr/bin/env python3
"""Plants a violation of every rule of tidy.py in a small tree, and sees it reported."""
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tidy  # noqa: E402

LOW_H = '/* low.h - the floor.\n */\n#pragma once\n#include <stddef.h>\n\nsize_t low_size(const char *s);\n'
LOW_C = ('#include "base/low.h"\n#include <string.h>\n\nstatic const char *const names[] = { "a", "b" };\n\n'
         'size_t low_size(const char *s)\n{\n\treturn strlen(s) + sizeof(names);\n}\n')
HIGH_H = '/* high.h - what stands on it.\n */\n#pragma once\n#include "base/low.h"\n\nint high_take(int n);\n'
HIGH_C = '#include "http/high.h"\n\nint high_take(int n)\n{\n\treturn n + (int)low_size("x");\n}\n'

CLEAN = {
    'tools/layers.txt': '# floors\nbase\nformat\nhttp\napp\n',
    'src/base/low.h': LOW_H, 'src/base/low.c': LOW_C, 'src/http/high.h': HIGH_H, 'src/http/high.c': HIGH_C,
}


def function(body, head='void f(void)'):
    return f'static {head}\n{{\n{body}}}\n'


def nested(depth):
    return ''.join('\t' * (i + 1) + 'if (a)\n' for i in range(depth)) + '\t' * (depth + 1) + 'g();\n'


# rule, file, its text, and what must stand in the complaint
PLANTS = [
    ('floor', 'src/base/low.c', LOW_C.replace('<string.h>', '"http/high.h"'), 'high.h'),
    ('floor', 'src/cellar/x.c', 'int x(void);\n', 'layers.txt'),
    ('include', 'src/http/high.c', HIGH_C.replace('high.h"\n', 'high.h"\n#include "low.h"\n'), 'low.h'),
    ('own-header', 'src/base/low.c', '#include <string.h>\n' + LOW_C, 'base/low.h'),
    ('opening', 'src/base/low.h', LOW_H.replace('low.h - ', ''), 'open with'),
    ('opening', 'src/base/low.h', LOW_H.replace('#pragma once\n', ''), 'pragma'),
    ('alone', 'src/base/low.h', LOW_H.replace('#include <stddef.h>\n', ''), 'size_t'),
    ('cycle', 'src/base/low.h', LOW_H.replace('<stddef.h>', '"base/low.h"'), 'low.h'),
    ('function', 'src/base/a.c', function('\n' * 71), '71 lines'),
    ('file', 'src/base/a.c', 'int a;\n'.replace('int a', 'struct a') * 801, '801 lines'),
    ('file', 'src/base/a.h', '/* a.h - long.\n */\n#pragma once\n' + 'struct a;\n' * 248, '251 lines'),
    ('columns', 'src/base/a.c', '/*' + 'x' * 107 + '*/\n', '111 columns'),
    ('columns', 'src/base/a.c', '\t' * 13 + '/* 12 */\n', '112 columns'),
    ('columns', 'tools/a.py', 'a = "' + 'x' * 115 + '"\n', '121 columns'),
    ('parameters', 'src/base/a.c',
     function('', 'void f(int a, int b, int c, int (*d)(int, int), int e, int g, int h)'), '7 parameters'),
    ('nesting', 'src/base/a.c', function(nested(5)), '5 control'),
    ('nesting', 'src/base/a.c',
     function('for (;;) {\nwhile (a) {\ndo {\nswitch (b) {\ncase 1: {\nif (c)\ng();\n}\n }\n } while (d);\n'
              ' }\n }\n'),
     '5 control'),
    ('heap', 'src/http/a.c', function('\tvoid *p = malloc(4);\n'), 'malloc'),
    ('exit', 'src/http/a.c', function('\texit(1);\n'), 'exit()'),
    ('owner', 'src/http/a.c', '#include <sqlite3.h>\n', 'db/db_sqlite.c'),
    ('owner', 'src/http/a.c', '#include <nettle/sha2.h>\n', 'crypto/hash.c'),
    ('owner', 'src/http/a.c', '#include <lua.h>\n', 'no owner'),
    ('fuzz', 'src/format/a.h', '/* a.h - a.\n */\n#pragma once\nint a_parse(const char *s);\n', 'fuzz_a.c'),
    ('marker', 'src/base/a.c', '/* TO' 'DO: later */\n', 'without an issue'),
    ('marker', 'console/src/a.ts', '// FIX' 'ME later\n', 'without an issue'),
    ('mutable', 'src/base/a.c', 'static int count;\n', 'count'),
    ('mutable', 'src/base/a.c', 'int table[3] = { 1, 2, 3 };\n', 'table'),
    ('mutable', 'src/base/a.c', 'static const char *names[] = { "a" };\n', 'names'),
    ('mutable', 'src/base/a.c', 'static void (*hook)(int a);\n', 'hook'),
    ('mutable', 'src/base/a.c', 'static struct { int a; } state;\n', 'state'),
    ('mutable', 'src/base/a.c', function('\tstatic int calls = 0;\n'), 'calls'),
    ('sql', 'src/http/a.c', 'static const char *const q = "SELECT a FROM b";\n', '.sql'),
    ('blank', 'README.md', 'text \n', 'end of the line'),
    ('blank', 'README.md', 'text', 'newline'),
    ('blank', 'README.md', 'text\n\n', 'newline'),
    ('path', 'README.md', 'see /wo' 'rk/main\n', 'one machine'),
    ('python', 'tools/a.py', 'def f(:\n', 'syntax'),
    ('shell', 'tools/a', '#!/bin/sh\nif true; then\n', 'Syntax error'),
] + [('banned', 'src/base/a.c', function(f'\t{name}(p);\n'), name + '()') for name in tidy.BANNED]

# What must not be reported.
HARMLESS = [
    ('src/base/a.c', function(nested(4))),
    ('src/base/a.c', function('\tif (a)\n\t\tb();\n' + '\telse if (a)\n\t\tb();\n' * 9)),
    ('src/base/a.c', function('\tstruct s x = { .f = { 1 } };\n\tg((struct s){ 1 }, (struct s){ 2 });\n'
                              '\tif (a)\n\t\tb();\n')),
    ('src/base/a.c', function('\n' * 69)),
    ('src/base/a.c', '/* strcpy(a, b) and "malloc(3)" are only words here, and "SELECT x" is one too */\n'),
    ('src/base/a.c', 'struct later;\nenum e { A, B };\nstruct s {\n\tint a;\n\tvoid (*f)(int);\n};\n'
                     'static int f(int a);\ntypedef int (*work)(void *);\n'
                     'static const int table[2][2] = { { 1, 2 }, { 3, 4 } };\n'
                     'static const struct s *const all[] = { 0 };\n'
                     'void g(void (*undo)(void *), int a,\n\tint b);\n'
                     'static int (*const calls[])(int) = { 0 };\n'
                     'static pthread_once_t once = PTHREAD_ONCE_INIT;\n'),
    ('src/base/a.c', function('\tstatic const int t[] = { 1 };\n\tstatic const char *const n = "x";\n')),
    ('src/http/a.c', '/* heap: lives as long as the server */\n' + function('\tvoid *p = malloc(4);\n')),
    ('src/http/a.c', '/* heap: lives as long as the server */\n' + function('\tabort();\n')),
    ('src/http/test_a.c', 'static int failures;\n' + function('\tsystem("x");\n\texit(1);\n')),
    ('src/http/a.c', function('\tw->system(1);\n\tw.exit(2);\n\terr_system(3);\n')),
    ('src/base/a.c', '/* FIX' 'ME(12): and the reason */\n'),
    ('src/http/a.c', '#include <sys/socket.h>\n#include <stdatomic.h>\n#include "board_sql.h"\n'),
    ('tools/a.py', 'a = "' + 'x' * 114 + '"\n'),
    ('src/format/corpus/a/x', 'bytes \t'),
    ('console/node_modules/a/b.ts', 'text \t'),
    ('build/src/a.c', 'text \t'),
]


class Tree:
    def __init__(self, files):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix='naubat-tidy-'))
        for name, text in {**CLEAN, **files}.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def __enter__(self):
        return self.root

    def __exit__(self, *_):
        shutil.rmtree(self.root)


def complaints(files, headers=False):
    with Tree(files) as root:
        return tidy.Tidy(root).run(headers=headers)


class TidyTest(unittest.TestCase):
    def test_clean_tree(self):
        self.assertEqual(complaints({}, headers=True), [])

    def test_each_rule_finds_its_plant(self):
        for rule, name, text, words in PLANTS:
            with self.subTest(rule=rule, text=text[:60]):
                if rule == 'alone' and not shutil.which('gcc'):
                    self.skipTest('no compiler')
                found = complaints({name: text}, headers=rule == 'alone')
                mine = [t for p, _, t in found if p == name and t.endswith(f'[{rule}]')]
                self.assertTrue(mine, f'not reported; found {found}')
                self.assertTrue(any(words in t for t in mine), f'{words!r} is not in {mine}')

    def test_every_rule_has_a_plant(self):
        self.assertEqual(set(tidy.RULES), {rule for rule, *_ in PLANTS})

    def test_harmless_things_pass(self):
        for name, text in HARMLESS:
            with self.subTest(text=text[:60]):
                self.assertEqual(complaints({name: text}), [])

    def test_fuzzer_and_corpus(self):
        files = {'src/format/a.h': '/* a.h - a.\n */\n#pragma once\nint a_parse(const char *s);\n',
                 'src/format/fuzz_a.c': '#include "format/a.h"\n'}
        self.assertIn('empty', complaints(files)[0][2])
        self.assertEqual(complaints({**files, 'src/format/corpus/a/one': 'x'}), [])

    def test_longer_circle(self):
        files = {'src/base/a.h': '/* a.h - a.\n */\n#pragma once\n#include "base/b.h"\n',
                 'src/base/b.h': '/* b.h - b.\n */\n#pragma once\n#include "base/a.h"\n'}
        self.assertEqual([t[-7:] for _, _, t in complaints(files)], ['[cycle]'])

    def test_headers_alone_are_remembered_by_content(self):
        with Tree({}) as root:
            self.assertEqual(tidy.Tidy(root).run(), [])
            first = (root / 'build/tidy-cache.json').read_text()
            self.assertEqual(tidy.Tidy(root).run(), [])
            (root / 'src/base/low.h').write_text(LOW_H.replace('#include <stddef.h>\n', ''))
            found = tidy.Tidy(root).run()
            self.assertTrue(found and all('[alone]' in t for _, _, t in found), found)
            self.assertIn('src/http/high.h', {p for p, _, _ in found}, 'not compiled again')
            self.assertTrue(first)

    def test_results_are_no_parameters(self):
        head = 'bool f(int a, int b, int c, int d, int e, int g, struct x **out_x, struct err *err)'
        self.assertEqual(complaints({'src/base/a.c': function('', head.replace(', int g', ''))}), [])
        self.assertEqual(complaints({'src/base/a.c': function('', head)}), [])
        self.assertEqual(len(complaints({'src/base/a.c': function('', head.replace('int g', 'int g, int h'))})), 1)

    def test_line_numbers(self):
        text = '/* two\n * lines */\nint x(void);\n' + function('\tatoi("1");\n')
        found = complaints({'src/base/a.c': text})
        self.assertEqual([(line, text[-8:]) for _, line, text in found], [(6, '[banned]')])


if __name__ == '__main__':
    unittest.main()
