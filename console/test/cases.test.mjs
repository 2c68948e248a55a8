// Work on cases, clicked through in Chromium against the real program: a split and its undo, questions of the rules, a
// corrected time, a submission, a CERT team that is let in.  Pictures as play.mjs says, wide and narrow.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { play } from './play.mjs';
import { absent } from './stage.mjs';

let story, base, page;

before(async () => {
  if (absent) return;
  story = await play();
  base = story.base;
  page = await story.person('amina');
});
after(() => story?.end());

async function shot(name) {
  await page.mouse.move(0, 0);
  for (const [width, mark] of [[390, 'narrow'], [1280, 'wide']]) {
    await page.setViewportSize({ width, height: 900 });
    await story.shot(page, `${name}-${mark}`);
  }
}

// Through the page's own session, as its client asks.
const post = (path, body) => page.evaluate(async ([path, body]) => {
  const r = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }, body: JSON.stringify(body) });
  if (!r.ok) throw new Error(`${path}: ${r.status} ${await r.text()}`);
  return r.json();
}, [path, body]);

async function incident(...texts) {
  const reports = [];
  for (const text of texts) reports.push((await post('/api/reports', { text, title: text, reporter_name: 'Caller', reporter_contact: '', anonymous: false, door: 'phone' })).id);
  return { reports, ...await post('/api/incidents', { reports, title: 'A case of the story' }) };
}
const panel = (title) => page.locator('section.panel', { has: page.locator(`h2:text-is("${title}")`) });
const dialog = (title) => page.getByRole('dialog', { name: title });
const clock = (title) => page.locator('li.clock', { hasText: title });

test('reports are split off, and come back with Undo', { skip: absent }, async () => {
  const made = await incident('phishing at 203.0.113.31', 'malware at 192.0.2.31');
  await page.goto(`${base}/incidents/${made.id}?tab=reports`);
  await panel('Reports').locator('li.line', { hasText: 'malware' }).locator('input[type=checkbox]').check();
  await page.click('button:has-text("Split off…")');
  await dialog(/Split off/).locator('input').fill('The other one');
  await shot('dialog-split');
  await dialog(/Split off/).locator('button.primary').click();
  await page.waitForSelector('h1:has-text("The other one")');
  await page.waitForSelector(`.notice:has-text("Split off from ${made.number}")`);
  await shot('split');
  await page.locator('[role=status] button:has-text("Undo"), .toast button:has-text("Undo"), button:has-text("Undo")').first().click();
  await page.waitForURL(`**/incidents/${made.id}?tab=reports`);
  await panel('Reports').locator('li.line', { hasText: 'malware' }).waitFor();
  assert.equal(await panel('Reports').locator('li.line').count(), 2);
  await shot('split-undone');
});

test('an answer starts a duty; a corrected time keeps the old one; a submission meets it', { skip: absent }, async () => {
  const made = await incident('customers data of 203.0.113.32 for sale');
  await page.goto(`${base}/incidents/${made.id}?tab=clocks`);
  await panel('Questions of the rules').locator('button:has-text("Answer…")').click();
  await shot('dialog-flag');
  await page.locator('form#flag').locator('text=Yes').click();
  await page.click('button[form=flag]');
  await clock('Inform the customers').waitFor();
  for (const [hours, who] of [[3, 'party'], [1, 'officer']]) {
    await page.goto(`${base}/incidents/${made.id}?tab=parties`);
    await page.locator('tr', { hasText: 'Demo Bank' }).locator('button:has-text("record a fact")').click();
    await page.locator('form#fact input[type=datetime-local]').fill(new Date(Date.now() - hours * 3_600_000).toISOString().slice(0, 16));
    await page.locator('form#fact select').nth(1).selectOption(who);
    await page.click('button[form=fact]');
    await page.locator('form#fact').waitFor({ state: 'detached' });
  }
  await page.goto(`${base}/incidents/${made.id}?tab=clocks`);
  await clock('Flash report').locator('text=/was due .* aware corrected, by Amina Yusuf/').waitFor();
  await shot('clock-history');
  await clock('Flash report').locator('button:has-text("Submitted…")').click();
  await shot('dialog-submission');
  await page.locator('form#submission').locator('text=In time').waitFor();
  await page.locator('form#submission input').last().fill('letter 17');
  await page.click('button[form=submission]');
  await panel('Submissions').locator('text=letter 17').waitFor();
  await clock('Flash report').locator('text=Met').first().waitFor();
  await shot('submission');
});

test('an incident on paper is as wide as the paper', { skip: absent }, async () => {
  const { id } = await incident('phishing at 203.0.113.31');
  await page.goto(`${base}/incidents/${id}`);
  await page.waitForSelector('text=Incident opened');
  await page.emulateMedia({ media: 'print' });
  await story.shot(page, 'incident-on-paper');
  const entry = await page.locator('li', { hasText: 'Incident opened' }).boundingBox();
  const paper = page.viewportSize().width;
  assert.ok(entry.width > paper / 2, `${entry.width} of ${paper} px`);
  assert.ok(!await page.getByRole('button', { name: 'Save comment' }).isVisible(), 'nobody presses paper');
  await page.emulateMedia({ media: null });
});

test('a CERT team has no part in a case until it is a party', { skip: absent }, async () => {
  const made = await incident('phishing at 203.0.113.33');
  await page.goto(`${base}/incidents/${made.id}`);
  await page.click('button:has-text("Message to parties")');
  await page.locator('.picker input').fill('Telecom CERT');
  await page.locator('.picker li button', { hasText: 'CERT team' }).click();
  await page.locator('text=/has no part in this case/').first().waitFor();
  await shot('dialog-refused');
  await page.click('footer button:has-text("Cancel")');
  await page.goto(`${base}/incidents/${made.id}?tab=parties`);
  await page.click('button:has-text("Add a party")');
  await page.locator('.picker input').fill('Telecom CERT');
  await page.locator('.picker li button', { hasText: 'CERT team' }).click();
  await page.locator('form#party label:has-text("Helper") input').check();
  await shot('dialog-team');
  await page.click('button[form=party]');
  await page.locator('tr', { hasText: 'CERT team, let in' }).waitFor();
  await shot('team');
  await page.locator('tr', { hasText: 'CERT team, let in' }).locator('button[title=Message]').click();
  await page.locator('text=security@telecom-cert.example').waitFor();
  await shot('dialog-allowed');
  await post(`/api/incidents/${made.id}/severity`, { factors: {}, override_band: '', reason: '' });
  const tania = await story.person('tania');
  await tania.goto(`${base}/incidents/${made.id}?tab=severity`);
  await tania.waitForSelector('text=/How it was scored is with/');
  const told = await tania.innerText('main');
  assert.ok(!/of 100|provisional|weight|Lives are in danger/.test(told), told);
  await story.shot(tania, 'severity-let-in-wide');
  await tania.setViewportSize({ width: 390, height: 900 });
  await story.shot(tania, 'severity-let-in-narrow');
});
