"""The council's seat: numbers without a case in them, and checkpoints of the journal that it keeps itself."""
import json
import sys
import unittest

sys.path.insert(0, __file__.rsplit('/', 1)[0])
from node import DemonstrationStory, Person  # noqa: E402


class Oversight(DemonstrationStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.council, cls.handler, cls.auditor = (Person(cls.port, p) for p in ('council', 'amina', 'auditor'))

    def ok(self, answer):
        self.assertIn(answer[0], (200, 201, 204), answer)
        return answer[1]

    def test_no_small_number_shows_and_none_can_be_computed(self):
        seen = self.ok(self.council.get('/api/oversight'))
        self.assertEqual(seen['least'], 5)
        totals = set()
        for name in ('sector', 'class', 'band', 'month'):
            table = seen['tables'][name]
            cells = [row[0] for row in table['counts']]
            self.assertEqual(len(cells), len(table['rows']))
            shown = [c for c in cells if c is not None]
            self.assertTrue(all(c >= 5 for c in shown), (name, cells))
            totals.add(table['total'])
            hidden = cells.count(None)
            if hidden and table['total'] is not None:
                self.assertGreaterEqual(hidden, 2, name)
                self.assertGreaterEqual(table['total'] - sum(shown), 5, name)
        self.assertEqual(len(totals), 1, 'each table counts the same cases')
        self.assertGreater(totals.pop(), 20)
        self.assertTrue(any(c for c in sum(seen['tables']['sector']['counts'], [])))
        duties = seen['tables']['duties']
        self.assertIsNone(duties['total'])
        cells = [c for c in sum(duties['counts'], []) if c is not None]
        self.assertTrue(cells and min(cells) >= 5, cells)
        self.assertGreater(seen['medians_s']['take'], 0)
        text = json.dumps(seen)
        for words in ('DEMO-', 'Demo Bank', 'Amina', 'Phishing mail'):
            self.assertNotIn(words, text)

    def test_who_sees_it_and_what_it_does_not_see(self):
        for other in (self.handler, self.auditor, Person(self.port, 'sana')):
            self.assertEqual(other.get('/api/oversight')[0], 403)
        for path in ('/api/home', '/api/reports', '/api/incidents', '/api/organisations', '/api/journal/entries',
                     '/api/own'):
            self.assertEqual(self.council.get(path)[0], 403, path)

    def test_a_kept_checkpoint_is_verified_against_the_journal(self):
        kept = self.ok(self.council.post('/api/journal/checkpoint', {}))
        self.assertIn(kept['checkpoint']['origin'], kept['note'])
        self.assertEqual(self.handler.post('/api/journal/checkpoint', {})[0], 403, 'its size tells how much goes on')
        self.ok(self.handler.post('/api/reports', {'text': 'something more for the journal', 'door': 'phone'}))
        whole = self.ok(self.council.post('/api/journal/verify', {'checkpoint': kept['note']}))
        self.assertTrue(whole['ok'], whole)
        self.assertNotIn('not excluded', whole['statement'])
        self.assertEqual(self.handler.post('/api/journal/verify', {'checkpoint': kept['note']})[0], 403)
        lines = kept['note'].split('\n')
        lines[2] = lines[2][::-1]
        status, problem = self.council.post('/api/journal/verify', {'checkpoint': '\n'.join(lines)})
        self.assertFalse(status == 200 and problem['ok'], problem)


if __name__ == '__main__':
    unittest.main()
