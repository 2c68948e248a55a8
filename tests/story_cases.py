"""Cases are split, merged and taken back; questions of the regime, corrected times, submissions, teams let in."""
import datetime
import json
import os
import subprocess
import sys
import time
import unittest

sys.path.insert(0, __file__.rsplit('/', 1)[0])
from node import NAUBAT, DemonstrationStory, Person, wait_until  # noqa: E402

# What a page says besides what happened: times of change and the tag that goes with them.
MOVING = {'updated_at', 'etag'}


def utc(minutes_ago):
    t = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes_ago)
    return t.strftime('%Y-%m-%dT%H:%M:%SZ')


class Cases(DemonstrationStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.handler = Person(cls.node.port, 'amina')
        cls.keeper = Person(cls.node.port, 'keeper')            # so many may sign in within a minute, and no more

    def undo(self, answer):
        return self.post(answer['undo']['path'], answer['undo']['body'])

    def report(self, text):
        made = self.post('/api/reports', {'text': text, 'title': text[:40], 'reporter_name': 'Caller',
                                          'reporter_contact': 'caller@home.example', 'anonymous': False,
                                          'door': 'phone'})
        return made['id']

    def incident(self, *texts):
        reports = [self.report(t) for t in texts]
        return self.post('/api/incidents', {'reports': reports, 'title': 'A case of the story'}), reports

    def page(self, id):
        page = self.get('/api/incidents/' + id)
        still = {k: v for k, v in page.items() if k not in MOVING}
        still['reports'] = [{k: v for k, v in r.items() if k not in MOVING} for r in still['reports']]
        return still

    def party(self, id, name):
        return next(p for p in self.get('/api/incidents/' + id)['parties'] if p['name'] == name)

    def lines(self, id, who=None):
        return [e['title'] for e in self.get(f'/api/incidents/{id}/timeline', who)['items']]

    def test_split_and_back(self):
        made, reports = self.incident('phishing at 203.0.113.9', 'scan of 203.0.113.10', 'malware at 192.0.2.10')
        before = self.page(made['id'])
        self.assertEqual({p['name'] for p in before['parties']}, {'Caller', 'Demo Bank', 'Northstar Telecom'})
        split = self.post(f"/api/incidents/{made['id']}/split", {'reports': [reports[2]], 'title': 'The other one'})
        left, new = self.page(made['id']), self.page(split['id'])
        self.assertEqual([r['id'] for r in new['reports']], [reports[2]])
        self.assertEqual({p['name'] for p in new['parties']}, {'Caller', 'Northstar Telecom'})
        self.assertEqual({p['name'] for p in left['parties']}, {'Caller', 'Demo Bank'})
        self.assertTrue(new['clocks'] and all(c['party']['name'] == 'Northstar Telecom' for c in new['clocks']))
        self.assertNotIn('Northstar Telecom', [c['party']['name'] for c in left['clocks']])
        self.assertEqual(new['split_from']['number'], made['number'])
        self.assertEqual([c['number'] for c in left['split_off']], [split['number']])
        for id in (made['id'], split['id']):
            self.assertIn(f"Split: {split['number']} from {made['number']}", self.lines(id))
        self.undo(split)
        self.assertEqual(self.page(made['id']), dict(before, split_off=self.page(made['id'])['split_off']))
        gone = self.page(split['id'])
        self.assertEqual((gone['state'], gone['resolution'], gone['reports']), ('closed', 'withdrawn', []))
        self.assertFalse(any(t['allowed'] for t in gone['transitions']))
        self.assertEqual(self.handler.post(f"/api/incidents/{split['id']}/reopen", {'reason': 'x'})[0], 409)

    def test_open_is_taken_back(self):
        id = self.report('phishing at 203.0.113.11')
        self.post(f'/api/reports/{id}/take', {})
        before = self.get('/api/reports/' + id)
        made = self.post('/api/incidents', {'reports': [id], 'title': ''})
        self.assertEqual(self.get('/api/reports/' + id)['state'], 'attached')
        self.undo(made)
        after = self.get('/api/reports/' + id)
        self.assertEqual((after['state'], after['owner'], after['incident']), ('new', before['owner'], None))

    def test_a_report_carries_its_proof(self):
        made = self.post('/api/reports', {'text': 'scan', 'door': 'phone'})
        entry = self.get('/api/reports/' + made['id'])['entry']
        self.assertEqual(entry, {'id': made['id'], 'leaf_hash': made['receipt']['leaf_hash']})
        path = f"/api/journal/entries/{made['id']}/proof"
        proof = self.get(path, Person(self.node.port, 'auditor'))
        self.assertTrue(proof['holds'] and proof['leaf_hash'] == entry['leaf_hash'])
        # An entry's place and the tree's size would tell a team how much happens elsewhere.
        self.assertNotIn('checkpoint', made['receipt'])
        self.assertEqual(Person(self.node.port, 'tania').get(path)[0], 403)

    def test_what_was_used_is_not_taken_back(self):
        made, _ = self.incident('phishing at 203.0.113.12')
        bank = self.party(made['id'], 'Demo Bank')
        self.post(f"/api/incidents/{made['id']}/messages", {
            'recipients': [bank['id']], 'subject': 'Please look', 'text': 'Look.', 'tlp': 'AMBER',
            'request_hours': 4})
        self.assertEqual(self.post(made['undo']['path'], {}, 409)['status'], 409)

    def test_a_merged_case_is_whole_where_it_went(self):
        one, reports = self.incident('phishing at 203.0.113.13')
        two, _ = self.incident('scan of 192.0.2.11')
        bank = self.party(one['id'], 'Demo Bank')
        before = self.page(one['id']), self.page(two['id'])
        merged = self.post(f"/api/incidents/{one['id']}/merge", {'into': two['id']})
        self.post(f"/api/incidents/{two['id']}/parties/{bank['id']}/facts",
                  {'fact': 'aware', 'at': utc(30), 'said_by': 'party', 'value': ''})
        whole = self.page(two['id'])
        self.assertIn(reports[0], [r['id'] for r in whole['reports']])
        self.assertIn('aware', [f['fact'] for p in whole['parties'] if p['id'] == bank['id'] for f in p['facts']])
        ends = self.get(f"/api/incidents/{two['id']}/closing")
        self.assertIn('Demo Bank', [c['party']['name'] for c in ends['clocks']])
        self.assertIn(reports[0], [r['report']['id'] for r in ends['unanswered']])
        self.assertEqual(self.handler.post(f"/api/incidents/{one['id']}/release", {})[0], 409)
        detached = self.post(f"/api/incidents/{two['id']}/detach", {'reports': reports})
        self.undo(detached)
        self.undo(merged)
        self.assertEqual(self.page(two['id']), before[1])
        after = self.page(one['id'])
        self.assertEqual(after['reports'], before[0]['reports'])
        self.assertEqual([c['id'] for c in after['clocks']], [c['id'] for c in before[0]['clocks']])

    def test_a_corrected_time_keeps_the_old_due_time(self):
        made, _ = self.incident('phishing at 203.0.113.14')
        bank = self.party(made['id'], 'Demo Bank')
        facts = f"/api/incidents/{made['id']}/parties/{bank['id']}/facts"
        first = self.post(facts, {'fact': 'aware', 'at': utc(120), 'said_by': 'party', 'value': ''})
        was = next(c for c in first['clocks'] if c['anchor']['fact'] == 'aware')
        self.assertEqual(was['history'], [])
        self.assertEqual(was['anchor']['said_by'], 'party')
        second = self.post(facts, {'fact': 'aware', 'at': utc(60), 'said_by': 'officer', 'value': ''})
        now = next(c for c in second['clocks'] if c['id'] == was['id'])
        self.assertGreater(now['due_at'], was['due_at'])
        self.assertEqual([h['due_at'] for h in now['history']], [was['due_at']])
        self.assertEqual(now['history'][0]['why'], 'aware corrected, by Amina Yusuf')

    def test_a_request_is_answered_by_telephone_or_withdrawn(self):
        made, _ = self.incident('phishing at 203.0.113.24')
        path = '/api/incidents/' + made['id']
        bank = self.party(made['id'], 'Demo Bank')['id']
        for subject in ('First', 'Second'):
            self.post(path + '/messages', {'recipients': [bank], 'subject': subject, 'text': 'Please.', 'tlp': 'AMBER',
                                           'request_hours': 4})

        def states():
            return {r['subject']: (r['state'], r['answered_at'] is not None) for r in self.get(path)['requests']}
        first, second = (next(r['id'] for r in self.get(path)['requests'] if r['subject'] == s)
                         for s in ('First', 'Second'))
        self.post(f'/api/requests/{first}/answered', {'reason': ' '}, status=400)
        self.post(f'/api/requests/{first}/answered', {'reason': 'Sana Malik called: it is down.'}, status=204)
        self.post(f'/api/requests/{second}/withdraw', {'reason': 'No longer needed.'}, status=204)
        self.assertEqual(states(), {'First': ('answered', True), 'Second': ('withdrawn', False)})
        self.post(f'/api/requests/{second}/answered', {'reason': 'late'}, status=409)
        self.assertEqual(self.get(path + '/closing')['requests'], [])
        self.assertEqual(self.handler.post(f'/api/requests/{made["id"]}/answered', {'reason': 'x'})[0], 404)
        said = {f'Request: Demo Bank, {state}' for state in ('opened', 'met', 'cancelled')}
        self.assertTrue(said <= set(self.lines(made['id'])), self.lines(made['id']))

    def test_a_report_makes_nobody_aware(self):
        made, _ = self.incident('phishing at 203.0.113.22')
        path = '/api/incidents/' + made['id']
        bank = self.party(made['id'], 'Demo Bank')['id']
        aware = {'fact': 'aware', 'at': utc(5), 'value': ''}
        refused = self.post(f'{path}/parties/{bank}/facts', dict(aware, said_by='report'), status=400)
        self.assertIn('does not make the party aware', refused['detail'])
        self.post(f'{path}/parties/{bank}/facts', dict(aware, fact='told', said_by='report'))
        self.assertEqual({c['state'] for c in self.get(path)['clocks']}, {'waiting'})
        self.post(f'{path}/parties/{bank}/facts', dict(aware, said_by='party'))
        self.assertIn('running', {c['state'] for c in self.get(path)['clocks']})

    def test_an_answer_starts_and_stops_duties(self):
        made, _ = self.incident('customers data of 203.0.113.15 for sale')
        path = f"/api/incidents/{made['id']}"
        asked = self.get(path)['flags']
        self.assertEqual([f['value'] for f in asked if f['flag'] == 'breach'], ['unknown'])
        before = len(self.get(path)['clocks'])
        yes = self.post(path + '/flags', {'flag': 'breach', 'value': 'yes', 'said_by': 'party'})
        flag = next(f for f in yes['flags'] if f['flag'] == 'breach')
        self.assertEqual((flag['value'], flag['said_by'], flag['recorded_by']['name']),
                         ('yes', 'party', 'Amina Yusuf'))
        inform = next(c for c in yes['clocks'] if c['title'] == 'Inform the customers')
        self.assertEqual(inform['state'], 'waiting')
        self.assertGreater(len(yes['clocks']), before)
        no = self.post(path + '/flags', {'flag': 'breach', 'value': 'no', 'said_by': 'officer'})
        stopped = next(c for c in no['clocks'] if c['id'] == inform['id'])
        self.assertEqual((stopped['state'], stopped['reason']), ('not_applicable', 'breach: no'))
        said = [e['title'] for e in self.get(path + '/timeline')['items']]
        self.assertIn('Clock recomputed: now not applicable', said)
        again = self.post(path + '/flags', {'flag': 'breach', 'value': 'yes', 'said_by': 'officer'})
        self.assertEqual(next(c for c in again['clocks'] if c['id'] == inform['id'])['state'], 'waiting')
        self.post(path + '/flags', {'flag': 'nonsense', 'value': 'yes'}, 400)

    def test_by_due_time_the_others_follow(self):
        items, cursor = [], ''
        while cursor is not None:
            page = self.get('/api/incidents?state=active&sort=due&limit=7' + (f'&cursor={cursor}' if cursor else ''))
            items += page['items']
            cursor = page['next']
        self.assertEqual(len(items), page['count'])
        self.assertEqual(len({i['id'] for i in items}), len(items))
        self.assertEqual(len(items), self.get('/api/incidents?state=active&sort=updated')['count'])
        opened = [i['opened_at'] for i in items if i['next_clock'] is None]
        self.assertEqual(opened, sorted(opened, reverse=True))

    def test_pages_of_clocks(self):
        made, _ = self.incident('phishing at 203.0.113.21')
        waiting = self.get('/api/incidents/' + made['id'])['clocks'][0]
        self.assertEqual(waiting['state'], 'waiting')

        def walk(state, limit):
            path, got, cursor = f'/api/clocks?state={state}&limit={limit}', [], ''
            while cursor is not None:
                page = self.get(path + (f'&cursor={cursor}' if cursor else ''))
                got += page['items']
                cursor = page['next']
            self.assertEqual((page['count'], page['count_exact']), (len(got), True), state)
            dues = [c['due_at'] or '~' for c in got]
            self.assertEqual(dues, sorted(dues), state)
            return [c['id'] for c in got]
        every = walk('all', 100)
        self.assertEqual(every, walk('all', 7))
        self.assertEqual(len(set(every)), len(every))
        parts = [walk(s, 9) for s in ('running', 'waiting', 'late', 'met', 'waived')]
        self.assertIn(waiting['id'], parts[1])
        self.assertEqual(len({i for p in parts for i in p}), sum(len(p) for p in parts), 'no clock stands in two')
        self.assertGreater(len(parts[3]), 100)
        self.assertLessEqual({i for p in parts for i in p}, set(every))
        self.assertEqual(self.handler.get('/api/clocks?state=bogus')[0], 400)
        self.assertEqual(self.handler.get('/api/clocks?cursor=bogus')[0], 400)

    def test_what_is_late_leads(self):
        made, _ = self.incident('phishing at 203.0.113.18')
        bank = self.party(made['id'], 'Demo Bank')
        self.post(f"/api/incidents/{made['id']}/parties/{bank['id']}/facts",
                  {'fact': 'aware', 'at': utc(60 * 24 * 300), 'said_by': 'party', 'value': ''})
        time.sleep(7)   # the ticker has turned: the clock is late in the store, a target that passed on the screen
        first = self.get('/api/incidents?state=active&sort=due&limit=1')['items'][0]
        self.assertEqual((first['number'], first['next_clock']['step']), (made['number'], 'flash'))

    def test_floors_know_who_is_hit(self):
        made, _ = self.incident('outage at 192.0.2.11')         # Northstar Telecom, critical, grade A
        path = '/api/incidents/' + made['id']
        calm = {'functional_impact': 'none', 'observed_activity': 'prepare', 'location': 'business_dmz',
                'actor': 'hacktivist', 'information_impact': 'none',
                'recoverability': 'regular', 'potential_impact': 'minimal'}
        hit = dict(calm, functional_impact='significant_critical')

        def tried(factors, **more):
            s = self.post(path + '/severity/preview', {'factors': factors, **more})
            return s['band'], s['floor'] and s['floor']['band']
        fresh = self.get(path)['severity']
        self.assertEqual((fresh['band'], fresh['score'], fresh['low'], fresh['high'], fresh['provisional']),
                         ('', 5024, 0, 10000, True), 'nothing is known: a range, and never zero')
        self.assertEqual(tried(calm), ('baseline', None))
        self.assertEqual(tried(hit), ('high', 'high'))
        self.assertEqual(tried(calm, life_safety=True), ('severe', 'severe'))
        self.post(path + '/severity', {'factors': hit, 'override_band': '', 'reason': ''})
        kept = self.get(path)['severity']
        self.assertEqual((kept['band'], kept['floor']['band'], kept['life_safety']), ('high', 'high', False))
        self.post(path + '/severity', {'factors': calm, 'override_band': '', 'reason': '', 'life_safety': True})
        kept = self.get(path)['severity']
        self.assertEqual((kept['band'], kept['life_safety']), ('severe', True))

        bank = self.get('/api/organisations?q=Demo%20Bank')['items'][0]['id']
        self.post(path + '/parties', {'party': bank, 'name': '', 'address': '', 'roles': ['affected']})
        self.assertEqual(tried(hit), ('severe', 'severe'))      # two sectors: one band more
        telecom = self.party(made['id'], 'Northstar Telecom')['id']
        self.post(f'{path}/parties/{telecom}/facts',
                  {'fact': 'affected', 'at': utc(1), 'said_by': 'party', 'value': 'no'})
        self.assertEqual(tried(hit)[1], None)

    def test_submissions_in_order(self):
        made, _ = self.incident('phishing at 203.0.113.16')
        path, bank = f"/api/incidents/{made['id']}", self.party(made['id'], 'Demo Bank')
        self.post(f"{path}/parties/{bank['id']}/facts",
                  {'fact': 'aware', 'at': utc(8 * 60), 'said_by': 'party', 'value': ''})
        steps = {c['step']: c for c in self.get(path)['clocks']}
        self.assertEqual(steps['final']['state'], 'waiting')
        for stage, minutes in (('flash', 10), ('report', 5)):
            page = self.post(path + '/submissions', {'party': bank['id'], 'stage': stage,
                                                     'received_at': utc(minutes), 'reference': 'letter 17'})
        steps = {c['step']: c for c in page['clocks']}
        # The flash report was due after six hours, which is an assumption: met, after its target.
        self.assertEqual([steps[s]['state'] for s in ('flash', 'report', 'final')], ['met', 'met', 'running'])
        self.assertEqual([(s['stage'], s['said_by'], s['reference'], s['party']['name'])
                          for s in page['submissions']],
                         [(stage, 'officer', 'letter 17', 'Demo Bank') for stage in ('flash', 'report')])
        self.post(path + '/submissions', {'party': bank['id'], 'stage': 'nothing', 'received_at': utc(1)}, 400)

    def test_a_team_is_let_in_as_a_party(self):
        made, _ = self.incident('phishing at 203.0.113.17')
        path, tania = f"/api/incidents/{made['id']}", Person(self.node.port, 'tania')
        ask = {'recipients': ['telecom'], 'tlp': 'AMBER', 'subject': 'Help'}
        refused = self.post(path + '/messages/preview', ask)
        self.assertFalse(refused['sendable'])
        self.assertIn('has no part in this case', refused['recipients'][0]['reason'])
        self.assertEqual(tania.get(path)[0], 404)
        page = self.post(path + '/parties', {'party': 'telecom', 'name': '', 'address': '', 'roles': ['helper']})
        team = next(p for p in page['parties'] if p['kind'] == 'team')
        self.assertEqual(team['team']['id'], 'telecom')
        self.assertEqual(self.get(path, tania)['number'], made['number'])
        allowed = self.post(path + '/messages/preview', ask)
        self.assertTrue(allowed['sendable'], allowed)
        self.assertEqual(allowed['recipients'][0]['address'], 'security@telecom-cert.example')
        named = next(o for o in self.get('/api/organisations?q=Telecom+CERT')['items'] if o['name'] == 'Telecom CERT')
        self.assertTrue(self.post(path + '/messages/preview', dict(ask, recipients=[named['id']]))['sendable'])
        sent = self.post(path + '/messages', dict(ask, text='Please help.', request_hours=4))
        self.assertEqual([d['party']['name'] for d in sent['deliveries']], ['Telecom CERT'])
        self.assertTrue(wait_until(lambda: self.get(path)['deliveries'][0]['state'] == 'sent'))
        self.assertEqual(self.get(path)['requests'][0]['subject'], 'Help')
        mail = next(m for m in self.get('/api/demo/mail')['items'] if m['to'] == 'security@telecom-cert.example')
        self.assertEqual(mail['incident']['number'], made['number'])
        banking = Person(self.node.port, 'babar')
        self.assertNotIn(mail['id'], [m['id'] for m in self.get('/api/demo/mail', banking)['items']])
        self.get(f"/api/demo/mail/{mail['id']}", banking, 404)
        self.post(f"/api/demo/mail/{mail['id']}/reply", {'text': 'Not ours.'}, 404, banking)
        self.assertIn(mail['id'], [m['id'] for m in self.get('/api/demo/mail', tania)['items']])
        seen = self.get('/api/demo/mail', tania)
        self.assertEqual(seen['count'], len(seen['items']))
        self.assertEqual({m['incident']['number'] for m in seen['items']}, {made['number']})
        self.get('/api/demo/mail', self.keeper, 403)
        for nobody in ('auditor', 'admin', 'council', 'sana'):
            self.get('/api/demo/mail', Person(self.node.port, nobody), 403)
        answer = self.post(f"/api/demo/mail/{mail['id']}/reply", {'text': 'We look into it.'})
        self.assertEqual(answer['incident']['number'], made['number'])
        self.assertEqual(self.get(path)['requests'][0]['state'], 'answered')
        council = self.post(path + '/messages/preview', dict(ask, recipients=['nsoc'], tlp='GREEN'))
        self.assertIn('no mail address', council['recipients'][0]['reason'])

    def cli(self, *words, text='', fails=False, token=None):
        """What the command line says, as somebody who has a token."""
        if not hasattr(type(self), 'token'):
            type(self).token = self.post('/api/tokens', {'name': 'scripts', 'scopes': [
                'case.read', 'case.write', 'report.write', 'directory.read']})['token']
        done = subprocess.run([NAUBAT, *words, '--json', '--node', f'http://127.0.0.1:{self.node.port}'],
                              input=text, capture_output=True, text=True, timeout=60,
                              env={**os.environ, 'NAUBAT_TOKEN': token or self.token})
        self.assertEqual(done.returncode != 0, fails, done.stderr)
        return done.stderr if fails else json.loads(done.stdout) if done.stdout.strip() else None

    def test_looking_from_the_command_line(self):
        report = self.cli('report', 'add', text='sonde 203.0.113.23')['number']
        made = self.cli('case', 'open', '--reports', report, '--title', 'Of the line')
        found = wait_until(lambda: self.cli('search', 'sonde', '--kind', 'report')['items'])
        self.assertEqual([f['number'] for f in found], [report])
        self.assertEqual(self.cli('search', '203.0.113.23', '--kind', 'organisation')['read_as'], 'address')
        self.assertTrue(self.cli('clock', 'list', '--state', 'waiting')['items'])
        self.assertEqual(len(self.cli('clock', 'list', '--state', 'met', '--limit', '3')['items']), 3)
        self.assertTrue(self.cli('outbox', 'list', '--limit', '1')['items'])
        self.assertEqual([o['name'] for o in self.cli('directory', 'list', '--q', 'Demo Bank')['items']], ['Demo Bank'])
        self.cli('case', 'severity', made['number'], '--factors', 'functional_impact=none,actor=criminal',
                 '--life-safety', 'yes')
        severity = self.get('/api/incidents/' + made['id'])['severity']
        self.assertEqual((severity['factors']['actor'], severity['band'], severity['life_safety']),
                         ('criminal', 'severe', True))
        self.assertIn('factor=option', self.cli('case', 'severity', made['number'], '--factors', 'actor', fails=True))
        self.assertIn('yes or no', self.cli('report', 'reject', report, '--tell', 'so', '--reason', 'x', fails=True))
        table = 'name,class,sector\nLine Bank,private,banking\n'
        words = ['directory', 'import', '--kind', 'organisations']
        self.assertIn('only a keeper of the directory', self.cli(*words, text=table, fails=True))
        token = self.post('/api/tokens', {'name': 'tables', 'scopes': ['directory.write']},
                          who=self.keeper)['token']
        self.assertEqual(self.cli(*words, '--dry-run', 'yes', text=table, token=token)['add'], 1)
        self.assertEqual(self.cli('directory', 'list', '--q', 'Line Bank', token=token)['items'], [])
        self.assertEqual(self.cli(*words, text=table, token=token)['add'], 1)
        self.assertEqual(len(self.cli('directory', 'list', '--q', 'Line Bank', token=token)['items']), 1)

    def test_all_of_it_from_the_command_line(self):
        numbers = [self.cli('report', 'add', text=t)['number'] for t in ('phishing 203.0.113.41', 'scan 203.0.113.42')]
        wait_until(lambda: self.get(f'/api/search?q={numbers[1]}&kind=report')['items'])
        number = self.cli('case', 'open', '--reports', ','.join(numbers), '--title', 'From a script')['number']
        wait_until(lambda: self.get(f'/api/search?q={number}&kind=incident')['items'])
        split = self.cli('case', 'split', number, '--reports', numbers[1], '--title', 'The scan')['number']
        wait_until(lambda: self.get(f'/api/search?q={split}&kind=incident')['items'])
        self.cli('case', 'withdraw', split)
        self.assertEqual(len(self.cli('case', 'show', number)['reports']), 2)
        self.cli('case', 'classify', number, '--class', 'fraud:phishing')
        self.cli('case', 'flag', number, '--flag', 'breach', '--value', 'yes', '--said-by', 'party')
        self.cli('case', 'fact', number, '--party', 'demo bank', '--fact', 'aware', '--at', 'now', '--said-by', 'party')
        self.cli('case', 'submit', number, '--party', 'Demo Bank', '--stage', 'flash', '--at', 'now',
                 '--reference', 'call')
        waive = ('case', 'waive', number, '--clock', 'Compensate the customers', '--reason', 'no loss')
        self.assertIn('only a shift lead waives a clock', self.cli(*waive, fails=True))
        self.cli('case', 'party', number, '--party', 'telecom', '--role', 'helper')
        self.cli('case', 'message', number, '--to', 'Demo Bank,telecom', '--subject', 'A question', '--tlp', 'AMBER',
                 '--hours', '4', text='What happened?')
        self.cli('case', 'comment', number, text='Written by a script.')
        page = self.cli('case', 'show', number)
        states = {c['step']: c['state'] for c in page['clocks']}
        self.assertEqual((states['flash'], states['compensate']), ('met', 'waiting'))
        self.assertEqual((page['class'], len(page['deliveries']), len(page['submissions'])), ('fraud:phishing', 2, 1))
        self.assertIn('open ends', self.cli('case', 'close', number, '--resolution', 'resolved', '--reason', 'done',
                                            fails=True))
        self.cli('case', 'close', number, '--resolution', 'resolved', '--reason', 'done', '--acknowledge', 'all')
        self.assertEqual(self.cli('case', 'show', number)['state'], 'closed')
        self.assertIn("no 'Nobody'", self.cli('case', 'fact', number, '--party', 'Nobody', '--fact', 'aware',
                                              fails=True))


if __name__ == '__main__':
    unittest.main()
