"""What the rules let a handler do, and say when they do not: cursors of another list, clocks that only the shift
lead waives, parties that were added by mistake, incidents nobody took, severity that follows what is known."""
import json
import os
import subprocess
import sys
import time
import unittest

sys.path.insert(0, __file__.rsplit('/', 1)[0])
from node import NAUBAT, DemonstrationStory, Person  # noqa: E402


# A bank's data, by the regime's model: medium, before any floor.
MEDIUM = {'functional_impact': 'significant_critical', 'observed_activity': 'presence', 'location': 'business_network',
          'actor': 'unknown', 'information_impact': 'critical_data', 'recoverability': 'supplemented',
          'cross_sector': 'banking', 'potential_impact': 'high'}


class Handling(DemonstrationStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.handler = Person(cls.node.port, 'amina')
        cls.lead = Person(cls.node.port, 'rashid')

    def cli(self, who, *words, text='', fails=False):
        """What the command line says, as somebody who has a token."""
        if not hasattr(who, 'token'):
            who.token = self.post('/api/tokens', {'name': 'scripts', 'scopes': ['case.read', 'case.write']},
                                  who=who)['token']
        done = subprocess.run([NAUBAT, *words, '--json', '--node', f'http://127.0.0.1:{self.node.port}'], input=text,
                              capture_output=True, text=True, timeout=60, env={**os.environ, 'NAUBAT_TOKEN': who.token})
        self.assertEqual(done.returncode != 0, fails, done.stderr)
        return done.stderr if fails else json.loads(done.stdout or 'null')

    def score(self, path):
        body = {'factors': MEDIUM, 'override_band': '', 'reason': ''}
        return self.post(path + '/severity', body)['severity']['band']

    def hit(self, title, name):
        """An incident that hits an organisation, scored."""
        made = self.post('/api/incidents', {'reports': [], 'title': title})
        path = '/api/incidents/' + made['id']
        self.post(path + '/parties', {'party': self.organisation(name), 'roles': ['affected']})
        self.assertEqual(self.score(path), 'medium')
        return made['id']

    def band(self, id):
        return self.get('/api/incidents/' + id)['severity']['band']

    def organisation(self, name):
        return self.get('/api/organisations?q=' + name)['items'][0]['id']

    def test_a_cursor_is_of_its_own_list(self):
        incidents = self.get('/api/incidents?sort=updated&limit=2')['next']
        self.get('/api/incidents?sort=updated&limit=2&cursor=' + incidents)
        self.get('/api/incidents?sort=updated&state=closed&cursor=' + incidents)    # a filter moves no place
        cases = [c['id'] for c in self.get('/api/incidents?limit=2')['items']]
        lines = self.get(f'/api/incidents/{cases[0]}/timeline')
        for path in ('/api/reports?state=all', '/api/incidents?sort=due', '/api/clocks?state=all', '/api/outbox?',
                     '/api/search?q=bank.example', f'/api/incidents/{cases[0]}/timeline?', '/api/organisations?'):
            refused = self.get(f'{path}&cursor={incidents}', status=400)
            self.assertIn('without it', refused['detail'], path)

    def test_only_the_shift_lead_waives(self):
        opened = self.post('/api/incidents', {'reports': [], 'title': 'A case with a clock'})
        path = '/api/incidents/' + opened['id']
        bank = self.get('/api/organisations?q=Indus')['items'][0]['id']
        self.post(path + '/parties', {'party': bank, 'roles': ['affected']})
        clock = self.post(path + '/flags', {'flag': 'breach', 'value': 'yes'})['clocks'][0]
        waive = f'/api/clocks/{clock["id"]}/waive'
        refused = self.post(waive, {'reason': 'nothing was lost'}, 403)
        self.assertIn('only a shift lead waives a clock', refused['detail'])
        self.post(path + '/parties', {'party': 'power', 'roles': ['helper']})
        self.assertEqual(self.post(waive, {'reason': 'nothing was lost'}, who=self.lead)['state'], 'waived')
        power = Person(self.node.port, 'power-desk')
        seen = next(c for c in self.get(path, who=power)['clocks'] if c['id'] == clock['id'])
        self.assertEqual((seen['state'], seen['reason']), ('waived', None), 'why is a comment of the coordinator')
        own = next(c for c in self.get(path)['clocks'] if c['id'] == clock['id'])
        self.assertEqual(own['reason'], 'nothing was lost')
        clock = next(c for c in self.get(path)['clocks'] if c['state'] == 'waiting')
        words = ('case', 'waive', opened['number'], '--clock', clock['title'], '--reason', 'nothing was lost')
        self.assertIn('only a shift lead waives a clock', self.cli(self.handler, *words, fails=True))
        self.cli(self.lead, *words)
        self.assertEqual(next(c for c in self.get(path)['clocks'] if c['id'] == clock['id'])['state'], 'waived')

    def test_who_may_not_is_told_who_may(self):
        for path, who in (('/api/accounts', 'administrator'), ('/api/own', 'organisation'),
                          ('/api/oversight', 'oversight'), ('/api/journal/entries', 'auditor')):
            status, answer = self.handler.get(path)
            self.assertEqual(status, 403, path)
            self.assertIn(who, answer['detail'])
            self.assertNotIn('_', answer['detail'])

    def test_the_timeline_names_whom_a_line_is_about(self):
        opened = self.post('/api/incidents', {'reports': [], 'title': 'Who is in it'})
        path = '/api/incidents/' + opened['id']
        bank = self.get('/api/organisations?q=Indus')['items'][0]['id']
        party = self.post(path + '/parties', {'party': bank, 'roles': ['affected']})['parties'][0]['id']
        self.post(f'{path}/parties/{party}/facts', {'fact': 'contained', 'value': 'no'})
        self.post(f'{path}/parties/{party}/facts', {'fact': 'aware', 'at': '2026-01-01T00:00:00Z'})
        said = [e['title'] for e in self.get(path + '/timeline')['items']]
        for line in ('Party added: Indus Savings Bank, affected', 'Fact: Indus Savings Bank, contained: no',
                     'Time stated: Indus Savings Bank, aware'):
            self.assertIn(line, said)

    def test_a_party_added_by_mistake_goes_again(self):
        opened = self.post('/api/incidents', {'reports': [], 'title': 'The wrong one'})
        path = '/api/incidents/' + opened['id']
        grid = self.get('/api/organisations?q=Coastal')['items'][0]['id']
        before = self.post(path + '/parties', {'party': grid, 'roles': ['affected']})
        party = before['parties'][0]['id']
        again = self.post(path + '/parties', {'party': grid, 'roles': ['affected']}, 409)
        self.assertIn('already', again['detail'])
        undo = self.post(f'{path}/parties/{party}/remove', {})['undo']
        gone = self.get(path)
        self.assertEqual(gone['parties'], [])
        self.assertEqual((len(before['clocks']) > 0, gone['clocks']), (True, []))
        self.post(f'{path}/parties/{party}/remove', {}, 404)
        lines = [e['title'] for e in self.get(path + '/timeline')['items']]
        self.assertIn('Party removed: Coastal Grid Company', lines)
        self.post(undo['path'], undo['body'])
        back = self.get(path)
        self.assertEqual(back['parties'], before['parties'])
        self.assertEqual([c['state'] for c in back['clocks']], [c['state'] for c in before['clocks']])
        self.post(f'{path}/parties/{party}/restore', {}, 409)
        self.cli(self.handler, 'case', 'unparty', opened['number'], '--party', 'Coastal Grid Company')
        self.cli(self.handler, 'case', 'party', opened['number'], '--party', grid, '--role', 'affected')
        self.assertEqual(self.get(path)['parties'], before['parties'], 'it is the same party')

        self.post(path + '/messages', {'recipients': [party], 'subject': 'Hello', 'text': 'Is this yours?',
                                       'tlp': 'AMBER', 'request_hours': 4})
        asked = self.post(f'{path}/parties/{party}/remove', {}, 409)
        self.assertIn('open request', asked['detail'])
        self.post(f'/api/requests/{self.get(path)["requests"][0]["id"]}/withdraw', {'reason': 'not theirs'}, 204)
        self.assertIn('not affected', self.post(f'{path}/parties/{party}/remove', {}, 409)['detail'])
        self.assertEqual(len(self.get(path)['parties']), 1)

    def test_a_team_goes_as_it_came(self):
        opened = self.post('/api/incidents', {'reports': [], 'title': 'Not for the power desk'})
        path = '/api/incidents/' + opened['id']
        page = self.post(path + '/parties', {'party': 'power', 'roles': ['helper']})
        power = Person(self.node.port, 'power-desk')
        self.get(path, who=power)
        removed = self.post(f'{path}/parties/{page["parties"][0]["id"]}/remove', {})
        self.get(path, who=power, status=404)
        self.post(removed['undo']['path'], removed['undo']['body'])
        self.get(path, who=power)

    def test_who_reported_leaves_with_the_report(self):
        report = self.post('/api/reports', {'text': 'phishing at 203.0.113.9', 'title': 'x', 'anonymous': False,
                                            'reporter_name': 'Caller', 'reporter_contact': '', 'door': 'phone'})['id']
        opened = self.post('/api/incidents', {'reports': [report], 'title': 'Of a report'})
        path = '/api/incidents/' + opened['id']
        parties = {p['roles'][0]: p['id'] for p in self.get(path)['parties']}
        self.assertIn('detach', self.post(f'{path}/parties/{parties["reporter"]}/remove', {}, 409)['detail'])
        self.post(f'{path}/parties/{parties["affected"]}/remove', {})           # the directory named the wrong one
        self.assertEqual([p['roles'] for p in self.get(path)['parties']], [['reporter']])

    def test_what_is_sent_is_defanged(self):
        opened = self.post('/api/incidents', {'reports': [], 'title': 'With a live link'})
        path = '/api/incidents/' + opened['id']
        page = self.post(path + '/parties', {'party': self.organisation('Coastal'), 'roles': ['affected']})
        words = {'recipients': [page['parties'][0]['id']], 'subject': 'See http://evil.example/x', 'tlp': 'AMBER',
                 'text': 'It is at http://evil.example/x on 203.0.113.77.', 'request_hours': 0}
        shown = self.post(path + '/messages/preview', {k: words[k] for k in ('recipients', 'subject', 'tlp')})
        self.assertIn('hxxp://evil[.]example/x', shown['subject'])
        self.post(path + '/messages', words)
        end, mails = time.monotonic() + 30, []
        while not mails and time.monotonic() < end:
            mails = [m for m in self.get('/api/demo/mail')['items'] if opened['number'] in m['subject']]
        self.assertIn('hxxp://evil[.]example/x', mails[0]['subject'])
        text = self.get('/api/demo/mail/' + mails[0]['id'])['text']
        self.assertIn('It is at hxxp://evil[.]example/x on 203[.]0[.]113[.]77.', text)

    def test_an_incident_that_nobody_took_is_new(self):
        opened = self.post('/api/incidents', {'reports': [], 'title': 'For the next shift', 'owner': 'none'})
        path = '/api/incidents/' + opened['id']
        page = self.get(path)
        self.assertEqual((page['state'], page['owner']), ('new', None))
        for query, there in (('state=new', True), ('state=active', True), ('state=new&owner=none', True),
                             ('state=open', False)):
            listed = [i['id'] for i in self.get(f'/api/incidents?{query}&sort=opened')['items']]
            self.assertEqual(opened['id'] in listed, there, query)
        self.assertIn('open', self.post(path + '/wait', {'on': 'x', 'until': '2030-01-01T00:00:00Z'}, 409)['detail'])
        self.assertEqual(self.post(path + '/release', {})['state'], 'new')
        taken = self.post(path + '/take', {})
        self.assertEqual((taken['state'], taken['owner']['name']), ('open', 'Amina Yusuf'))
        self.assertEqual(self.post(path + '/release', {})['state'], 'open')
        self.assertIn('State: open', [e['title'] for e in self.get(path + '/timeline')['items']])

        given = self.post('/api/incidents', {'reports': [], 'title': 'For Rashid', 'owner': 'none'})
        rashid = next(p['id'] for p in self.get('/api/people')['items'] if p['name'].startswith('Rashid'))
        self.assertEqual(self.post(f'/api/incidents/{given["id"]}/give', {'to': rashid})['state'], 'open')
        mine = self.post('/api/incidents', {'reports': [], 'title': 'Mine'})
        self.assertEqual(self.get(f'/api/incidents/{mine["id"]}')['state'], 'open')
        line = self.cli(self.handler, 'case', 'open', '--title', 'From a script', '--owner', 'none')
        listed = self.cli(self.handler, 'case', 'list', '--state', 'new')['items']
        self.assertIn(line['number'], [c['number'] for c in listed])
        undo = self.post('/api/incidents', {'reports': [], 'title': 'By mistake', 'owner': 'none'})['undo']
        self.assertEqual(self.post(undo['path'], undo['body'])['state'], 'closed')

    def test_the_demonstration_shows_every_state(self):
        states, clocks = set(), set()
        for i in self.get('/api/incidents?state=all&limit=100', who=self.lead)['items']:
            states.add(i['state'])
            clocks |= {c['state'] for c in self.get('/api/incidents/' + i['id'], who=self.lead)['clocks']}
        self.assertEqual(states, {'new', 'open', 'waiting', 'closed', 'reopened'})
        # Pakistan's rules set targets only, and a target is never late.
        self.assertEqual(clocks, {'waiting', 'running', 'met', 'waived', 'not_applicable'})

    def test_severity_follows_who_is_hit(self):
        opened = self.post('/api/incidents', {'reports': [], 'title': 'It grows'})
        path = '/api/incidents/' + opened['id']
        self.assertEqual(self.score(path), 'medium')
        one = self.organisation('Indus')
        page = self.post(path + '/parties', {'party': one, 'roles': ['affected']})
        self.assertEqual(page['severity']['band'], 'medium')
        two = self.organisation('Skylink')              # another sector, and critical of grade A
        page = self.post(path + '/parties', {'party': two, 'roles': ['affected']})
        self.assertEqual(page['severity']['band'], 'severe')        # grade A is high, and two sectors one more
        self.assertEqual(page['severity']['floor']['title'], 'One campaign hits at least two sectors')
        lines = [e['title'] for e in self.get(path + '/timeline')['items']]
        self.assertIn('Severity computed again: a party added', lines)
        parties = {p['organisation']['id']: p['id'] for p in page['parties']}
        facts = f'{path}/parties/{parties[two]}/facts'
        self.assertEqual(self.post(facts, {'fact': 'affected', 'value': 'no'})['severity']['band'], 'medium')
        self.assertEqual(self.post(facts, {'fact': 'affected', 'value': 'yes'})['severity']['band'], 'severe')
        before = len(self.get(path + '/timeline')['items'])
        self.post(facts, {'fact': 'contained', 'value': 'yes'})
        self.assertEqual(len(self.get(path + '/timeline')['items']), before + 1, 'nothing follows that did not change')
        undo = self.post(f'{path}/parties/{parties[two]}/remove', {})['undo']
        self.assertEqual(self.get(path)['severity']['band'], 'medium')

        hand = {'factors': MEDIUM, 'override_band': 'low', 'reason': 'An exercise.'}
        self.assertEqual(self.post(path + '/severity', hand)['severity']['computed'], 'medium')
        self.post(undo['path'], undo['body'])
        severity = self.get(path)['severity']
        self.assertEqual((severity['band'], severity['computed'], severity['override']['reason']),
                         ('low', 'severe', 'An exercise.'))

    def test_sectors_count_over_a_campaign(self):
        bank, school = self.hit('At the bank', 'Indus'), self.hit('At the university', 'Plain')
        third = self.hit('At another bank', 'Crescent')
        before = {i: self.get('/api/incidents/' + i)['severity'] for i in (bank, school, third)}
        undo = self.post(f'/api/incidents/{bank}/join', {'with': school})['undo']
        self.assertEqual((self.band(bank), self.band(school)), ('high', 'high'))
        self.assertEqual([c['id'] for c in self.get('/api/incidents/' + bank)['campaign']], [school])
        self.post(undo['path'], undo['body'])
        self.assertEqual({i: self.get('/api/incidents/' + i)['severity'] for i in before}, before)
        self.assertEqual(self.get('/api/incidents/' + school)['campaign'], [], 'one alone is no campaign')

        self.post(f'/api/incidents/{bank}/join', {'with': school})
        came = self.post(f'/api/incidents/{bank}/join', {'with': third})['undo']
        self.assertIn(third, came['path'])
        self.assertEqual({self.band(i) for i in before}, {'high'})
        self.assertIn('already', self.post(f'/api/incidents/{third}/join', {'with': school}, 409)['detail'])
        party = self.get('/api/incidents/' + school)['parties'][0]['id']
        facts = f'/api/incidents/{school}/parties/{party}/facts'
        self.post(facts, {'fact': 'affected', 'value': 'no'})
        self.assertEqual({self.band(i) for i in before}, {'medium'}, 'only banks are hit now, in all of them')
        self.post(facts, {'fact': 'affected', 'value': 'yes'})
        self.post(f'/api/incidents/{school}/leave', {})
        self.assertEqual({self.band(i) for i in before}, {'medium'})
        numbers = {i: self.get('/api/incidents/' + i)['number'] for i in before}
        self.cli(self.handler, 'case', 'join', numbers[school], '--with', numbers[bank])
        self.assertEqual({self.band(i) for i in before}, {'high'})
        lines = [e['title'] for e in self.get(f'/api/incidents/{bank}/timeline')['items']]
        self.assertIn('Severity computed again: one campaign with another incident', lines)

        self.assertIn('campaign', self.post(f'/api/incidents/{bank}/merge', {'into': self.hit('x', 'Seaside')}, 409)
                      ['detail'])

    def test_who_was_let_in_cannot_tell_a_campaign_from_a_judgement(self):
        """The power desk works on one incident; that it is of a campaign would tell it that there is another."""
        bank, school = self.hit('At the bank, apart', 'Indus'), self.hit('At the university, together', 'Plain')
        path, power = '/api/incidents/' + school, Person(self.node.port, 'power-desk')
        self.post(path + '/parties', {'party': 'power', 'roles': ['helper']})
        before = self.get(path + '/timeline', who=power)['items']
        self.post(f'/api/incidents/{bank}/join', {'with': school})
        page = self.get(path, who=power)
        self.assertEqual((page['severity']['band'], page['campaign']), ('high', []), 'how bad it is, it may know')
        for told in ('score', 'low', 'high', 'floor', 'override'):
            self.assertIsNone(page['severity'][told], told)
        self.assertEqual((page['severity']['computed'], page['severity']['factors']), ('high', {}))
        listed = next(i for i in self.get('/api/incidents?sort=updated', who=power)['items'] if i['id'] == school)
        self.assertEqual(listed['severity'], page['severity'])
        self.assertEqual(self.get(path)['severity']['floor']['title'], 'One campaign hits at least two sectors')
        self.post(path + '/severity/preview', {'factors': MEDIUM}, 404, who=power)
        self.post(f'/api/incidents/{bank}/leave', {})
        lines = [e for e in self.get(path + '/timeline', who=power)['items'] if e not in before]
        self.assertEqual({e['title'] for e in lines}, {'Severity scored'})
        self.assertIn('One campaign', ' '.join(e['title'] for e in self.get(path + '/timeline')['items']))

    def test_who_was_let_in_tries_no_message(self):
        report = self.post('/api/reports', {'text': 'phishing at 203.0.113.9', 'title': 'x', 'anonymous': False,
                                            'reporter_name': 'Kxname', 'reporter_contact': 'kx@else.example',
                                            'door': 'phone'})['id']
        opened = self.post('/api/incidents', {'reports': [report], 'title': 'With who reported'})
        path, power = '/api/incidents/' + opened['id'], Person(self.node.port, 'power-desk')
        page = self.post(path + '/parties', {'party': 'power', 'roles': ['helper']})
        words = {'recipients': [p['id'] for p in page['parties']], 'subject': 'x', 'tlp': 'AMBER'}
        self.assertIn('kx@else.example', str(self.post(path + '/messages/preview', words)))
        refused = self.post(path + '/messages/preview', words, 403, who=power)
        self.assertNotIn('kx@else.example', str(refused))
        self.assertIn('coordinating team', refused['detail'])

    def test_what_is_merged_in_is_nothing_to_who_was_let_in(self):
        """Nor its number of parties, nor that it was merged, nor when something is due in it."""
        shared, hidden = self.hit('Shared', 'Plain'), self.hit('Hidden', 'Indus')
        path, power = '/api/incidents/' + shared, Person(self.node.port, 'power-desk')
        self.post(path + '/parties', {'party': 'power', 'roles': ['helper']})
        other = self.hit('Shared too', 'Plain')
        self.post(f'/api/incidents/{other}/parties', {'party': 'power', 'roles': ['helper']})

        def seen():
            listed = self.get('/api/incidents?sort=due', who=power)['items']
            at = {i['id']: n for n, i in enumerate(listed)}
            lines = [e['title'] for e in self.get(path + '/timeline', who=power)['items']]
            lines = [t for t in lines if t != 'Severity scored']            # the coordinator's judgement
            return at[shared] < at[other], listed[at[shared]]['parties'], lines
        party = self.get('/api/incidents/' + hidden)['parties'][0]['id']
        self.post(f'/api/incidents/{hidden}/parties/{party}/facts',
                  {'fact': 'aware', 'at': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() - 60))})
        self.assertIn('running', [c['state'] for c in self.get('/api/incidents/' + hidden)['clocks']])
        before = seen()
        undo = self.post(f'/api/incidents/{hidden}/merge', {'into': shared})['undo']
        self.assertEqual(seen(), before)
        due = [i['id'] for i in self.get('/api/incidents?sort=due')['items']]
        self.assertLess(due.index(shared), due.index(other), 'to the coordinator it is due')
        self.assertIn('Merged', ' '.join(e['title'] for e in self.get(path + '/timeline')['items']))
        self.post(undo['path'], undo['body'])
        self.assertEqual(seen(), before)

    def test_severity_follows_a_merge_and_its_undo(self):
        bank, school = self.hit('Bank', 'Indus'), self.hit('University', 'Plain')
        before = self.get('/api/incidents/' + bank)['severity']
        undo = self.post(f'/api/incidents/{school}/merge', {'into': bank})['undo']
        self.assertEqual(self.band(bank), 'high')
        self.post(undo['path'], undo['body'])
        self.assertEqual(self.get('/api/incidents/' + bank)['severity'], before)
        self.assertEqual(self.band(school), 'medium')
        self.post(f'/api/incidents/{school}/merge', {'into': bank})
        party = next(p for p in self.get('/api/incidents/' + bank)['parties'] if p['name'] == 'Plain University')
        self.post(f'/api/incidents/{bank}/parties/{party["id"]}/facts', {'fact': 'affected', 'value': 'no'})
        self.assertEqual(self.band(bank), 'medium', 'what is said of a party of the merged one counts here')


if __name__ == '__main__':
    unittest.main()
