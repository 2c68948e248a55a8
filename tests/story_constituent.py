"""A constituent signs in: reads what may not go by mail, answers, submits; and sees nothing of anybody else's."""
import datetime
import json
import sys
import unittest

sys.path.insert(0, __file__.rsplit('/', 1)[0])
from node import DemonstrationStory, Person, wait_until  # noqa: E402

SECRET = 'The source sits in the Lakeview branch of the bank'
SUBJECT = 'About the source itself'
TEAM_ROUTES = ['/api/home', '/api/reports', '/api/incidents', '/api/clocks', '/api/search?q=bank', '/api/outbox',
               '/api/people', '/api/teams', '/api/organisations', '/api/owner?q=203.0.113.7', '/api/journal',
               '/api/journal/entries', '/api/accounts', '/api/sign-ins', '/api/demo/mail', '/api/stream',
               '/api/regime', '/api/tokens', '/api/oversight']


class Constituent(DemonstrationStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.handler, cls.bank, cls.keeper, cls.telecom = (
            Person(cls.port, login) for login in ('amina', 'sana', 'keeper', 'tania'))

    def ok(self, answer):
        self.assertIn(answer[0], (200, 201, 204), answer)
        return answer[1]

    def organisation(self, name):
        found = self.ok(self.keeper.get('/api/organisations?q=' + name.replace(' ', '%20')))['items']
        return next(o for o in found if o['name'] == name)['id']

    def bank_incident(self, handler):
        items = self.ok(handler.get('/api/incidents'))['items']
        return next(i for i in items if 'Card data of Demo Bank' in i['title'])

    def send_red(self, handler, incident):
        page = self.ok(handler.get('/api/incidents/' + incident))
        bank = next(p['id'] for p in page['parties'] if p['name'] == 'Demo Bank')
        body = {'recipients': [bank], 'subject': SUBJECT, 'text': SECRET, 'tlp': 'RED', 'request_hours': 4}
        preview = self.ok(handler.post(f'/api/incidents/{incident}/messages/preview',
                                       {'recipients': [bank], 'tlp': 'RED'}))
        self.assertEqual(preview['recipients'][0]['how'], 'notice')
        self.ok(handler.post(f'/api/incidents/{incident}/messages', body))
        return bank

    def test_a_red_message_is_read_answered_and_the_duty_met(self):
        handler, bank = self.handler, self.bank
        incident = self.bank_incident(handler)
        self.send_red(handler, incident['id'])
        before = len(self.ok(handler.get('/api/demo/mail'))['items'])
        self.assertGreater(before, 0)
        mails = wait_until(lambda: [m for m in self.ok(handler.get('/api/demo/mail'))['items']
                                    if 'message waits' in m['subject']])
        self.assertTrue(mails)
        for mail in self.ok(handler.get('/api/demo/mail'))['items']:
            whole = json.dumps(self.ok(handler.get('/api/demo/mail/' + mail['id'])))
            for words in (SECRET, SUBJECT, 'Name of the seller', 'Speak to nobody'):
                self.assertNotIn(words, whole)

        home = self.ok(bank.get('/api/own'))
        self.assertEqual(home['organisation']['name'], 'Demo Bank')
        self.assertGreaterEqual(home['unread'], 3)
        self.assertTrue(home['requests'])
        self.assertTrue(home['duties'])
        item = self.ok(bank.get('/api/own/messages'))['items'][0]
        self.assertEqual((item['tlp'], item['unread'], item['subject']), ('RED', True, None))
        closed = self.ok(bank.get('/api/own/messages/' + item['id']))
        self.assertIsNone(closed['text'])
        self.assertNotIn(SECRET, json.dumps(closed), 'nothing is read before an entry says so')
        read = self.ok(bank.post(f"/api/own/messages/{item['id']}/read", {}))
        self.assertEqual((read['text'], read['subject'], read['unread']), (SECRET, SUBJECT, False))
        self.assertEqual(read['number'], incident['number'])
        self.ok(bank.post(f"/api/own/messages/{item['id']}/acknowledge", {}))
        page = self.ok(handler.get('/api/incidents/' + incident['id']))
        delivery = next(d for d in page['deliveries'] if d['id'] == item['id'])
        self.assertEqual(delivery['state'], 'read')
        self.assertTrue(delivery['acknowledged_at'])

        self.ok(bank.post(f"/api/own/messages/{item['id']}/answer", {'text': 'We have locked the account.'}))
        lines = self.ok(handler.get(f"/api/incidents/{incident['id']}/timeline"))['items']
        answer = next(e for e in lines if e['kind'] == 'message.received')
        self.assertIn('We have locked the account', answer['text'])
        self.assertTrue(answer['message']['verified'])
        self.assertEqual(answer['marking']['tlp'], 'RED', 'an answer may repeat what it answers')
        self.assertEqual(answer['message']['party']['name'], 'Sana Malik, Demo Bank')
        self.assertTrue(all(r['state'] == 'answered' for r in self.ok(bank.get('/api/own/requests'))['items']))
        thread = self.ok(bank.get('/api/own/messages/' + item['id']))['thread']
        self.assertTrue(any(m['direction'] == 'from_you' and m['by'] == 'Sana Malik' for m in thread))
        self.submit(handler, bank, incident['id'])

    def submit(self, handler, bank, incident):
        duty = next(d for d in self.ok(bank.get('/api/own/duties'))['items'] if d['open'] and d['due_at'])
        form = {'what': 'Terminals of two branches were altered.', 'effects': '1 200 cards, no service lost.',
                'contact': '+00 000 0000', 'measures': 'Terminals taken away.',
                'detected_at': datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')}
        path = f"/api/own/duties/{duty['id']}/submit"
        status, problem = bank.post(path, {**form, 'effects': ' '})
        self.assertEqual(status, 400, problem)
        self.assertIn('effects', problem['detail'])
        status, problem = bank.post(path, {**form, 'detected_at': '2099-01-01T00:00:00Z'})
        self.assertEqual(status, 400, problem)
        after = self.ok(bank.post(path, form))
        self.assertEqual((after['state'], after['open']), ('met', False))
        clock = next(c for c in self.ok(handler.get('/api/incidents/' + incident))['clocks'] if c['id'] == duty['id'])
        self.assertEqual(clock['state'], 'met')
        line = next(e for e in self.ok(handler.get(f'/api/incidents/{incident}/timeline'))['items']
                    if e['kind'] == 'submission.recorded')
        self.assertIn('Terminals of two branches', line['text'])
        self.assertIn('Submitted by: Demo Bank', line['text'])
        mine = self.ok(bank.get('/api/own/submissions'))['items'][0]
        self.assertEqual((mine['what'], mine['by_officer']), (form['what'], False))

    def test_the_handler_is_told_when_nobody_could_read_it(self):
        incident = self.bank_incident(self.handler)['id']
        page = self.ok(self.handler.get('/api/incidents/' + incident))
        bank = next(p['id'] for p in page['parties'] if p['name'] == 'Demo Bank')
        other = self.organisation('Paywave Wallets')
        self.ok(self.handler.post(f'/api/incidents/{incident}/parties', {'party': other, 'roles': ['helper']}))
        ask = {'recipients': [bank, other], 'tlp': 'RED'}
        preview = self.ok(self.handler.post(f'/api/incidents/{incident}/messages/preview', ask))['recipients']
        self.assertIsNone(preview[0]['reason'])
        self.assertIn('nobody there can sign in', preview[1]['reason'])

    def test_lists_go_on_where_a_page_ends(self):
        bank = self.bank
        for what in ('requests', 'duties', 'submissions', 'messages'):
            whole, paged, cursor = self.ok(bank.get(f'/api/own/{what}?limit=100')), [], ''
            self.assertEqual((whole['next'], len(whole['items']) > 0), (None, True), what)
            while cursor is not None:
                page = self.ok(bank.get(f'/api/own/{what}?limit=1{cursor and "&cursor=" + cursor}'))
                self.assertEqual(len(page['items']), 1)
                paged += page['items']
                cursor = page['next']
            self.assertEqual(paged, whole['items'], what)
            self.assertEqual(bank.get(f'/api/own/{what}?cursor=nonsense')[0], 400)

    def test_another_organisation_sees_nothing(self):
        handler, keeper, bank = self.handler, self.keeper, self.bank
        incident = self.bank_incident(handler)
        other_id = self.organisation('Harbour Commercial Bank')
        self.ok(keeper.post(f'/api/organisations/{other_id}/accounts', {'login': 'harbour', 'name': 'Nida Shah'}))
        self.assertEqual([a['login'] for a in self.ok(keeper.get(f'/api/organisations/{other_id}/accounts'))['items']],
                         ['harbour'])
        self.assertEqual(handler.post(f'/api/organisations/{other_id}/accounts', {'login': 'x1', 'name': 'X'})[0], 403)
        other = Person(self.port, 'harbour')
        message = self.ok(bank.get('/api/own/messages'))['items'][0]['id']
        duty = self.ok(bank.get('/api/own/duties'))['items'][0]['id']
        seen = ''
        for path in ('', '/messages', '/requests', '/duties', '/submissions', '/reports'):
            seen += json.dumps(self.ok(other.get('/api/own' + path)))
        for words in (incident['id'], incident['number'], message, duty, 'Demo Bank', 'Card data'):
            self.assertNotIn(words, seen)
        nobody = '01900000-0000-7000-8000-000000000000'
        for path, real in (('messages', message), ('duties', duty), ('reports', message)):
            refused, missing = other.get(f'/api/own/{path}/{real}'), other.get(f'/api/own/{path}/{nobody}')
            self.assertEqual((refused[0], refused[1]['detail']), (404, missing[1]['detail']))
        form = {'what': 'x', 'effects': 'x', 'contact': 'x', 'detected_at': '2026-01-01T00:00:00Z'}
        for path, body in ((f'messages/{message}/read', {}), (f'messages/{message}/acknowledge', {}),
                           (f'messages/{message}/answer', {'text': 'let me in'}), (f'duties/{duty}/submit', form)):
            self.assertEqual(other.post('/api/own/' + path, body)[0], 404, path)

    def test_no_team_route_is_open(self):
        handler, bank = self.handler, self.bank
        incident = self.bank_incident(handler)['id']
        for path in TEAM_ROUTES + [f'/api/incidents/{incident}', f'/api/incidents/{incident}/timeline']:
            self.assertIn(bank.get(path)[0], (403, 404), path)
        for path, body in (('/api/reports', {'text': 'x'}), (f'/api/incidents/{incident}/comments', {'text': 'x'}),
                           ('/api/journal/verify', {}), ('/api/tokens', {'name': 'x', 'scopes': ['report.write']})):
            self.assertIn(bank.post(path, body)[0], (403, 404), path)
        self.assertEqual(handler.get('/api/own')[0], 403)

    def test_a_report_made_signed_in(self):
        handler, bank = self.handler, self.bank
        made = self.ok(bank.post('/api/own/reports', {'text': 'Odd mail to our customers: pay.example',
                                                      'contact': 'security@bank.example'}))
        report = self.ok(handler.get('/api/reports/' + made['id']))
        self.assertEqual((report['reporter']['kind'], report['reporter']['verified']), ('constituent', True))
        self.assertEqual(report['reporter']['organisation']['name'], 'Demo Bank')
        self.ok(handler.post(f"/api/reports/{made['id']}/answer", {'text': 'Thank you, we are on it.'}))
        mine = self.ok(bank.get('/api/own/reports/' + made['id']))
        self.assertEqual(len(mine['thread']), 1)
        self.ok(bank.post(f"/api/own/messages/{mine['thread'][0]['id']}/read", {}))
        mine = self.ok(bank.post(f"/api/own/reports/{made['id']}/add", {'text': 'Two more customers wrote.'}))
        self.assertEqual([m['text'] for m in mine['thread']],
                         ['Thank you, we are on it.', 'Two more customers wrote.'])
        answers = self.ok(handler.get('/api/reports/' + made['id']))['answers']
        self.assertIn('Two more customers wrote.', [a['text'] for a in answers])
        self.assertEqual(self.telecom.get('/api/reports/' + made['id'])[0], 404)


if __name__ == '__main__':
    unittest.main()
