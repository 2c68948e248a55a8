"""node.py - starts the real program for a story and speaks HTTP to it.  Python's standard library only."""
import http.client
import json
import os
import pathlib
import re
import select
import signal
import subprocess
import sys
import time
import unittest
import uuid

sys.path.insert(0, __file__.rsplit('/', 1)[0])
from api import Document  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAUBAT = os.environ.get('NAUBAT', str(ROOT / 'build' / 'naubat'))
START_LIMIT_S = 120
DOCUMENTS = {}          # of the API, by port: every answer is held against it


class Demonstration:
    """`naubat demo` on a free port; a context."""

    def __enter__(self):
        with_port = [NAUBAT, 'demo', '--port', str(free_port())]
        self.process = subprocess.Popen(with_port, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        text, limit = '', time.monotonic() + START_LIMIT_S
        while 'http://' not in text:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, limit - time.monotonic()))
            line = os.read(self.process.stdout.fileno(), 4096).decode() if ready else ''
            if not line:
                self.process.kill()
                raise RuntimeError('the demonstration did not start: ' + self.process.stderr.read())
            text += line
        self.port = int(re.search(r'http://127\.0\.0\.1:(\d+)/', text)[1])
        DOCUMENTS[self.port] = Document(Person(self.port).request('GET', '/api/openapi.json')[1])
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.status = self.process.wait(60)
        finally:
            self.process.kill()
            self.process.stdout.close()
            self.errors = self.process.stderr.read()
            self.process.stderr.close()


class Person:
    """Somebody with a browser: a cookie, and JSON."""

    def __init__(self, port, login=None):
        self.port, self.cookie = port, None
        if login:
            status, session = self.post('/api/demo/session', {'login': login})
            if status not in (200, 201):
                raise RuntimeError(f'cannot sign in as {login}: {status} {session}')

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)
        send = {'Origin': f'http://127.0.0.1:{self.port}', **(headers or {})}
        if self.cookie:
            send['Cookie'] = self.cookie
        try:
            connection.request(method, path, body, send)
        except BrokenPipeError:
            pass                # refused before all of it was sent: what it says of that can still be read
        reply = connection.getresponse()
        data = reply.read()
        for name, value in reply.getheaders():
            if name.lower() == 'set-cookie':
                self.cookie = value.split(';')[0]
        connection.close()
        if self.port in DOCUMENTS:
            DOCUMENTS[self.port].check(method, path, reply.status, reply.getheader('Content-Type', ''), data.decode())
        return reply.status, data.decode(), reply

    def get(self, path):
        status, text, _ = self.request('GET', path)
        return status, json.loads(text) if text else None

    def post(self, path, body, key=None):
        status, text, _ = self.request('POST', path, json.dumps(body), {
            'Content-Type': 'application/json', 'Idempotency-Key': key or str(uuid.uuid4())})
        return status, json.loads(text) if text else None

    def form(self, path, fields):
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name='
        parts = [f'{head}"{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
        body = ''.join(parts) + f'--{boundary}--\r\n'
        status, text, _ = self.request('POST', path, body.encode(), {
            'Content-Type': f'multipart/form-data; boundary={boundary}'})
        return status, text


def free_port():
    import socket
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def wait_until(what, limit_s=30):
    """Asks again until it is so: for what a reader of the journal does a moment later."""
    limit = time.monotonic() + limit_s
    while True:
        value = what()
        if value or time.monotonic() > limit:
            return value
        time.sleep(0.05)


class DemonstrationStory(unittest.TestCase):
    """A story told on a demonstration of its own, `node`; `handler` is who asks where nobody else is named."""

    @classmethod
    def setUpClass(cls):
        cls.node = Demonstration().__enter__()
        cls.port = cls.node.port

    @classmethod
    def tearDownClass(cls):
        cls.node.__exit__()
        assert cls.node.status == 0, f'the node ended with {cls.node.status}: {cls.node.errors}'

    def get(self, path, who=None, status=200):
        got, body = (who or self.handler).get(path)
        self.assertEqual(got, status, body)
        return body

    def post(self, path, body, status=(200, 201), who=None):
        got, answer = (who or self.handler).post(path, body)
        self.assertIn(got, status if isinstance(status, tuple) else (status,), answer)
        return answer
