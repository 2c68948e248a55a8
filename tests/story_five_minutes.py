"""The five minutes that must work, played over HTTP as the console plays them."""
import datetime
import re
import sys
import unittest

sys.path.insert(0, __file__.rsplit('/', 1)[0])
from node import DemonstrationStory, Person, wait_until  # noqa: E402

REPORT = 'phishing at hxxp://login.bank.example, 203.0.113.7'


def minutes_left(clock, now):
    parse = datetime.datetime.fromisoformat
    return (parse(clock['due_at'].replace('Z', '+00:00')) - parse(now.replace('Z', '+00:00'))).total_seconds() / 60


class FiveMinutes(DemonstrationStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.at_first = Person(cls.port, 'amina').get('/api/home')[1]

    def ok(self, answer):
        self.assertIn(answer[0], (200, 201), answer)
        return answer[1]

    def test_the_whole_story(self):
        people = self.ok(Person(self.port).get('/api/demo/people'))['items']
        handler = Person(self.port, people[0]['login'])
        session = self.ok(handler.get('/api/session'))
        self.assertTrue(session['demonstration'])
        self.assertIn('gazetted', session['regime']['notice'])

        home = self.ok(handler.get('/api/home'))
        self.assertTrue(home['pressing']['assumed'])
        self.assertAlmostEqual(minutes_left(home['pressing'], home['now']), 11, delta=1.5)
        self.assertEqual(self.at_first['new_reports']['count'], 0)      # so that Home says "1 new"
        new_before = home['new_reports']['count']
        title = home['pressing']['incident']['title']
        self.assertEqual(title, self.ok(handler.get('/api/reports/' + home['pressing']['incident']['id']))['title'])

        status, page = Person(self.port).form('/report', {'text': REPORT, 'anonymous': 'yes'})
        self.assertEqual(status, 201, page)
        number = re.search(r'DEMO-\d{4}-[0-9A-Z]{7}', page)[0]
        code = re.search(r'([0-9A-Z]{4}-){3}[0-9A-Z]{4}', page)[0]
        home = self.ok(handler.get('/api/home'))
        self.assertEqual(home['new_reports']['count'], new_before + 1)

        item = next(r for r in self.ok(handler.get('/api/reports?state=new'))['items'] if r['number'] == number)
        # What is similar is found by the search index, which is a moment behind the journal.
        report = wait_until(lambda: len((r := self.ok(handler.get('/api/reports/' + item['id'])))['similar']) > 1 and r)
        self.assertEqual(report['owner_lookup']['organisation']['name'], 'Demo Bank')
        self.assertIn('203.0.113.0/24', ' '.join(report['owner_lookup']['why']))
        self.assertIn('anking', report['owner_lookup']['team']['name'])
        outbox = self.ok(handler.get('/api/outbox?limit=100'))['items']
        self.assertTrue(any(not m['address'] for m in outbox))
        for mail in outbox:   # what has no address says why it stays, and nothing counts tries that nobody counted
            self.assertEqual(mail['detail'] is None, bool(mail['address']), mail)
            self.assertNotIn('attempts', mail)
        self.assertTrue(report['owner_lookup']['contacts'])
        self.assertEqual(len(report['similar']), 2, [s['number'] for s in report['similar']])
        self.assertIn('203[.]0[.]113[.]7', report['text'])
        self.assertNotIn('203.0.113.7', report['text'])

        found = self.ok(handler.get('/api/search?q=' + number.lower()))
        self.assertEqual([(h['kind'], h['id']) for h in found['items']], [('report', item['id'])])

        self.ok(handler.post(f"/api/reports/{item['id']}/take", {}))
        three = [item['id']] + [s['id'] for s in report['similar']]
        opened = self.ok(handler.post('/api/incidents', {'reports': three, 'title': 'Phishing against Demo Bank'}))
        incident = '/api/incidents/' + opened['id']
        page = self.ok(handler.get(incident))
        self.assertTrue(page['clocks'])
        self.assertTrue(all(c['source'] or c['assumption'] for c in page['clocks']))
        self.assertEqual(len(page['reports']), 3)

        wrong = report['similar'][1]['id']
        self.ok(handler.post(incident + '/detach', {'reports': [wrong]}))
        self.assertEqual(len(self.ok(handler.get(incident))['reports']), 2)
        self.assertEqual(self.ok(handler.get('/api/reports/' + wrong))['state'], 'new')

        self.message(handler, incident)
        self.other_team(opened, number)
        self.closing(handler, incident, number, code, item['id'])

    def message(self, handler, incident):
        found = self.ok(handler.get('/api/organisations?q=Hosting'))['items']
        hoster = next(o for o in found if o['name'] == 'Hosting Hall')
        self.ok(handler.post(incident + '/parties', {'party': hoster['id'], 'roles': ['provider']}))
        page = self.ok(handler.get(incident))
        to = [p['id'] for p in page['parties'] if p['name'] in ('Demo Bank', 'Hosting Hall')]
        self.assertEqual(len(to), 2)
        found = self.ok(handler.get('/api/organisations?q=Telecom'))['items']
        telecom = next(o for o in found if o['name'] == 'Telecom CERT')
        tlp = page['marking']['tlp']

        ask = {'recipients': to + [telecom['id']], 'tlp': tlp}
        preview = self.ok(handler.post(incident + '/messages/preview', ask))
        self.assertFalse(preview['sendable'])
        refused = [r for r in preview['recipients'] if not r['allowed']]
        self.assertEqual([r['name'] for r in refused], ['Telecom CERT'])
        self.assertIn('no part in this case', refused[0]['reason'])
        body = {'subject': 'Please take the page down', 'text': 'It is at hxxp://login.bank.example.', 'tlp': tlp,
                'request_hours': 4}
        status, problem = handler.post(incident + '/messages', {**body, 'recipients': to + [telecom['id']]})
        self.assertEqual((status, problem['code']), (403, 'gate_refused'), problem)

        self.ok(handler.post(incident + '/messages', {**body, 'recipients': to}))
        mails = wait_until(lambda: (m := [x for x in self.ok(handler.get('/api/demo/mail'))['items']
                                          if 'take the page down' in x['subject']]) and len(m) == 2 and m)
        self.assertEqual(len(mails), 2)
        self.assertEqual({m['to'] for m in mails}, {'security@bank.example', 'security@hosting-hall.example'})
        self.assertTrue(all(f'[TLP:{tlp}]' in m['subject'] for m in mails))
        bank = next(m for m in mails if m['to'] == 'security@bank.example')
        whole = self.ok(handler.get('/api/demo/mail/' + bank['id']))
        self.assertTrue(whole['text'].strip().startswith(f'TLP:{tlp}') or f'TLP:{tlp}' in whole['text'])

        self.ok(handler.post(f"/api/demo/mail/{bank['id']}/reply", {'text': 'The page is gone. Demo Bank security.'}))
        entries = self.ok(handler.get(incident + '/timeline'))['items']
        answer = next(e for e in entries if e['shape'] == 'message' and e['message']['direction'] == 'in')
        self.assertIn('The page is gone', answer['text'])
        hit = wait_until(lambda: self.ok(handler.get('/api/search?q=page+gone&kind=message'))['items'])
        self.assertEqual([(h['kind'], h['id']) for h in hit], [('message', incident.rsplit('/', 1)[1])])
        self.assertIn('The page is gone', hit[0]['excerpt'])
        requests = self.ok(handler.get(incident))['requests']
        self.assertEqual(sorted(r['state'] for r in requests), ['answered', 'open'])

    def other_team(self, opened, number):
        telecom = Person(self.port, 'tania')
        for q in ('203.0.113.7', number, opened['number']):
            found = self.ok(telecom.get('/api/search?q=' + q))
            self.assertEqual((found['items'], found['count']), ([], 0), q)
        self.assertEqual(telecom.get('/api/incidents/' + opened['id'])[0], 404)
        self.assertEqual(self.ok(telecom.get('/api/home'))['new_reports']['count'], 0)

    def closing(self, handler, incident, number, code, report):
        ends = self.ok(handler.get(incident + '/closing'))
        self.assertIn(number, [u['report']['number'] for u in ends['unanswered']])
        close = {'resolution': 'resolved', 'reason': 'The page is down.', 'acknowledged': []}
        status, problem = handler.post(incident + '/close', close)
        self.assertEqual(status, 409, problem)

        self.ok(handler.post(f'/api/reports/{report}/answer', {'text': 'Thank you: the page is down.'}))
        status, page = Person(self.port).form('/report/status', {'code': code})
        self.assertEqual(status, 200)
        self.assertIn('Thank you: the page is down.', page)
        self.assertEqual(len(re.findall(r'\d{4}-\d\d-\d\d \d\d:\d\d UTC', page)), 2, page)
        self.assertNotRegex(page, r'\d\.\d{6}Z')
        ends = self.ok(handler.get(incident + '/closing'))
        self.assertNotIn(number, [u['report']['number'] for u in ends['unanswered']])
        close['acknowledged'] = [e['id'] for e in ends['clocks'] + ends['requests']] + \
            [u['report']['id'] for u in ends['unanswered']]
        self.assertEqual(self.ok(handler.post(incident + '/close', close))['state'], 'closed')

    def test_verify_and_altered_copy(self):
        handler = Person(self.port, 'amina')
        whole = self.ok(handler.post('/api/journal/verify', {}))
        self.assertTrue(whole['ok'], whole)
        self.assertIsNone(whole['entries'], 'how many entries there are is for auditors')
        auditor = Person(self.port, 'auditor')
        self.assertGreater(self.ok(auditor.get('/api/journal'))['entries'], 100)
        self.assertTrue(self.ok(auditor.get('/api/journal/entries'))['items'])
        self.assertEqual(auditor.get('/api/incidents')[0], 403)
        self.assertEqual(handler.get('/api/journal/entries')[0], 403)
        altered = self.ok(handler.post('/api/demo/journal/alter', {}))
        self.assertFalse(altered['ok'])
        self.assertIsNotNone(altered['broken']['seq'])

    def test_anonymous_leaves_no_trace_and_wrong_code_finds_nothing(self):
        status, page = Person(self.port).form('/report/status', {'code': '0000-0000-0000-0000'})
        self.assertEqual(status, 404)
        status, page = Person(self.port).form('/report', {'text': '   '})
        self.assertEqual(status, 400)
        self.assertIn('Nothing was sent yet', page)

    def test_the_same_key_twice_is_one_report(self):
        handler = Person(self.port, 'amina')
        body = {'text': 'caller reports a strange parcel SMS', 'door': 'phone'}
        first = self.ok(handler.post('/api/reports', body, key='11111111-2222-7333-8444-555555555555'))
        again = self.ok(handler.post('/api/reports', body, key='11111111-2222-7333-8444-555555555555'))
        self.assertEqual(first, again)
        status, _ = handler.post('/api/reports', {'text': 'another'}, key='11111111-2222-7333-8444-555555555555')
        self.assertEqual(status, 409)


if __name__ == '__main__':
    unittest.main()
