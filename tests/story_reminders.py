#!/usr/bin/env python3
"""Nobody misses a clock: a real node, hours later, tells the duty desk and then the shift lead; killed, never twice.

Hours pass by starting the node again with its clocks ahead (tests/faults/clock_shift), so nobody sleeps.
"""
import json
import pathlib
import signal
import sys
import time
import unittest

sys.path.insert(0, __file__.rsplit('/', 1)[0])
import story_disk  # noqa: E402
import story_serve  # noqa: E402
from node import Demonstration, Person, wait_until  # noqa: E402
from story_serve import NAUBAT, mail  # noqa: E402

SHIM = pathlib.Path(NAUBAT).resolve().parent.parent / 'tests/faults/libclock_shift.so'
DESK, LEAD = 'duty@cert.example', 'rashid@cert.example'


class Reminders(unittest.TestCase):
    make, naubat, setUp = story_serve.Serve.make, story_serve.Serve.naubat, story_serve.Serve.setUp
    store_for_postgres = story_serve.Serve.store_for_postgres
    ask = story_disk.Disk.ask

    def at(self, minutes, how=signal.SIGKILL):
        """The node is killed and comes back so many minutes after the beginning."""
        self.node.end(how)
        self.node.environment = {'LD_PRELOAD': str(SHIM), 'NAUBAT_CLOCK_SHIFT': str(minutes * 60),
                                 'ASAN_OPTIONS': 'verify_asan_link_order=0'}
        self.node.start()

    def settled(self):
        """What the first turn had to say is said: (recipient, subject, text) of reminders, in order."""
        def counts():
            metrics = self.ask('GET', '/metrics')[1].splitlines()
            return {line.split()[0]: float(line.split()[1]) for line in metrics if not line.startswith('#')}
        seen, quiet = None, 0
        while quiet < 8:
            now = counts()
            state = (now['naubat_mail{delivery="queued"}'], len(self.sink.mails), now['naubat_reminders_total'])
            quiet = quiet + 1 if state == seen and state[0] == 0 else 0
            seen = state
            time.sleep(0.1)
        new = [(to, m['Subject'], m.get_content()) for to, m in self.sink.mails[self.seen:] if to in (DESK, LEAD)]
        self.seen = len(self.sink.mails)
        return new

    def story(self, *more):
        if not SHIM.exists():
            self.skipTest(f'{SHIM} was not built')
        self.seen = 0
        self.make('--duty-mail', DESK, *more)
        self.naubat('account', 'add', 'rashid', '--name', 'Rashid Karim', '--team', 'ncert', '--roles',
                    'handler,shift_lead', '--mail', LEAD, '--node', self.node.folder)
        self.naubat('mail', 'in', '--node', self.node.folder,
                    stdin=mail('saad@reader.example', 'SECRET-TITLE', 'SECRET-TEXT at 203.0.113.9'))
        self.assertEqual(self.settled(), [])

        self.at(16)                                         # the regime: a quarter of an hour without anybody
        told = self.settled()
        self.assertEqual([to for to, _, _ in told], [DESK])
        self.assertIn('[TLP:AMBER+STRICT]', told[0][1])
        self.assertIn('A report that nobody has taken', told[0][2])
        self.assertRegex(told[0][2], r'PK-NCERT-\d{4}-\w+')
        self.at(16)
        self.assertEqual(self.settled(), [], 'killed and started again, it told the same twice')

        self.at(36)                                         # acknowledgement was due after 30, assumed
        told = self.settled()
        self.assertEqual(sorted(to for to, _, _ in told), [DESK, DESK, LEAD])
        target = next(text for _, _, text in told if 'Acknowledge' in text)
        self.assertIn('target (assumed) was', target)
        self.assertIn('assumed: Half an hour', target)
        self.assertNotIn('late', target)
        self.at(36)
        self.assertEqual(self.settled(), [])

        self.at(60 * 24 * 2)                                # down for two days: the newest of each, in one mail
        told = self.settled()
        self.assertEqual(sorted(to for to, _, _ in told), [DESK, LEAD])
        for _, subject, text in told:
            self.assertIn('2 due times need you', subject)
            self.assertEqual(text.count('target (assumed) was'), 2)
        everything = ' '.join(s + t for _, m in self.sink.mails for s, t in [(m['Subject'], m.get_content())]
                              if m['To'] and ('duty@' in m['To'] or 'rashid@' in m['To']))
        self.assertNotIn('SECRET', everything)
        self.assertNotIn('203.0.113.9', everything)
        metrics = self.ask('GET', '/metrics')[1]
        self.assertIn('naubat_reminders_total 2\n', metrics)
        self.assertIn('naubat_clocks_overdue 2\n', metrics)
        self.assertEqual(self.node.end(signal.SIGTERM), 0, self.node.errors())

    def test_sqlite(self):
        self.story()
        self.naubat('journal', 'verify', '--db', self.node.folder / 'naubat.db')

    def test_postgres(self):
        self.story('--db', self.store_for_postgres())

    def test_duty_mail_is_checked(self):
        self.make()
        self.node.end(signal.SIGTERM)
        for value, says in (('nobody', 'duty_mail'), ('nowhere=a@b.example', 'no team of the adopted regime')):
            with open(self.node.folder / 'node.conf', 'a') as conf:
                conf.write(f'\nduty_mail: {value}\n')
            self.assertIn(says, self.naubat('serve', self.node.folder, status=1))
            text = (self.node.folder / 'node.conf').read_text().replace(f'\nduty_mail: {value}\n', '')
            (self.node.folder / 'node.conf').write_text(text)


class Shown(unittest.TestCase):
    def test_demonstration(self):
        """What nobody has taken when it starts: told at once, and shown where one looks."""
        with Demonstration() as demo:
            amina = Person(demo.port, 'amina')
            mails = wait_until(lambda: [m for m in amina.get('/api/demo/mail')[1]['items']
                                        if m['to'] == 'duty@ncert.example'])
            home = amina.get('/api/home')[1]
            self.assertGreater(home['nobodys']['count'], 0)
            self.assertEqual(home['untaken']['count'], 0)
            self.assertTrue(home['untaken']['alerted_at'])
            self.assertEqual(amina.post('/api/reports', {'text': 'a parcel SMS', 'door': 'api'})[0], 201)
            untaken = amina.get('/api/home')[1]['untaken']
            self.assertTrue(untaken['count'] == 1 and untaken['oldest_at'], untaken)
            self.assertIn(len(mails), (1, 2), 'nobody was told, or more than once a step')
            text = amina.get('/api/demo/mail/' + mails[0]['id'])[1]['text']
            self.assertRegex(text, r'DEMO-\d{4}-\w+')
            outbox = json.dumps(Person(demo.port, 'tania').get('/api/outbox')[1])
            self.assertNotIn('duty@ncert.example', outbox, "another team's outbox")
            self.assertIn('duty@ncert.example', json.dumps(amina.get('/api/outbox')[1]))


if __name__ == '__main__':
    unittest.main()
