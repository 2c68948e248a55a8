#!/usr/bin/env python3
"""embed_file.py FILE HEADER FUNCTION OUT.c - makes a C function of a file: `str FUNCTION(void)`, its bytes."""
import sys


def main():
    path, header, function, out = sys.argv[1:]
    with open(path, 'rb') as f:
        data = f.read()
    rows = (', '.join(str(b) for b in data[i:i + 32]) for i in range(0, len(data), 32))
    with open(out, 'w', encoding='utf-8') as f:
        f.write('/* Made by tools/embed_file.py. */\n#include "%s"\n\n'
                'static const unsigned char file[] = {\n%s\n};\n\n'
                'str %s(void)\n{\n\treturn (str){ (const char *)file, %d };\n}\n'
                % (header, ',\n'.join(rows), function, len(data)))


main()
