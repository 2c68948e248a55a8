#!/usr/bin/env python3
"""Hostile input to the real program: each piece ends in a clear refusal or a record, and the program goes on serving.

Never a 5xx (503 with Retry-After is allowed), never a hang, never a crash; what comes out in pages, mail and CSV is
harmless.  The node's own log is looked at when it ends: no sanitizer report, status 0.
"""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import uuid

sys.path.insert(0, __file__.rsplit('/', 1)[0])
from node import Demonstration, Person  # noqa: E402

IDLE = int(os.environ.get('NAUBAT_HOSTILE_IDLE', '300'))       # connections that say nothing, or little by little
PATIENCE_S = 60
MARKUP = '<script>alert(1)</script><img src=x onerror=alert(1)>'
BIDI = 'abc\u202egnp.exe\u2066x\u2069'
FORMULA = '=HYPERLINK("http://evil.example","x")'


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.demonstration = Demonstration()
        cls.node = cls.demonstration.__enter__()
        cls.handler = Person(cls.node.port, 'rashid')
        cls.keeper = Person(cls.node.port, 'keeper')

    @classmethod
    def tearDownClass(cls):
        cls.demonstration.__exit__()
        if cls.demonstration.status != 0 or 'Sanitizer' in cls.demonstration.errors:
            raise AssertionError(f'it ended with {cls.demonstration.status}: {cls.demonstration.errors[-3000:]}')

    def tearDown(self):
        self.assertEqual(Person(self.node.port).request('GET', '/healthz')[0], 200, 'it serves nobody any more')

    def raw(self, data):
        """What comes back for these bytes: all statuses, and the text."""
        with socket.create_connection(('127.0.0.1', self.node.port), timeout=PATIENCE_S) as s:
            try:
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            text = b''
            try:
                while part := s.recv(65536):
                    text += part
            except ConnectionResetError:
                pass
        text = text.decode('utf-8', 'replace')
        return [int(n) for n in re.findall(r'HTTP/1\.[01] (\d{3})', text)], text

    def head(self, line='GET /healthz HTTP/1.1', *headers, body=''):
        return ('\r\n'.join([line, f'Host: 127.0.0.1:{self.node.port}', *headers]) + '\r\n\r\n' + body).encode()

    def test_request_smuggling(self):
        smuggled = self.head('GET /api/demo/people HTTP/1.1').decode()
        form = 'Content-Type: application/x-www-form-urlencoded'
        chunked, end = 'Transfer-Encoding: chunked', '0\r\n\r\n' + smuggled
        three = 'a=b' + smuggled
        shapes = [(name, self.head('POST /report HTTP/1.1', form, *headers, body=body)) for name, headers, body in (
            ('both lengths', ('Content-Length: 4', chunked), end),
            ('length last', (chunked, 'Content-Length: 5'), end),
            ('two lengths', ('Content-Length: 0', f'Content-Length: {len(smuggled)}'), smuggled),
            ('encoding in disguise', ('Transfer-Encoding: xchunked', 'Content-Length: 3'), three),
            ('encoding twice', (chunked, 'Transfer-Encoding: identity'), end),
            ('length with a sign', ('Content-Length: +3',), three),
            ('length below zero', ('Content-Length: -3',), smuggled),
            ('length too long', ('Content-Length: 99999999999999999999999',), smuggled),
            ('folded encoding', ('Transfer-Encoding:\r\n chunked', 'Content-Length: 3'), three),
            ('encoding folded with a tab', ('Content-Length: 3', 'Transfer-Encoding: \r\n\tchunked'), three),
            ('folded length', ('Content-Length:\r\n 3',), three),
            ('blank before the colon', ('Content-Length : 3', 'Content-Length: 60'), three),
            ('blank after the encoding', ('Transfer-Encoding : chunked', 'Content-Length: 3'), three),
            ('tab after the encoding', ('Transfer-Encoding\t: chunked', 'Content-Length: 3'), three),
            ('control before the encoding', ('Transfer-Encoding: \x0bchunked', 'Content-Length: 3'), three),
            ('bare carriage return', ('X: a\rTransfer-Encoding: chunked', 'Content-Length: 3'), three),
            ('more headers than are read', (*['A: b'] * 300, chunked, 'Content-Length: 3'), three))]
        for name, data in shapes:
            statuses, text = self.raw(data)
            self.assertNotIn('Duty handler', text, f'{name}: what followed was answered as a request')
            self.assertFalse([s for s in statuses if s < 400 or s >= 500], f'{name}: {statuses}')

    def test_garbage_in_a_pipeline(self):
        good = self.head()
        garbage = [b'\x00' * 300, b'GET\r\n\r\n', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', os.urandom(2000),
                   b'GET /' + b'a' * 100000 + b' HTTP/1.1\r\n\r\n', b'GET / HTTP/9.9\r\n\r\n',
                   b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', self.head('GET /healthz HTTP/1.1', 'X: ' + 'y' * 200000),
                   self.head('GET /healthz HTTP/1.1', *['A: b'] * 5000),
                   self.head('GET /%00%2e%2e/%2e%2e/etc/passwd HTTP/1.1'), self.head('GET //evil.example/ HTTP/1.1'),
                   self.head('GET /healthz\x0b HTTP/1.1'), self.head('BREW /healthz HTTP/1.1'),
                   self.head('GET http://evil.example/ HTTP/1.1'), b'GET /healthz HTTP/1.1\r\n\r\n',
                   b'GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n']
        for piece in garbage:
            statuses, text = self.raw(good + piece + good)
            self.assertFalse([s for s in statuses if s >= 500 and s not in (501, 503, 505)], (piece[:60], statuses))
            self.assertNotIn('root:', text)

    def test_slow_clients(self):
        """Many that say nothing or one byte at a time; others are served as before, and the slow ones let go."""
        idle, start = [], time.monotonic()
        begun = (b'', b'GET /heal', b'POST /report HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\na')
        try:
            for n in range(IDLE):
                try:
                    s = socket.create_connection(('127.0.0.1', self.node.port), timeout=5)
                    s.sendall(begun[n % 3])
                    idle.append(s)
                except OSError:
                    pass            # it may refuse one network this many; it may not stop serving
            took = []
            for _ in range(20):
                before = time.monotonic()
                self.assertEqual(self.handler.get('/api/session')[0], 200)
                took.append(time.monotonic() - before)
                for s in idle[::7]:
                    try:
                        s.send(b'a')
                    except OSError:
                        pass
            self.assertLess(sorted(took)[10], 5, f'others wait: {took}')
        finally:
            for s in idle:
                s.close()
        print(f'slow clients: {len(idle)} of {IDLE} held, others served in {sorted(took)[10] * 1000:.0f} ms '
              f'({time.monotonic() - start:.0f} s)', flush=True)

    def test_malformed_bodies(self):
        key = {'Content-Type': 'application/json'}
        bodies = ['', '{', '[]', 'null', '"x"', '{"text":1}', '{"text":"a","text":"b"}',
                  '{"text":"\\u0000"}', '{"text":"\\ud800"}',
                  '{"text":' + '[' * 100000 + ']' * 100000 + '}', '[' * 200000, '{"text":"' + 'a' * (600 << 10) + '"}',
                  '{"text":1e999}', '{"text":"x","anonymous":"yes"}', '{"nonsense":1,"text":"x"}', '\ufeff{"text":"x"}',
                  '{"text":NaN}', '{"text":"x","reporter_contact":"a@b.example\\r\\nBcc: x@evil.example"}']
        for body in bodies:
            for data in (body.encode(), body.encode('utf-16'), body.encode() + b'\xff\xfe'):
                status, text, _ = self.handler.request('POST', '/api/reports', data,
                                                       {**key, 'Idempotency-Key': str(uuid.uuid4())})
                self.assertIn(status, (201, 400, 413, 415), (body[:60], status, text[:200]))
                if status != 201:
                    self.assertTrue(json.loads(text)['detail'], body[:60])
        for headers in ({'Content-Type': 'text/plain'}, {**key, 'Content-Encoding': 'gzip'}, {}):
            self.assertEqual(self.handler.request('POST', '/api/reports', '{}', headers)[0], 415)
        for odd in ('x' * 300, 'a\tb', '\x7f'):
            self.assertEqual(self.handler.request('POST', '/api/reports', '{"text":"x"}',
                                                  {**key, 'Idempotency-Key': odd})[0], 400)

    def test_tables(self):
        head = 'name,class,sector,province,cii\r\n'
        tables = ['', '"', head + '"', head + 'a,b', head + ',' * 5000, head + '\x00,private,banking,,',
                  head + 'a"b,private,banking,,',
                  '\ufeff' + head + 'Firm,private,banking,,', head + ('x' * 100000) + ',private,banking,,',
                  'a' * (1 << 20),
                  'name,name\r\nx,y', head + 'Zwei\u202e,private,banking,,', head + MARKUP + ',private,banking,,',
                  head + 'Same,private,banking,,\r\n' * 2]
        for csv in tables:
            status, answer = self.keeper.post('/api/directory/import', {
                'kind': 'organisations', 'csv': csv, 'dry_run': True})
            self.assertIn(status, (200, 400, 413, 422), (csv[:60], answer))

    def test_yaml(self):
        """Regime files are the operator's own; a bad one is named by line and column, a bomb does not go off."""
        bombs = ['a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n' * 3, '{' * 100000, '- ' * 50000,
                 'a: !!python/object:os.system x',
                 'a: "\\x00"', '\xff\xfe', 'a: 1\na: 2', '%YAML 9.9\n---\n', '? ' * 1000, 'duties:\n  - id: x\n']
        for text in bombs:
            with tempfile.NamedTemporaryFile('w', suffix='.yaml', encoding='latin-1') as file:
                file.write(text)
                file.flush()
                done = subprocess.run([os.environ.get('NAUBAT', 'build/naubat'), 'regime', 'check', file.name],
                                      capture_output=True, text=True, timeout=PATIENCE_S)
            self.assertEqual(done.returncode, 1, (text[:40], done.stdout[:300], done.stderr[:300]))
            self.assertRegex(done.stdout + done.stderr, r':\d+:\d+|line \d+|byte|UTF-8', text[:40])

    def test_replayed_and_at_once(self):
        """The same request forty times at once is done once."""
        key, answers = str(uuid.uuid4()), []
        body = {'text': 'seen once, 198.51.100.9', 'title': key}

        def send():
            answers.append(Person.post(self.handler, '/api/reports', body, key=key))
        threads = [threading.Thread(target=send) for _ in range(40)]
        for t in threads:
            t.start()
        for t in threads:
            t.join(PATIENCE_S)
        self.assertEqual({(s, a.get('number')) for s, a in answers if s == 201}.__len__(), 1, answers[:3])
        self.assertEqual(len(answers), 40)
        self.assertEqual({s for s, _ in answers} - {201, 503, 429}, set())
        self.assertEqual(self.handler.post('/api/reports', {**body, 'text': 'another'}, key=key)[0], 409)

    def test_forms(self):
        caller = Person(self.node.port)
        injected = 'a@b.example\r\nBcc: all@evil.example'
        status, page = caller.form('/report', {'text': MARKUP + BIDI, 'name': MARKUP, 'contact': injected})
        self.assertIn(status, (200, 201, 400, 429))
        self.assertNotIn('<script>alert', page)
        self.assertNotIn('onerror=alert(1)>', page.replace('&gt;', ''))
        boundary = 'x'
        for body in (b'', b'--x', b'--x\r\n\r\n', b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nno end',
                     b'--x\r\nContent-Disposition: form-data; name="' + b'n' * 50000 + b'"\r\n\r\nv\r\n--x--\r\n',
                     b'--x\r\nContent-Disposition: form-data; name="text"; filename="../../etc/passwd"\r\n\r\nv'
                     b'\r\n--x--\r\n',
                     b'--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--\r\n', b'--x--\r\n' * 2000):
            status, text, _ = caller.request('POST', '/report', body,
                                             {'Content-Type': f'multipart/form-data; boundary={boundary}'})
            self.assertIn(status, (200, 201, 400, 413, 415, 429), (body[:60], status, text[-300:]))
        for code in ('', 'A' * 4000, '0000-0000-0000-0000', "' OR 1=1 --", '\u202e'):
            status, text = caller.form('/report/status', {'code': code})
            self.assertIn(status, (200, 400, 404, 413, 429), (code[:20], status))
        status, text, _ = caller.request('POST', '/report', b'a' * (3 << 20), {
            'Content-Type': 'application/x-www-form-urlencoded'})
        self.assertIn(status, (400, 413, 429))

    def test_what_comes_out_is_harmless(self):
        """Markup, bidi controls and formulas in a report: harmless in JSON, pages and tables."""
        status, made = self.handler.post('/api/reports', {
            'text': f'{FORMULA} {MARKUP} {BIDI} at hxxp://evil.example/x', 'title': FORMULA + BIDI,
            'reporter_name': MARKUP + BIDI, 'reporter_contact': 'nobody@reader.example'})
        self.assertEqual(status, 201, made)
        status, text, reply = self.handler.request('GET', '/api/reports/' + made['id'])
        self.assertEqual(reply.getheader('X-Content-Type-Options'), 'nosniff')
        self.assertIn("default-src 'none'", reply.getheader('Content-Security-Policy'))
        page = json.loads(text)
        self.assertNotIn('http://evil', page['text'])
        for shown in (page['title'], page['text'], page['excerpt'], page['reporter']['name']):
            for control in '\u202e\u2066\u2069':
                self.assertNotIn(control, shown)
        status, answer = self.keeper.post('/api/organisations', {
            'name': FORMULA, 'class': 'private', 'sector': 'banking', 'province': '', 'cii': ''})
        self.assertIn(status, (201, 400), answer)
        table = self.keeper.request('GET', '/api/directory/export?kind=organisations')[1]
        for line in table.splitlines()[1:]:
            for cell in re.findall(r'(?:^|,)("(?:[^"]|"")*"|[^,]*)', line):
                self.assertFalse(cell.strip('"')[:1] in ('=', '+', '-', '@', '\t'), f'a formula in the table: {line}')
        self.assertNotIn('http://evil', self.handler.request('GET', '/api/search?q=evil.example')[1])


if __name__ == '__main__':
    unittest.main()
