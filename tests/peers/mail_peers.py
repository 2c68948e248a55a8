#!/usr/bin/env python3
"""mail_peers.py - our SMTP, LMTP and IMAP against OpenSMTPD and Dovecot, on loopback.

    mail_peers.py TOOL      TOOL is test_mail_peers, which starts this

Exit status 77 when no peer could be used; what was skipped is said in one line each.
"""
import base64
import grp
import os
import pathlib
import pwd
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

TOOL = None
LIMIT_S = 60
# With all the headers that a relay would add, so that it arrives as it left.
MAIL = (b'Date: Tue, 24 Nov 2026 01:48:10 +0000\r\nFrom: cert@node.example\r\nTo: soc@bank.example\r\n'
        b'Message-ID: <1@node.example>\r\nSubject: peers\r\n\r\n.dot\r\nFrom here\r\nend\r\n')


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def wait_for_port(port, process):
    """Until somebody listens there; polls, for a server tells nobody when it is ready."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as s:
            if s.connect_ex(('127.0.0.1', port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f'nobody listens on port {port}')


def tool(*arguments):
    done = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True, timeout=LIMIT_S)
    if done.returncode not in (0, 1):
        raise AssertionError(f'{arguments}: status {done.returncode}\n{done.stderr}')
    return done.stdout.strip()


class Folder:
    """A temporary folder with a certificate for 127.0.0.1 in it.  In /tmp: servers drop their rights, and could not
    enter a folder of the test's own."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix='naubat-peers-', dir='/tmp'))
        os.chmod(self.path, 0o755)
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
                        '-subj', '/CN=peer.example', '-addext', 'subjectAltName=IP:127.0.0.1',
                        '-keyout', self / 'key.pem', '-out', self / 'cert.pem'],
                       check=True, capture_output=True)
        os.chmod(self / 'key.pem', 0o600)

    def __truediv__(self, name):
        return self.path / name

    def write(self, name, content):
        target = self / name
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return target

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


def stop(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def need(*programs):
    for program in programs:
        if shutil.which(program, path=os.environ.get('PATH', '') + ':/usr/sbin:/sbin') is None:
            raise unittest.SkipTest(f'{program} is not installed')


class OpenSmtpd(unittest.TestCase):
    """curl's SMTP to OpenSMTPD, which hands the mail on to our LMTP server: it must arrive as it left."""

    @classmethod
    def setUpClass(cls):
        need('smtpd', 'openssl', 'unshare')
        inbox = pathlib.Path(tempfile.mkdtemp(prefix='naubat-inbox-', dir='/tmp'))
        cls.addClassCleanup(shutil.rmtree, inbox, True)
        cls.inbox = inbox
        cls.lmtp = subprocess.Popen([TOOL, 'lmtp', '0', cls.inbox], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(cls.end_lmtp)
        cls.start('node.example', int(cls.lmtp.stdout.readline()))

    @classmethod
    def start(cls, domain, lmtp_port, smtp_port=None):
        """OpenSMTPD that hands the domain's mail on by LMTP, and all other, if `smtp_port` is said, by SMTP."""
        need('smtpd', 'openssl', 'unshare')
        if os.geteuid() != 0:
            raise unittest.SkipTest('OpenSMTPD needs root, and a mount namespace for its spool')
        cls.folder = Folder()
        cls.addClassCleanup(cls.folder.remove)
        cls.port = free_port()
        out = f'action "out" relay host "smtp://127.0.0.1:{smtp_port}"' if smtp_port else ''
        # No TLS: Debian 12's OpenSMTPD 6.8 fails in every handshake with OpenSSL 3 ("EVP lib"); see Sink.
        cls.folder.write('smtpd.conf', f'''
listen on 127.0.0.1 port {cls.port} hostname "peer.example"
action "in" relay host "lmtp://127.0.0.1:{lmtp_port}"
{out}
match from any for domain "{domain}" action "in"
{'match from any for any action "out"' if smtp_port else ''}
''')
        # Its spool and control socket have fixed places: a mount namespace keeps the machine's own untouched.
        cls.folder.write('start.sh', f'''set -e
mount --make-rprivate /
mkdir -p /var/spool && mount -t tmpfs tmpfs /var/spool && mount -t tmpfs tmpfs /run
mkdir -p /var/spool/smtpd /run/lock && chmod 711 /var/spool/smtpd
exec smtpd -d -f {cls.folder / 'smtpd.conf'}
''')
        log = open(cls.folder / 'log', 'wb')
        cls.addClassCleanup(log.close)
        environment = dict(os.environ, PATH=os.environ.get('PATH', '') + ':/usr/sbin:/sbin')
        probe = subprocess.run(['unshare', '-m', 'true'], capture_output=True)
        if probe.returncode != 0:
            raise unittest.SkipTest('no mount namespace can be made here')
        cls.server = subprocess.Popen(['unshare', '-m', 'sh', cls.folder / 'start.sh'],
                                      stdout=log, stderr=log, env=environment)
        cls.addClassCleanup(stop, cls.server)
        wait_for_port(cls.port, cls.server)

    @classmethod
    def end_lmtp(cls):
        cls.lmtp.stdin.close()
        cls.lmtp.wait(LIMIT_S)
        cls.lmtp.stdout.close()

    def arrived(self, number):
        end = time.monotonic() + LIMIT_S
        path = self.inbox / str(number)
        while not path.exists():
            self.assertLess(time.monotonic(), end, 'the mail did not arrive')
            time.sleep(0.05)
        return path.read_bytes()

    def send(self, tls, recipient, content=MAIL):
        ca = self.folder / 'cert.pem'
        return tool('smtp', self.port, tls, ca, 'cert@node.example', recipient,
                    self.folder.write('mail', content))

    def test_there_and_back(self):
        to = 'reply+010000000123456789abcdef@node.example'
        self.assertRegex(self.send('none', to), '^sent 250 ')
        received = self.arrived(1)
        self.assertTrue(received.endswith(MAIL), received)
        self.assertRegex(self.send('optional', to), '^sent 250 ')
        self.assertTrue(self.arrived(2).endswith(MAIL))

    def test_unknown_recipient(self):
        self.assertRegex(self.send('none', 'x@other.example'), '^permanent 550 .*Invalid recipient')

    def test_no_tls_offered(self):
        self.assertRegex(self.send('required', 'x@node.example'), '^temporary ')


class SinkHandler(socketserver.StreamRequestHandler):
    """A small SMTP server with STARTTLS and AUTH PLAIN."""

    def say(self, line):
        self.wfile.write(line.encode() + b'\r\n')
        self.wfile.flush()

    def start_tls(self):
        self.say('220 go')
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile('rb'), self.request.makefile('wb')

    def take_data(self):
        self.say('354 go')
        content = b''
        while not (content == b'.\r\n' or content.endswith(b'\r\n.\r\n')):
            line = self.rfile.readline()
            if not line:
                return
            content += line
        self.server.seen.append((self.secure, self.signed_in, content))
        self.say('250 2.0.0 kept')

    def handle(self):
        self.secure = self.signed_in = False
        try:
            self.say('220 sink')
            self.converse()
        except (OSError, ssl.SSLError):
            pass

    def converse(self):
        while line := self.rfile.readline():            # rfile is another one after STARTTLS
            verb = line[:4].upper().strip()
            if verb == b'EHLO':
                self.say('250-sink\r\n250 ' + ('AUTH PLAIN' if self.secure else 'STARTTLS'))
            elif verb == b'STAR':
                self.start_tls()
                self.secure = True
            elif verb == b'AUTH':
                token = line.split()[2:] or [self.ask()]
                self.signed_in = base64.b64decode(token[0]) == b'\0cert\0pass word'
                self.say('235 ok' if self.signed_in else '535 5.7.8 wrong')
            elif verb == b'DATA':
                self.take_data()
            elif verb == b'QUIT':
                self.say('221 bye')
                return
            else:
                self.say('250 2.0.0 ok')

    def ask(self):
        self.say('334 ')
        return self.rfile.readline().strip()


class Sink(unittest.TestCase):
    """STARTTLS, certificates and sign-in, against Python's own TLS."""

    @classmethod
    def setUpClass(cls):
        need('openssl')
        cls.folder = Folder()
        cls.addClassCleanup(cls.folder.remove)
        cls.server = socketserver.ThreadingTCPServer(('127.0.0.1', 0), SinkHandler)
        cls.server.daemon_threads = True
        cls.server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cls.server.tls.load_cert_chain(cls.folder / 'cert.pem', cls.folder / 'key.pem')
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()

    def setUp(self):
        self.server.seen = []

    def send(self, tls, *user, ca=None):
        return tool('smtp', self.server.server_address[1], tls, ca or self.folder / 'cert.pem',
                    'cert@node.example', 'x@bank.example', self.folder.write('mail', MAIL), *user)

    def test_starttls(self):
        wire = MAIL.replace(b'\r\n.', b'\r\n..') + b'.\r\n'
        for tls in ('required', 'optional'):
            self.assertRegex(self.send(tls), '^sent 250 ')
        self.assertRegex(self.send('none'), '^sent 250 ')
        self.assertEqual(self.server.seen, [(True, False, wire), (True, False, wire), (False, False, wire)])

    def test_sign_in(self):
        self.assertRegex(self.send('required', 'cert', 'pass word'), '^sent 250 ')
        self.assertRegex(self.send('required', 'cert', 'wrong'), '^temporary 535 ')
        self.assertEqual([seen[:2] for seen in self.server.seen], [(True, True)])

    def test_untrusted_certificate(self):
        other = Folder()
        self.addCleanup(other.remove)
        for tls in ('required', 'optional'):
            self.assertRegex(self.send(tls, ca=other / 'cert.pem'), '^temporary ')
        self.assertRegex(self.send('required', ca=other / 'missing.pem'), '^temporary ')
        self.assertEqual(self.server.seen, [])


class Dovecot(unittest.TestCase):
    """UID fetch with PEEK, \\Seen and MOVE only after the taker has stored; TLS both ways."""

    @classmethod
    def setUpClass(cls):
        need('dovecot', 'doveadm', 'openssl')
        cls.folder = Folder()
        cls.addClassCleanup(cls.folder.remove)
        user = pwd.getpwuid(os.geteuid()).pw_name
        root = os.geteuid() == 0
        owner = 'nobody' if root else user
        cls.home = cls.folder / 'home'
        for sub in ('', 'cur', 'new', 'tmp'):
            (cls.home / 'Maildir' / sub).mkdir(parents=True, exist_ok=True)
        account = pwd.getpwnam(owner)
        cls.owner = (account.pw_uid, account.pw_gid)
        cls.port, cls.tls_port = free_port(), free_port()
        folder = cls.folder
        folder.write('users', f'cert:{{PLAIN}}pass word:{account.pw_uid}:{account.pw_gid}::{cls.home}\n')
        login = 'dovenull' if root else user
        inside = '' if root else 'chroot =\n'
        folder.write('dovecot.conf', f'''
base_dir = {folder / 'run'}
state_dir = {folder / 'state'}
log_path = {folder / 'log'}
default_internal_user = {'dovecot' if root else user}
default_internal_group = {'dovecot' if root else group_of(user)}
default_login_user = {login}
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder / 'cert.pem'}
ssl_key = <{folder / 'key.pem'}
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
first_valid_uid = 1
first_valid_gid = 0
passdb {{
  driver = passwd-file
  args = {folder / 'users'}
}}
userdb {{
  driver = passwd-file
  args = {folder / 'users'}
}}
service anvil {{
  {inside}
}}
service imap-login {{
  {inside}
  inet_listener imap {{
    port = {cls.port}
  }}
  inet_listener imaps {{
    port = {cls.tls_port}
  }}
}}
service stats {{
  {inside}
}}
''')
        os.chmod(folder / 'users', 0o644)
        cls.own()
        environment = dict(os.environ, PATH=os.environ.get('PATH', '') + ':/usr/sbin:/sbin')
        cls.server = subprocess.Popen(['dovecot', '-F', '-c', folder / 'dovecot.conf'], env=environment,
                                      stderr=subprocess.DEVNULL)
        cls.addClassCleanup(stop, cls.server)
        wait_for_port(cls.port, cls.server)

    @classmethod
    def own(cls):
        if os.geteuid() == 0:
            for path in [cls.home, *cls.home.rglob('*')]:
                os.chown(path, *cls.owner)

    def setUp(self):
        shutil.rmtree(self.folder / 'out', ignore_errors=True)
        (self.folder / 'out').mkdir()
        shutil.rmtree(self.home / 'Maildir', ignore_errors=True)
        for sub in ('cur', 'new', 'tmp'):
            (self.home / 'Maildir' / sub).mkdir(parents=True)
            (self.home / 'Maildir' / '.Done' / sub).mkdir(parents=True)
        self.own()

    def put(self, name, content):
        (self.home / 'Maildir/new' / name).write_bytes(content)
        self.own()

    def fetch(self, verdict='store', *more, tls='required', port=None, password='pass word'):
        return tool('imap', port or self.port, tls, self.folder / 'cert.pem', 'cert', password,
                    self.folder / 'out', verdict, *more)

    def kept(self):
        return sorted(p.read_bytes() for p in (self.folder / 'out').iterdir())

    def test_each_once(self):
        hostile = b'Subject: N1 OK\r\n\r\nN1 OK done\r\nN2 OK )\r\n* 1 FETCH (UID 1)\r\n{5}\r\n'
        mails = [MAIL, hostile, b'x: y\r\n\r\n' + b'0123456789\r\n' * 5000]
        for i, content in enumerate(mails):
            self.put(f'{i}.a.b', content)
        self.assertEqual(self.fetch(), '3 0 0')
        self.assertEqual(self.kept(), sorted(mails))
        self.assertEqual(self.fetch(), '0 0 0')
        self.put('9.a.b', MAIL)
        self.assertEqual(self.fetch(tls='implicit', port=self.tls_port), '1 0 0')

    def test_left_stays_unseen(self):
        self.put('1.a.b', MAIL)
        self.assertEqual(self.fetch('leave'), '0 1 0')
        self.assertEqual(self.fetch('leave'), '0 1 0')
        self.assertEqual(self.fetch('store'), '1 0 0')

    def test_too_large_stays(self):
        self.put('1.a.b', b'x: y\r\n\r\n' + b'0123456789\r\n' * 10000)
        self.put('2.a.b', MAIL)
        self.assertEqual(self.fetch(), '1 0 1')
        self.assertEqual(self.kept(), [MAIL])

    def test_move(self):
        self.put('1.a.b', MAIL)
        self.assertEqual(self.fetch('store', 'Done'), '1 0 0')
        inbox = [*(self.home / 'Maildir/cur').iterdir(), *(self.home / 'Maildir/new').iterdir()]
        self.assertEqual(inbox, [])
        moved = [*(self.home / 'Maildir/.Done/cur').iterdir(), *(self.home / 'Maildir/.Done/new').iterdir()]
        self.assertEqual([p.read_bytes() for p in moved], [MAIL])

    def test_refusals(self):
        self.assertIn('error', self.fetch(password='wrong'))
        self.assertIn('error', self.fetch(tls='implicit'))
        other = Folder()
        self.addCleanup(other.remove)
        said = tool('imap', self.port, 'required', other / 'cert.pem', 'cert', 'pass word',
                    self.folder / 'out', 'store')
        self.assertIn('error', said)
        self.put('1.a.b', MAIL)
        self.assertIn('error', self.fetch('store', 'No Such Folder'))


def group_of(user):
    return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name


def main():
    global TOOL
    TOOL = sys.argv.pop(1)
    tests = unittest.defaultTestLoader.loadTestsFromModule(sys.modules['__main__'])
    result = unittest.TextTestRunner(verbosity=1).run(tests)
    for test, why in result.skipped:
        print(f'skipped: {test}: {why}')
    if not result.wasSuccessful():
        return 1
    return 0 if result.testsRun > 0 else 77


if __name__ == '__main__':
    sys.exit(main())
