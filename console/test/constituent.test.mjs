// Demo Bank's security officer on a telephone: reads, answers, submits, reports.  The RED words are on no page
// before they are opened.  tests/story_constituent.py plays the same over HTTP.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { play } from './play.mjs';
import { absent } from './stage.mjs';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
let stage;
before(async () => { if (!absent) stage = await play(); });
after(() => stage?.end());
const has = async (page, text) => (await page.textContent('main')).includes(text);

test('a constituent on a telephone', { skip: absent }, async () => {
  const asked = [];
  const page = await stage.person('sana', phone);
  await page.waitForSelector('text=Not read yet');
  page.on('request', (r) => asked.push(new URL(r.url()).pathname));
  await stage.shot(page, 'own-waiting-390');
  assert.equal(await has(page, 'Speak to nobody'), false);

  await page.click('text=A message waits: open it to read it >> nth=0');
  await page.waitForSelector('text=Open the message');
  await stage.shot(page, 'own-closed-390');
  assert.equal(await has(page, 'Speak to nobody'), false);
  await page.click('button >> text=Open the message');
  await page.waitForSelector('text=Speak to nobody of the branch');
  await page.click('text=Say that it arrived');
  await page.waitForSelector('text=You said that it arrived');
  await page.fill('textarea', 'We have understood.');
  await page.click('text=Send the answer');
  await page.waitForSelector('text=Your answer has arrived');
  await stage.shot(page, 'own-message-390');

  await page.click('nav >> text=Requests');
  await page.waitForSelector('h1 >> text=Requests');
  await stage.shot(page, 'own-requests-390');
  await page.click('nav >> text=Duties');
  await page.click('a.primary >> text=Submit >> nth=0');
  await page.waitForSelector('form');
  await page.fill('textarea >> nth=0', 'Terminals of two branches were altered.');
  await page.fill('input[type=datetime-local]', '2026-01-02T10:00');
  await page.fill('textarea >> nth=1', 'Not known yet.');
  await page.fill('form input:not([type=datetime-local])', 'Sana Malik, +00 000 0000');
  await stage.shot(page, 'own-submit-390');
  await page.click('button.primary');
  await page.waitForSelector('h1 >> text=Submitted');
  await page.click('nav >> text=Report');
  await page.fill('textarea', 'Customers get calls that ask for their PIN.');
  await stage.shot(page, 'own-tell-390');
  await page.click('text=Send the report');
  await page.click('text=Come back to it');
  await page.waitForSelector('h1 >> text=Customers get calls');
  await stage.shot(page, 'own-report-390');
  await page.click('nav >> text=History');
  await page.click('main summary >> nth=0');
  await page.waitForSelector('text=Terminals of two branches');
  await stage.shot(page, 'own-history-390');
  assert.deepEqual(asked.filter((path) => path.startsWith('/api/') && !path.startsWith('/api/own')), [], 'only its own routes');
  await page.context().close();
});

test('its pages on a wide screen, and what the team sees of it', { skip: absent }, async () => {
  const page = await stage.person('sana');
  await page.waitForSelector('h1 >> text=Waiting for you');
  for (const [path, name] of [['', 'waiting'], ['messages', 'messages'], ['requests', 'requests'], ['duties', 'duties'], ['tell', 'tell'], ['history', 'history']]) {
    await page.goto(`${stage.base}/${path}`);
    await page.waitForSelector('main h1');
    await stage.shot(page, `own-${name}-1280`);
  }
  await page.goto(`${stage.base}/messages`);
  await page.click('main a >> nth=0');
  await page.waitForSelector('main h1');
  await stage.shot(page, 'own-message-1280');
  await page.context().close();

  const team = await stage.person('amina');
  const incident = await team.evaluate(async () => (await (await fetch('/api/incidents')).json()).items.find((i) => i.title.includes('Card data')).id);
  await team.goto(`${stage.base}/incidents/${incident}`);
  await team.waitForSelector('text=Terminals of two branches');
  await stage.shot(team, 'own-incident-1280');
  await team.context().close();

  const keeper = await stage.person('keeper');
  const bank = await keeper.evaluate(async () => (await (await fetch('/api/organisations?q=Demo%20Bank')).json()).items[0].id);
  await keeper.goto(`${stage.base}/directory/${bank}`);
  await keeper.waitForSelector('text=Who signs in for it');
  await keeper.fill('form input >> nth=-2', 'Omar Rafiq');
  await keeper.fill('form input >> nth=-1', 'omar');
  await keeper.click('form >> text=Add an account');
  await keeper.waitForSelector('dialog >> text=Hand to omar');
  await stage.shot(keeper, 'own-keeper-1280');
  await keeper.context().close();
});
