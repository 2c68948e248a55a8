"""api.py - holds what the program answers against the description that it gives of itself (/api/openapi.json).

A story's Person asks Document.check of every answer.  Schemas are read as closed: a client ignores members it does
not know, but an encoder that writes one which nobody described has said more than we know, and fails here.
Knows the part of JSON Schema that src/http/shape.c writes, and refuses the rest.
"""
import datetime
import json
import re
import urllib.parse
import uuid

KNOWN = {'$ref', 'anyOf', 'type', 'format', 'enum', 'items', 'properties', 'required', 'additionalProperties',
         'description'}
TYPES = {'object': dict, 'array': list, 'string': str, 'integer': int, 'boolean': bool, 'null': type(None)}


def is_format(name, text):
    try:
        if name == 'uuid':
            return str(uuid.UUID(text)) == text
        if name == 'date-time':
            return text.endswith('Z') and bool(datetime.datetime.fromisoformat(text[:-1]))
    except ValueError:
        return False
    raise AssertionError(f'api.py does not know the format {name}')


class Document:
    def __init__(self, text):
        self.document = json.loads(text)
        self.paths = []
        for path, operations in self.document['paths'].items():
            pattern = re.sub(r'\\\{\w+\\\}', '[^/]+', re.escape(path))
            self.paths.append((path.count('{'), re.compile(pattern + r'\Z'), operations))
        self.paths.sort(key=lambda p: p[0])             # a word beats a parameter
        self.seen = set()                               # (path pattern, method, status)

    def resolve(self, schema):
        while '$ref' in schema:
            kind, name = schema['$ref'].split('/')[2:]
            schema = self.document['components'][kind][name]
        return schema

    def faults(self, schema, value, where=''):
        """What is wrong with `value`, as texts."""
        schema = self.resolve(schema)
        if schema.keys() - KNOWN:
            raise AssertionError(f'api.py does not know {schema.keys() - KNOWN}')
        if 'anyOf' in schema:
            each = [self.faults(s, value, where) for s in schema['anyOf']]
            return [] if [] in each else max(each, key=len)
        if 'type' in schema and (not isinstance(value, TYPES[schema['type']]) or
                                 schema['type'] == 'integer' and isinstance(value, bool)):
            return [f'{where or "it"} is {value!r:.80}, not {schema["type"]}']
        if 'enum' in schema and value not in schema['enum']:
            return [f'{where} is {value!r:.80}, not one of {schema["enum"]}']
        if 'format' in schema and not is_format(schema['format'], value):
            return [f'{where} is {value!r:.80}, no {schema["format"]}']
        if isinstance(value, list) and 'items' in schema:
            return [f for i, v in enumerate(value) for f in self.faults(schema['items'], v, f'{where}[{i}]')]
        if isinstance(value, dict) and schema:
            return self.object_faults(schema, value, where)
        return []

    def object_faults(self, schema, value, where):
        known, more = schema.get('properties', {}), schema.get('additionalProperties')
        found = [f'{where}.{n} is missing' for n in schema.get('required', []) if n not in value]
        for name, v in value.items():
            if name in known:
                found += self.faults(known[name], v, f'{where}.{name}')
            elif isinstance(more, dict):
                found += self.faults(more, v, f'{where}.{name}')
            else:
                found.append(f'{where}.{name} is not described')
        return found

    def check(self, method, target, status, media, text):
        path = urllib.parse.urlsplit(target).path
        if not path.startswith('/api/') or path == '/api/openapi.json':
            return
        here = [o for _, pattern, o in self.paths if pattern.match(path)]
        operation = here[0].get(method.lower()) if here else None
        if operation is None:
            assert status in (400, 401, 403, 404, 405, 429), f'{method} {path}: {status}, and it is not described'
            return
        answer = operation['responses'].get(str(status))
        assert answer is not None, f'{method} {path}: the status {status} is not described: {text[:300]}'
        self.seen.add((operation['operationId'], status))
        content = self.resolve(answer).get('content')
        if not content:
            assert not text, f'{method} {path}: {status} with a body: {text[:300]}'
            return
        media = media.split(';')[0]
        assert media in content, f'{method} {path}: {status} is {media}, described is {list(content)}'
        if media.endswith('json'):
            schema = content[media]['schema']
            if status >= 400:           # a problem may have members of its own, for programs
                schema = {**self.resolve(schema), 'additionalProperties': {}}
            found = self.faults(schema, json.loads(text))
            assert not found, f'{method} {path}: {status}: ' + '; '.join(found[:8])
