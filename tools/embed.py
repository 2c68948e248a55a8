#!/usr/bin/env python3
"""embed.py DIR OUT.c OUT.h DEPFILE - makes a C table of the files under DIR, as http/assets.h has them.

A folder that does not exist gives an empty table: the node then serves a page that says how to build it.
The same files give the same bytes: sorted by path, no time in the gzip header.
"""
import gzip
import hashlib
import os
import sys

TYPES = {
    '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
    '.css': 'text/css; charset=utf-8', '.json': 'application/json', '.svg': 'image/svg+xml',
    '.png': 'image/png', '.ico': 'image/x-icon', '.woff2': 'font/woff2', '.txt': 'text/plain; charset=utf-8',
    '.webmanifest': 'application/manifest+json', '.map': 'application/json',
}
WORTH_PACKING = {'.html', '.js', '.css', '.json', '.svg', '.txt', '.webmanifest', '.map'}


def files_under(folder):
    for where, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(where, name)
            if not name.startswith('.') and not name.endswith('.gz'):
                yield '/' + os.path.relpath(path, folder).replace(os.sep, '/'), path


def c_bytes(name, data):
    rows = (', '.join(str(b) for b in data[i:i + 32]) for i in range(0, len(data), 32))
    return 'static const unsigned char %s[] = {\n%s\n};\n' % (name, ',\n'.join(rows))


def c_string(text):
    return '"%s"' % text.replace('\\', '\\\\').replace('"', '\\"')


def slice_of(name, data):
    return '{ (const char *)%s, %d }' % (name, len(data)) if data else '{ "", 0 }'


def pack(extension, data):
    packed = gzip.compress(data, 9, mtime=0) if extension in WORTH_PACKING else b''
    return packed if len(packed) < len(data) * 0.9 else b''


def main():
    folder, out_c, out_h, depfile = sys.argv[1:]
    arrays, rows, seen = [], [], []
    for i, (name, path) in enumerate(files_under(folder)):
        with open(path, 'rb') as f:
            data = f.read()
        extension = os.path.splitext(name)[1]
        packed = pack(extension, data)
        for kind, content in (('file', data), ('packed', packed)):
            if content:
                arrays.append(c_bytes('%s_%d' % (kind, i), content))
        rows.append('\t{ %s, %s, "%s",\n\t  %s, %s },\n' % (
            c_string(name), c_string(TYPES.get(extension, 'application/octet-stream')),
            hashlib.sha256(data).hexdigest(),
            slice_of('file_%d' % i, data), slice_of('packed_%d' % i, packed)))
        seen.append(path)
    with open(out_c, 'w', encoding='utf-8') as f:
        f.write('/* Made by tools/embed.py. */\n#include "http/console_assets.h"\n\n')
        f.write('\n'.join(arrays))
        f.write('\nconst struct asset CONSOLE_ASSETS[] = {\n%s\t{ 0 },\n};\n' % ''.join(rows))
        f.write('const ptrdiff_t CONSOLE_ASSET_COUNT = %d;\n' % len(rows))
    with open(out_h, 'w', encoding='utf-8') as f:
        f.write('/* Made by tools/embed.py: the files of the console. */\n#pragma once\n#include "http/assets.h"\n\n'
                'extern const struct asset CONSOLE_ASSETS[];\nextern const ptrdiff_t CONSOLE_ASSET_COUNT;\n')
    # A folder's time changes when a file comes or goes: the parent stands for one that is not there yet.
    folders = [w for w, _, _ in os.walk(folder)] or [os.path.dirname(os.path.abspath(folder))]
    with open(depfile, 'w', encoding='utf-8') as f:
        f.write('%s: %s\n' % (out_c, ' '.join(p.replace(' ', '\\ ') for p in seen + folders)))


main()
