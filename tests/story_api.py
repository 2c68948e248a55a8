#!/usr/bin/env python3
"""The API is what it says of itself: its description is valid OpenAPI, and what it answers is as described.

Every story holds what it is answered against the description (api.py).  Here besides: the description through
openapi-spec-validator, each page that a role can read, and requests by the thousand made up by schemathesis, signed in
as several roles, with the ids of records that are there.  Both come from PyPI, into build-peers/.
NAUBAT_API_SECONDS (6) is how long schemathesis has for each role; with 30 and more it goes through the corner cases of
each parameter first.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import uuid

sys.path.insert(0, __file__.rsplit('/', 1)[0])
from node import DOCUMENTS, ROOT, Demonstration, Person  # noqa: E402

TOOLS = ('openapi-spec-validator==0.9.0', 'schemathesis==4.32.5')
SECONDS = os.environ.get('NAUBAT_API_SECONDS', '6')
ROLES = ('amina', 'rashid', 'tania', 'keeper', 'auditor', 'admin')
ID = re.compile(r'"id":"([0-9a-f]{8}-[0-9a-f-]{27})"')
# It never ends; it ends the session that schemathesis has; it would take the accounts of the other roles away.
LEFT_OUT = {'stream_get', 'session_delete', 'sessions_by_id_end_post', 'accounts_by_id_disable_post',
            'accounts_by_id_reset_post', 'accounts_by_id_set_post'}


def tools():
    """The folder of the programs from PyPI, installed once."""
    folder = ROOT / 'build-peers' / 'api'
    mark = folder / 'installed'
    if mark.exists() and mark.read_text() == ' '.join(TOOLS):
        return folder / 'bin'
    for command in ([sys.executable, '-m', 'venv', '--clear', folder],
                    [folder / 'bin/pip', 'install', '-q', '--disable-pip-version-check', '--timeout', '10',
                     '--retries', '0', *TOOLS]):
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            raise unittest.SkipTest(f'{TOOLS[0]} and {TOOLS[1]} could not be installed from PyPI: {last}')
    mark.write_text(' '.join(TOOLS))
    return folder / 'bin'


class Api(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(Demonstration())
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix='naubat-api-')))
        cls.text = Person(cls.node.port).request('GET', '/api/openapi.json')[1]
        cls.document = json.loads(cls.text)
        cls.people = {login: Person(cls.node.port, login) for login in ROLES}   # attempts to sign in are limited

    def test_the_contract_names_the_routes_that_are_there(self):
        """console/API.md and the program: each route of one is in the other."""
        blank = re.compile(r'\{[^}]*\}|\bID\b')
        said, base = set(), None
        for row in re.findall(r'^\| (`(?:GET|POST|DELETE) /.*?) \|', (ROOT / 'console/API.md').read_text(), re.M):
            for quoted in re.findall(r'`([^`]*)`', row):
                words = quoted.split()
                method, base = (words[0], words[1]) if len(words) == 2 else (method, base)
                # "`POST /api/x/take` · `release`": the last word of the path is another
                path = words[-1] if words[-1].startswith('/') else f"{base.rsplit('/', 1)[0]}/{words[-1].lstrip('…/')}"
                said.add((method.lower(), blank.sub('{}', path)))
        there = {(method, blank.sub('{}', path)) for path, method, _ in self.operations()}
        not_data = {('get', '/api/openapi.json'), ('get', '/api/stream')}   # described in words, not in a table
        self.assertEqual(said - there, set(), 'described, and not there')
        self.assertEqual(there - said - not_data, set(), 'there, and not described')

    def operations(self):
        for path, item in self.document['paths'].items():
            for method, operation in item.items():
                yield path, method, operation

    def test_every_operation_says_what_it_answers(self):
        for path, method, operation in self.operations():
            good = [(s, r) for s, r in operation['responses'].items() if s < '300']
            self.assertTrue(good, path)
            for status, answer in good:
                self.assertTrue(status == '204' or answer.get('content'), f'{method} {path} {status}: no `record`')

    def test_the_checker_can_fail(self):
        document = DOCUMENTS[self.node.port]
        status, text, reply = self.people['amina'].request('GET', '/api/teams')
        for altered in (text.replace('"items"', '"item"'), text.replace('"name":"', '"name":1,"nam":"', 1),
                        '{"items":[],"secret":1}'):
            with self.assertRaises(AssertionError):
                document.check('GET', '/api/teams', status, 'application/json', altered)
        for answer in ((500, 'application/problem+json', '{}'), (202, 'application/json', text),
                       (200, 'text/html', text)):
            with self.assertRaises(AssertionError):
                document.check('GET', '/api/teams', *answer)

    def test_description_is_valid(self):
        file = self.folder / 'openapi.json'
        program = tools() / 'openapi-spec-validator'
        file.write_text(self.text)
        done = subprocess.run([program, file], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:])
        file.write_text(self.text.replace('"openapi":"3.1.0"', '"openapi":"3.1.0","pathz":{}'))
        done = subprocess.run([program, file], capture_output=True, text=True, timeout=120)
        self.assertNotEqual(done.returncode, 0, 'the validator takes anything')

    def known_ids(self, person):
        """Ids of what this person sees, by the path they go into."""
        found = {}
        for path, method, operation in self.operations():
            if method != 'get' or '{' in path or operation['operationId'] in LEFT_OUT:
                continue
            status, text, _ = person.request('GET', path)
            if status == 200 and (ids := ID.findall(text)):
                found[path] = list(dict.fromkeys(ids))[:5]
        return found

    def test_every_page_of_every_role(self):
        read = 0
        for person in self.people.values():
            for collection, ids in self.known_ids(person).items():
                for path, method, _ in self.operations():
                    if method == 'get' and re.fullmatch(re.escape(collection) + r'/\{id\}(/\w+)?', path):
                        for id_ in ids:
                            self.assertIn(person.request('GET', path.replace('{id}', id_))[0], (200, 403, 404))
                            read += 1
        self.assertGreater(read, 50)

    def test_a_list_is_asked_for_what_there_is(self):
        """What a query says wrongly is refused, never taken for something else."""
        person = Person(self.node.port, 'amina')
        for path in ('/api/reports', '/api/incidents', '/api/clocks', '/api/outbox', '/api/organisations',
                     '/api/purges'):
            for limit in ('0', '-1', '101', '1000000', 'x', '9' * 40):
                status, body = person.get(f'{path}?limit={limit}')
                self.assertEqual((status, body['detail'].split(':')[1].strip()), (400, 'limit'), (path, limit, body))
            self.assertEqual(person.get(f'{path}?limit=1')[0], 200, path)
        for path in ('/api/reports', '/api/incidents', '/api/clocks', '/api/outbox', '/api/purges'):
            status, body = person.get(f'{path}?state=nonsense')
            self.assertEqual(status, 400, (path, body))

    def test_tags(self):
        """ETag, If-None-Match and If-Match; the same request twice, and another under its key."""
        person = self.people['rashid']
        made = person.post('/api/incidents', {'reports': [], 'title': 'Tags'}, key='tags-1')[1]
        again = person.post('/api/incidents', {'reports': [], 'title': 'Tags'}, key='tags-1')[1]
        self.assertEqual(again['id'], made['id'])
        self.assertEqual(person.post('/api/incidents', {'reports': [], 'title': 'Tug'}, key='tags-1')[0], 409)
        path = '/api/incidents/' + made['id']
        tag = person.request('GET', path)[2].getheader('ETag')
        self.assertEqual(person.request('GET', path, headers={'If-None-Match': tag})[0], 304)

        def retitle(title, match):
            return person.request('POST', path + '/retitle', json.dumps({'title': title}), {
                'Content-Type': 'application/json', 'Idempotency-Key': str(uuid.uuid4()), 'If-Match': match})[0]
        self.assertEqual(retitle('Tagged', tag), 200)
        self.assertEqual(retitle('Tagged again', tag), 412)
        self.assertEqual(retitle('Tagged again', 'nonsense'), 400)
        self.assertEqual(person.request('GET', path, headers={'If-None-Match': tag})[0], 200)

    def with_ids(self, person):
        """The description with real ids as what may stand in paths and bodies."""
        ids, document = self.known_ids(person), json.loads(self.text)
        every = [i for some in ids.values() for i in some[:2]]

        def put(schema):
            if isinstance(schema, dict):
                if schema.get('maxLength', 0) > 200:
                    schema['maxLength'] = 200           # texts of megabytes would be all that it has time for
                if schema.get('format') == 'uuid' and schema.get('type') == 'string':
                    schema['enum'] = every
                for value in schema.values():
                    put(value)
            elif isinstance(schema, list):
                for value in schema:
                    put(value)
        for path, item in document['paths'].items():
            known = ids.get(path.split('/{')[0])
            for operation in item.values():
                put(operation.get('requestBody', {}))
                put(operation.get('parameters', []))
                for parameter in operation.get('parameters', []):
                    if parameter['in'] == 'path' and known:
                        parameter['schema'] = {'enum': known}
        return document

    def test_schemathesis(self):
        program, calls = tools() / 'schemathesis', 0
        for login, person in self.people.items():
            file = self.folder / f'{login}.json'
            file.write_text(json.dumps(self.with_ids(person)))
            base = f'http://127.0.0.1:{self.node.port}'
            command = [program, 'run', file, '--url', base, '-H', f'Cookie: {person.cookie}', '-H', f'Origin: {base}',
                       '--checks', 'not_a_server_error,status_code_conformance,content_type_conformance,'
                       'response_headers_conformance,response_schema_conformance', '--continue-on-failure',
                       '--phases', 'coverage,fuzzing' if int(SECONDS) >= 30 else 'fuzzing',
                       '--max-examples', '40' if int(SECONDS) < 30 else '400', '--max-time', SECONDS,
                       '--request-timeout', '60', '--no-color', '--warnings', 'off', '--no-shrink',
                       '--suppress-health-check', 'all', '--generation-database', 'none']
            for name in LEFT_OUT:
                command += ['--exclude-operation-id', name]
            done = subprocess.run(command, capture_output=True, text=True, timeout=int(SECONDS) * 4 + 60,
                                  cwd=self.folder)
            count = re.search(r'(\d+) generated', done.stdout) or re.search(r'Test cases:\s*\n\s*(\d+)', done.stdout)
            self.assertEqual(done.returncode, 0, f'as {login}:\n' + done.stdout[-12000:] + done.stderr[-2000:])
            calls += int(count[1]) if count else 0          # on a busy machine it may not get to any
        self.assertGreater(calls, 0)
        print(f'schemathesis: {calls:,} requests as {", ".join(ROLES)}', flush=True)
        self.assertEqual(Person(self.node.port).request('GET', '/healthz')[0], 200)


if __name__ == '__main__':
    unittest.main()
