#!/usr/bin/env python3
"""tidy.py - the rules of STYLE.md that a machine can hold.

    tools/tidy.py                 the whole tree, headers alone too
    tools/tidy.py --no-headers    without compiling each header by itself
    tools/tidy.py --rules         what is checked

Every complaint is one line, `path:line: text [rule]`; exit status 1 if there is any. A rule has a name, and
tools/test_tidy.py plants a violation of each. What may differ from a rule is listed in the tables below with
its reason, never in the source.
"""
import ast
import bisect
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

LIMITS = {'function': 70, 'file': 800, 'header': 250, 'columns': 110, 'python': 120, 'tab': 8,
          'parameters': 6, 'nesting': 4}

RULES = {
    'floor':       'a folder of src/ includes itself and lower ones (tools/layers.txt)',
    'include':     'includes carry the folder: "journal/journal.h"',
    'own-header':  'a .c includes its own header first',
    'opening':     'a header opens with /* name.h - what it is for, and has #pragma once',
    'alone':       'a header compiles by itself, with gcc and with clang',
    'cycle':       'headers do not include each other in a circle',
    'function':    f"a function has at most {LIMITS['function']} lines",
    'file':        f"a file has at most {LIMITS['file']} lines, a header {LIMITS['header']}",
    'columns':     f"a line has at most {LIMITS['columns']} columns, with tabs at {LIMITS['tab']}; of Python "
                   f"{LIMITS['python']}",
    'parameters':  f"a function has at most {LIMITS['parameters']} parameters besides its results",
    'nesting':     f"control statements nest at most {LIMITS['nesting']} deep",
    'banned':      'functions that cannot be used safely',
    'heap':        'malloc is for base/ and for owners of long-lived tables, marked /* heap: why */',
    'exit':        'nothing below app/ ends the process',
    'owner':       'a foreign library is included by one .c of ours',
    'fuzz':        'what parses foreign bytes has a fuzz_x.c and a corpus beside it',
    'marker':      'a task marker carries an issue number',
    'mutable':     'no variable outlives a call, but for those listed in MUTABLE',
    'sql':         'SQL stands in .sql files',
    'blank':       'no blanks at the end of a line, one newline at the end of a file',
    'path':        'no path of one machine',
    'python':      'Python files can be read by Python',
    'shell':       'shell scripts can be read by the shell',
}

# A foreign header belongs to these files (a name, or a folder ending in /). Everybody else sees our header.
OWNERS = {
    'sqlite3.h': ['db/db_sqlite.c'],
    'libpq-fe.h': ['db/db_pg.c'],
    'microhttpd.h': ['http/server.c'],
    'jansson.h': ['format/json.c'],
    'yaml.h': ['format/yaml.c'],
    'nettle/': ['crypto/hash.c'],
    'sodium.h': ['crypto/'],
    'gmime/gmime.h': ['mail/mime.c'],
    'curl/curl.h': ['net/transfer.c', 'net/client.c', 'http/test_http_tls.c'],   # a foreign client asks us
    'liboath/oath.h': ['crypto/otp.c'],
    'qrencode.h': ['format/qr.c'],
    'zlib.h': ['watch/log_unpack.c'],
    'zstd.h': ['watch/log_unpack.c'],
    'archive.h': ['watch/log_source.c', 'watch/test_log.c'],   # the test packs what is unpacked
    'archive_entry.h': ['watch/log_source.c', 'watch/test_log.c'],
    'pcre2.h': ['match/regex.c'],
    'gnutls/': ['http/server.c', 'http/tls.c', 'net/tls.c', 'http/test_http_tls.c'],
}

# What the C library and the kernel give. Any other <header> needs a row in OWNERS.
PLATFORM = set('''
    assert ctype dirent endian errno fcntl fnmatch ftw getopt glob grp iconv inttypes iso646 langinfo libgen
    limits locale malloc math mntent netdb poll pthread pwd sched semaphore setjmp signal spawn stdalign
    stdarg stdatomic stdbool stddef stdint stdio stdio_ext stdlib stdnoreturn string strings syslog termios
    regex threads time uchar unistd utime wchar emmintrin immintrin
'''.split())
PLATFORM_FOLDERS = ('sys/', 'netinet/', 'arpa/', 'net/', 'linux/', 'sanitizer/')

BANNED = '''strcpy strcat strncpy strncat sprintf vsprintf strtok strtok_r atoi atol atoll atof gets alloca
    system popen rand srand localtime gmtime asctime ctime tmpnam mktemp'''.split()

# Headers that the build makes: in the build folder, not in the tree.
GENERATED = re.compile(r'(\w+_sql|sql_index|apply_table|console_assets|paths)\.h')

# What tests may call all the same: they run on our own machine with our own words.
FINE_IN_TESTS = {'system', 'popen', 'rand', 'srand'}

# Headers with an x_parse() that need no fuzzer of their own, and why.
NOT_FOREIGN = {
    'base/instant.h': 'fixed grammar of thirty bytes; test_base.c holds its table',
    'base/uuid.h': 'thirty-six bytes of hex; test_base.c holds its table',
    'model/taxonomy.h': 'looks its text up in a fixed table',
}

# Headers whose parser a neighbour's fuzzer drives, since nobody else calls it.
FUZZED_IN = {
    'mail/address.h': 'mail',
    'mail/xarf.h': 'mail',
}

# Modules that read foreign bytes through a function of another name than x_parse.
FOREIGN = []

# Callbacks whose parameters a library chose.
DICTATED = {
    ('http/server.c', 'on_request'): "libmicrohttpd's MHD_AccessHandlerCallback",
}

# Variables that may change and outlive a call.
MUTABLE = {
    'base/log.c': 'the log sink and its threshold',
    'base/err.c': 'the hook that prints a failed ASSERT',
}

SQL_HOMES = {
    'query/list.c': 'joins constant fragments for filters',
    'db/': "the engines' own statements",
    'net/imap.c': 'SELECT is a command of IMAP too',
}

MALLOC = re.compile(r'(?<![\w.>])(malloc|calloc|realloc|reallocarray|strdup|strndup|asprintf|vasprintf|'
                    r'aligned_alloc)\s*\(')
BANNED_RE = re.compile(r'(?<![\w.>])(' + '|'.join(BANNED) + r')\s*\(')
EXIT_RE = re.compile(r'(?<![\w.>])(exit|_exit|quick_exit|abort)\s*\(')
NOISE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
SQL_RE = re.compile(r'"\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|'
                    r'(CREATE|ALTER|DROP)\s+TABLE\s)')
MARKER_RE = re.compile(r'\b(' + '|'.join(['TO' 'DO', 'FIX' 'ME', 'X' 'XX', 'HA' 'CK']) + r')\b(?!\(#?\d+\))')
MACHINE_RE = re.compile(r'(?:^|[\s"\'(=:`])/(?:work|farm|root|home)/\w')
INCLUDE_RE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"]+)[>"]', re.M)
TOKEN_RE = re.compile(r'\b(?:if|for|while|switch|do|else)\b|[{}();]|(?<![=!<>+\-*/%&|^])=(?!=)|\w+')
TEXT_SUFFIXES = {'.c', '.h', '.py', '.sh', '.sql', '.md', '.ts', '.svelte', '.css', '.mjs', '.js', '.html',
                 '.yaml', '.yml', '.build', '.txt', '.service', '.bash', '.1', ''}
MADE = re.compile(r'(^|/)(build[^/]*/|dist/|node_modules/|__pycache__/)')      # where there is no git to ask
NARROW = {'.c', '.h', '.py', '.sh', '.sql'}


class Source:
    """One C file: its text, and the same without comments (and literals), equally long."""

    def __init__(self, path, text):
        self.path = path                                # from the top: src/db/db.h
        self.name = str(pathlib.PurePath(path).relative_to('src'))
        self.folder = self.name.split('/')[0]
        self.text = text
        self.spoken = NOISE.sub(lambda m: m[0] if m[0][0] in '"\'' else blanks(m[0]), text)     # no comments
        self.code = NOISE.sub(lambda m: blanks(m[0]), text)                                     # nor literals
        self.starts = [0] + [m.end() for m in re.finditer('\n', text)]
        stem = pathlib.PurePath(path).name
        self.is_header = stem.endswith('.h')
        self.is_test = stem.startswith(('test_', 'fuzz_')) or '_test' in stem
        self.includes = [(m[1] == '<', m[2], self.line(m.start())) for m in INCLUDE_RE.finditer(text)]

    def line(self, position):
        return bisect.bisect_right(self.starts, position)


class Tidy:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.complaints = []
        self.sources = {}

    def complain(self, rule, path, line, text):
        assert rule in RULES, rule
        self.complaints.append((str(path), line, f'{text} [{rule}]'))

    # ---- the tree

    def files(self):
        if (self.root / '.git').exists():
            out = subprocess.run(['git', '-C', self.root, 'ls-files', '-z', '-co', '--exclude-standard'],
                                 capture_output=True, text=True, check=True).stdout
            names = [n for n in out.split('\0') if n]
        else:
            names = [str(p.relative_to(self.root)) for p in self.root.rglob('*') if p.is_file()]
            names = [n for n in names if not MADE.search(n)]
        return sorted(n for n in names if '/corpus/' not in n and '/fixtures/' not in n)

    def run(self, headers=True):
        for name in self.files():
            path = self.root / name
            if pathlib.PurePath(name).suffix not in TEXT_SUFFIXES or path.is_symlink() or not path.is_file():
                continue
            try:
                text = path.read_bytes().decode('utf-8')
            except UnicodeDecodeError:
                continue        # a picture, or something else that is no text
            self.check_text(name, text)
            if name.startswith('src/') and name.count('/') >= 2 and name.endswith(('.c', '.h')):
                self.sources[name] = Source(name, text)
        rank = self.read_layers()
        for source in self.sources.values():
            self.check_includes(source, rank)
            self.check_calls(source)
            self.check_functions(source)
            self.check_state(source)
            if source.is_header:
                self.check_header(source)
        self.check_fuzzers()
        self.check_cycles()
        if headers:
            self.check_alone()
        return sorted(self.complaints)

    def read_layers(self):
        path = self.root / 'tools/layers.txt'
        lines = [l.strip() for l in path.read_text().splitlines()]
        return {name: i for i, name in enumerate(l for l in lines if l and not l.startswith('#'))}

    # ---- any text file

    def check_text(self, name, text):
        suffix = pathlib.PurePath(name).suffix
        is_code = suffix not in ('.md', '.txt', '.1')
        lines = text.split('\n')
        if text and (lines[-1] != '' or (len(lines) > 2 and lines[-2] == '')):
            self.complain('blank', name, len(lines), 'the file must end with one newline')
        if suffix in ('.c', '.h'):
            limit = LIMITS['header' if suffix == '.h' else 'file']
            if len(lines) - 1 > limit:
                self.complain('file', name, limit, f'{len(lines) - 1} lines, the limit is {limit}')
        for n, line in enumerate(lines, 1):
            if line[-1:] in (' ', '\t', '\r'):
                self.complain('blank', name, n, 'blanks at the end of the line')
            if suffix in NARROW:
                columns = len(line.expandtabs(LIMITS['tab']))
                limit = LIMITS['python' if suffix == '.py' else 'columns']
                declares = name.endswith('.sql') and line.startswith(('-- in: ', '-- out: '))
                if columns > limit and not declares:
                    self.complain('columns', name, n, f'{columns} columns')
        if is_code:
            for m in MARKER_RE.finditer(text):
                line = text.count('\n', 0, m.start()) + 1
                self.complain('marker', name, line, f'{m[1]} without an issue number')
        for m in MACHINE_RE.finditer(text):
            line = text.count('\n', 0, m.end()) + 1
            self.complain('path', name, line, f'{m[0].strip()}... is a path of one machine')
        first = lines[0]
        if suffix == '.py' or (first.startswith('#!') and 'python' in first):
            self.check_python(name, text)
        elif first.startswith('#!') and re.search(r'/(env )?(ba|da)?sh\b', first):
            self.check_shell(name, 'bash' if 'bash' in first else 'sh')

    def check_python(self, name, text):
        try:
            ast.parse(text, name)
        except SyntaxError as e:
            self.complain('python', name, e.lineno or 1, str(e.msg))

    def check_shell(self, name, shell):
        done = subprocess.run([shell, '-n', self.root / name], capture_output=True, text=True)
        if done.returncode:
            self.complain('shell', name, 1, ' '.join(done.stderr.split()))

    # ---- includes

    def check_includes(self, source, rank):
        path, folder = source.path, source.folder
        if folder not in rank:
            self.complain('floor', path, 1, f'folder {folder} is not in tools/layers.txt')
            return
        own = source.name[:-2] + '.h'
        if not source.is_header and 'src/' + own in self.sources:
            private = source.name[:-2] + '_priv.h'      # which includes it in turn, or does not compile alone
            if not source.includes or source.includes[0][1] not in (own, private):
                self.complain('own-header', path, 1, f'the first include must be "{own}"')
        for foreign, name, line in source.includes:
            if foreign:
                self.check_foreign(source, name, line)
            elif '/' not in name:
                if not GENERATED.fullmatch(name):
                    self.complain('include', path, line, f'"{name}" needs its folder')
            elif rank.get(name.split('/')[0], -1) > rank[folder]:
                self.complain('floor', path, line, f'{folder}/ may not include {name}')

    def check_foreign(self, source, name, line):
        for header, owners in OWNERS.items():
            if name == header or (header.endswith('/') and name.startswith(header)):
                if not is_at(source.name, owners):
                    self.complain('owner', source.path, line, f'<{name}> belongs to {", ".join(owners)}')
                return
        if not name.startswith(PLATFORM_FOLDERS) and name[:-2] not in PLATFORM:
            self.complain('owner', source.path, line, f'<{name}> has no owner in tools/tidy.py')

    def check_header(self, source):
        base = source.name.split('/')[-1]
        if not source.text.startswith(f'/* {base} - '):
            self.complain('opening', source.path, 1, f"must open with '/* {base} - what it is for'")
        if '#pragma once' not in source.code:
            self.complain('opening', source.path, 1, 'has no #pragma once')

    def own_includes(self, source):
        names = ['src/' + name for foreign, name, _ in source.includes if not foreign]
        return [self.sources[n] for n in names if n in self.sources]

    def check_cycles(self):
        state = {}                                      # path -> 1 on the way, 2 done

        def visit(source, way):
            state[source.path] = 1
            for other in self.own_includes(source):
                if state.get(other.path) == 1:
                    ring = way[way.index(other.path):] if other.path in way else [other.path]
                    self.complain('cycle', source.path, 1, ' -> '.join(ring + [other.path]))
                elif other.path not in state:
                    visit(other, way + [other.path])
            state[source.path] = 2

        for source in self.sources.values():
            if source.path not in state:
                visit(source, [source.path])

    # ---- calls and texts

    def check_calls(self, source):
        for m in BANNED_RE.finditer(source.code):
            if not (source.is_test and m[1] in FINE_IN_TESTS):
                self.complain('banned', source.path, source.line(m.start()), f'{m[1]}() is banned')
        may_abort = re.search(r'/\*[^*]*\b(heap:|arena\.h,? I3)', source.text)
        owns_heap = source.folder == 'base' or source.is_test or re.search(r'/\*[^*]*\bheap:', source.text)
        if not owns_heap:
            for m in MALLOC.finditer(source.code):
                self.complain('heap', source.path, source.line(m.start()),
                              f'{m[1]}(): use an arena, or say /* heap: why */')
        if source.folder not in ('base', 'app') and not source.is_test:
            for m in EXIT_RE.finditer(source.code):
                if m[1] == 'abort' and may_abort:
                    continue                            # no memory: there is nothing better to do
                self.complain('exit', source.path, source.line(m.start()), f'{m[1]}(): return an error')
        if not source.is_test and not is_at(source.name, SQL_HOMES):
            for m in SQL_RE.finditer(source.spoken):
                self.complain('sql', source.path, source.line(m.start()), 'SQL belongs in a .sql file')

    def check_fuzzers(self):
        for source in self.sources.values():
            if not source.is_header or source.name in NOT_FOREIGN:
                continue
            stem = pathlib.PurePath(source.name).stem
            if not re.search(r'\b' + stem + r'_parse\w*\s*\(', source.code) and source.name not in FOREIGN:
                continue
            folder = pathlib.PurePath(source.path).parent
            stem = FUZZED_IN.get(source.name, stem)
            if f'{folder}/fuzz_{stem}.c' not in self.sources:
                self.complain('fuzz', source.path, 1, f'reads foreign bytes without a fuzz_{stem}.c')
            elif not any((self.root / folder / 'corpus' / stem).glob('*')):
                self.complain('fuzz', source.path, 1, f'corpus/{stem}/ is empty')

    # ---- functions

    def check_functions(self, source):
        if source.is_header and '\n{' not in source.code:
            return
        for head, start, end in functions(source.code):
            line, lines = source.line(start), source.code.count('\n', start, end) - 1
            if lines > LIMITS['function']:
                self.complain('function', source.path, line,
                              f"{lines} lines, the limit is {LIMITS['function']}")
            count = parameter_count(head)
            name = re.search(r'(\w+)\s*\(', head)
            dictated = name is not None and (source.name, name[1]) in DICTATED
            if count > LIMITS['parameters'] and not dictated:
                self.complain('parameters', source.path, line,
                              f"{count} parameters, the limit is {LIMITS['parameters']}")
            depth, where = deepest(source.code, start, end)
            if depth > LIMITS['nesting']:
                self.complain('nesting', source.path, source.line(where),
                              f"{depth} control statements deep, the limit is {LIMITS['nesting']}")

    # ---- variables that outlive a call

    def check_state(self, source):
        if source.is_test or source.name in MUTABLE:
            return
        for position, statement in outer_statements(source.code):
            if is_mutable(statement):
                self.complain('mutable', source.path, source.line(position), 'changes and outlives a call: ' +
                              ' '.join(statement.split())[:60])
        for m in re.finditer(r'^[ \t]+static\s[^;{]*[;={]', source.code, re.M):
            if is_mutable(re.split(r'=|\{|;', m[0])[0]):
                at = m.start() + len(m[0]) - len(m[0].lstrip())
                self.complain('mutable', source.path, source.line(at), 'changes and outlives a call: ' +
                              ' '.join(m[0].split())[:60])

    # ---- headers alone

    def check_alone(self):
        compilers = [c for c in ('gcc', 'clang') if shutil.which(c)]
        cache_path = self.root / 'build/tidy-cache.json'
        try:
            known = set(json.loads(cache_path.read_text()))
        except (OSError, ValueError):
            known = set()
        jobs = [(c, s, f'{c} {self.closure_hash(s)}') for s in self.sources.values() if s.is_header
                for c in compilers]
        current = {key for _, _, key in jobs} & known
        jobs = [job for job in jobs if job[2] not in known]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for (compiler, source, key), error in zip(jobs, pool.map(self.compile_alone, jobs)):
                if error is None:
                    current.add(key)
                else:
                    self.complain('alone', source.path, 1, f'{compiler}: {error}')
        if jobs:
            cache_path.parent.mkdir(exist_ok=True)
            cache_path.write_text(json.dumps(sorted(current)))

    def closure(self, source):
        """The header and all of ours that it includes, however far."""
        seen, todo = {}, [source]
        while todo:
            s = todo.pop()
            if s.path not in seen:
                seen[s.path] = s
                todo += self.own_includes(s)
        return seen.values()

    def closure_hash(self, source):
        texts = sorted((s.path, s.text) for s in self.closure(source))
        return hashlib.sha256(repr((source.path, texts)).encode()).hexdigest()

    def includes_generated(self, source):
        return any(not foreign and 'src/' + name not in self.sources
                   for s in self.closure(source) for foreign, name, _ in s.includes)

    def compile_alone(self, job):
        compiler, source, _ = job
        generated = [f'-I{d}' for d in sorted(self.root.glob('build*/src'))]
        if not generated and self.includes_generated(source):
            return None                                 # the build has not run
        command = [compiler, '-std=gnu17', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-fsyntax-only',
                   f'-I{self.root / "src"}', *generated, '-x', 'c', '-']
        done = subprocess.run(command, input=f'#include "{source.name}"\n', capture_output=True, text=True)
        if done.returncode == 0:
            return None
        return next((l for l in done.stderr.splitlines() if 'error' in l), done.stderr)[:200]


def blanks(text):
    return re.sub(r'[^\n]', ' ', text)


def is_at(name, places):
    """Whether a file of src/ is one of `places`: names, or folders ending in /."""
    return any(name == p or (p.endswith('/') and name.startswith(p)) for p in places)


def functions(code):
    """(head, start, end) of each function: a brace in column 0 to the next closing one in column 0."""
    for m in re.finditer(r'^\{$', code, re.M):
        end = code.find('\n}', m.end())
        if end < 0:
            return
        before = max(code.rfind(c, 0, m.start()) for c in (';', '}', '\n\n'))
        head = code[before + 1:m.start()]
        if '(' in head and '=' not in head.split('(')[0]:
            yield head, m.start(), end + 2


def parameter_count(head):
    """What goes in: results (out_x, out) and the error come back, and are not counted."""
    head = re.sub(r'^\s*#.*$', '', head, flags=re.M)
    open_at = head.find('(')
    depth, parameters = 0, ['']
    for c in head[open_at:]:
        depth += (c in '([{') - (c in ')]}')
        if depth == 0:
            break
        if c == ',' and depth == 1:
            parameters.append('')
        else:
            parameters[-1] += c
    inside = head[open_at + 1:].strip()
    back = re.compile(r'\*\s*(out\w*|err)\s*(UNUSED)?\s*$')
    return 0 if inside.startswith(('void)', ')')) else sum(not back.search(p) for p in parameters)


def deepest(code, start, end):
    """How deep control statements nest in a function's body, and where. `else if` is a link of one chain."""
    tokens = [(m[0], m.start()) for m in TOKEN_RE.finditer(code, start, end)]
    best = [0, start]

    def note(depth, i):
        if depth > best[0]:
            best[:] = [depth, tokens[i][1]]

    def word(i):
        return tokens[i][0] if i < len(tokens) else ''

    def skip_group(i):                                  # i at an opening bracket; just past its partner
        depth = 0
        while i < len(tokens):
            depth += (word(i) in '({') - (word(i) in ')}')
            i += 1
            if depth == 0:
                break
        return i

    def block(i, depth):                                # i just past '{'
        while i < len(tokens) and word(i) != '}':
            i = statement(i, depth)
        return i + 1

    def body(i, depth):
        return block(i + 1, depth) if word(i) == '{' else statement(i, depth)

    def statement(i, depth):
        w = word(i)
        if w == '{':
            return block(i + 1, depth)
        if w == 'else':
            return statement(i + 1, depth)              # of a macro; nothing better to do
        if w == 'do':
            note(depth + 1, i)
            i = body(i + 1, depth + 1)
            return expression(i, depth)
        if w in ('if', 'for', 'while', 'switch'):
            note(depth + 1, i)
            i = body(skip_group(i + 1) if word(i + 1) == '(' else i + 1, depth + 1)
            if w == 'if' and word(i) == 'else':
                i = statement(i + 1, depth) if word(i + 1) == 'if' else body(i + 1, depth + 1)
            return i
        return expression(i, depth)

    def expression(i, depth):           # to its ';'; a label or a case ends where control begins
        first = i
        while i < len(tokens):
            w = word(i)
            if w == ';':
                return i + 1
            if w == '}':
                return i if i > first else i + 1
            if w == '(' or (w == '{' and i > first and word(i - 1) in ('=', ')')):
                i = skip_group(i)
            elif w == '{':
                return block(i + 1, depth)              # case X: {  or a local struct
            elif w in ('if', 'for', 'while', 'switch', 'do') and i > first:
                return statement(i, depth)
            else:
                i += 1
        return i

    if tokens:
        block(1, 0)
    return best[0], best[1]


def outer_statements(code):
    """(position, text) of each declaration outside functions, cut at its initialiser or body."""
    code = re.sub(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', lambda m: re.sub(r'[^\n]', ' ', m[0]), code, flags=re.M)
    depth, start, body_from = 0, 0, None
    for m in re.finditer(r'[{};]', code):
        c = m[0]
        if c == '{':
            if depth == 0 and body_from is None:
                body_from = m.start()
            depth += 1
        elif c == '}':
            depth = max(0, depth - 1)
            if depth == 0 and re.search(r'\)\s*$', code[start:body_from]):
                start, body_from = m.end(), None        # that was a function
        elif depth == 0:
            text = code[start:m.start()]
            if body_from is not None and '=' not in code[start:body_from]:
                tail = code[code.rfind('}', start, m.start()) + 1:m.start()]
                text = code[start:body_from] + ' ' + tail       # struct x { ... } name
            lead = len(text) - len(text.lstrip())
            yield start + lead, text.split('=')[0].strip()
            start, body_from = m.end(), None


def is_mutable(statement):
    """Whether a declaration makes a variable that can change: `struct x;`, types and prototypes do not."""
    words = re.sub(r'__attribute__\s*\(\(.*?\)\)|\b(PRINTF|CLEANUP)\s*\([^)]*\)|\bUNUSED\b|\[[^\]]*\]', ' ',
                   statement)
    if not words.strip() or re.match(r'\s*(typedef|extern|_Static_assert|static_assert)\b', words):
        return False
    pointer_to_function = re.match(r'[^(]*\(\s*\*\s*(const\s+)?\w+\s*\)\s*\(', words)
    if pointer_to_function:
        return pointer_to_function[1] is None
    if '(' in words:
        return False                                    # a prototype
    if re.fullmatch(r'\s*(struct|union|enum)\s*\w*\s*', words) or re.search(r'\bpthread_once_t\b', words):
        return False                                    # a type; a guard that only ever goes off once
    if '*' in words:
        return not re.search(r'\*\s*const\b[^*]*$', words)
    return not re.search(r'\bconst\b', words) and len(words.split()) > 1


def main(arguments):
    if '--rules' in arguments:
        for rule, text in RULES.items():
            print(f'{rule:12} {text}')
        return 0
    root = pathlib.Path(__file__).resolve().parent.parent
    for option in arguments:
        if option.startswith('--root='):
            root = pathlib.Path(option[7:])
    complaints = Tidy(root).run(headers='--no-headers' not in arguments)
    for path, line, text in complaints:
        print(f'{path}:{line}: {text}')
    if complaints:
        print(f'{len(complaints)} things to tidy')
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
