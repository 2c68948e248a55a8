// The five minutes that must work, clicked through in Chromium against the real program ($NAUBAT, else build/naubat).
// Each of stage.mjs's troubles fails it.
// tests/story_five_minutes.py plays the same over HTTP.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { absent, openStage, signIn as signInAt } from './stage.mjs';

const REPORT = 'phishing at hxxp://login.bank.example, 203.0.113.7';

let stage, base, troubles, newPage;
const signIn = (page, login) => signInAt(page, base, login);

const newCount = async (page) => Number((await page.locator('text=/^[0-9]+ new$/').textContent()).split(' ')[0]);

before(async () => {
  if (absent) return;
  stage = await openStage();
  ({ base, troubles, newPage } = stage);
});

after(() => stage?.close());

test('the five minutes', { skip: absent, timeout: 600_000 }, async (t) => {
  const page = await newPage();
  const caller = await newPage({ javaScriptEnabled: false });
  let number, code, reportUrl, incidentUrl, incidentNumber, broken = null;
  // What comes after a step that failed would only fail for the same reason.
  const step = (name, play) => t.test(name, { skip: broken ? `not reached: "${broken}" failed` : false }, async () => {
    try {
      await play();
      assert.deepEqual([...new Set(troubles.splice(0))], []);
    } catch (error) {
      broken = name;
      error.message += `\nat ${page.url()}\n${(await page.innerText('body')).slice(0, 3000)}\n${troubles.join('\n')}`;
      throw error;
    }
  });

  await step('one click signs in; home leads with 11 minutes, a target (assumed)', async () => {
    await page.goto(base);
    await page.waitForSelector('text=Who are you today?');
    await signIn(page);
    const pressing = page.locator('section[aria-label="Most pressing"]');
    assert.match(await pressing.innerText(), /\b1[01]\s+minutes left/);
    assert.match(await pressing.innerText(), /target \(assumed\)/);
  });

  await step('a report through the public form, without JavaScript, counts as new', async () => {
    const already = await newCount(page);
    await caller.goto(`${base}/`);
    await caller.goto(`${base}/report`);
    await caller.fill('textarea[name=text]', REPORT);
    await caller.check('input[name=anonymous]');
    await caller.click('button[type=submit]');
    const receipt = await caller.innerText('main');
    number = receipt.match(/DEMO-\d{4}-[0-9A-Z]{7}/)[0];
    code = receipt.match(/([0-9A-Z]{4}-){3}[0-9A-Z]{4}/)[0];
    assert.ok(!caller.url().includes(code), 'the claim code is in no address');
    await page.waitForSelector(`text=/^${already + 1} new$/`);
  });

  await step('the report names the owner, why, the CERT, the contact and two similar reports', async () => {
    await page.locator('li.report', { hasText: number }).locator('a.title').click();
    await page.waitForURL(/\/reports\//);
    reportUrl = page.url();
    const owner = page.locator('section.owner');
    await owner.locator('text=Demo Bank').first().waitFor();
    const told = await owner.innerText();
    for (const word of ['203.0.113.0/24', 'Banking CERT', 'security@bank.example']) assert.ok(told.includes(word), `${word} in: ${told}`);
    assert.match(await page.innerText('section.told'), /203\[\.\]0\[\.\]113\[\.\]7/);
    await page.waitForSelector('text=Select all 3, with this one');
  });

  await step('take, select three, open an incident: clocks with their sources', async () => {
    await page.getByRole('button', { name: 'Take', exact: true }).first().click();
    await page.waitForSelector('text=Yours');
    await page.click('text=Select all 3, with this one');
    await page.waitForSelector('text=3 reports selected');
    await page.click('.basket >> text=Open incident');
    await page.fill('dialog input', 'Phishing against Demo Bank');
    await page.click('dialog button.primary');
    await page.waitForURL(/\/incidents\/[0-9a-f-]{36}/);
    incidentUrl = page.url().split('?')[0];
    await page.waitForSelector('text=Message to parties');
    incidentNumber = (await page.innerText('main')).match(/DEMO-\d{4}-[0-9A-Z]{7}/)[0];
    await page.goto(`${incidentUrl}?tab=clocks`);
    await page.waitForSelector('li.clock');
    const bases = await page.locator('li.clock .basis').allInnerTexts();
    assert.ok(bases.length > 0 && bases.every((b) => b.trim().length > 0), `each clock says on what it rests: ${bases}`);
  });

  await step('one report is wrong: it is detached, and Undo of that works too', async () => {
    await page.goto(`${incidentUrl}?tab=reports`);
    const wrong = page.locator('li.line').filter({ hasNotText: number });
    await page.waitForSelector('li.line >> nth=2');
    await wrong.first().getByRole('button', { name: /^Detach/ }).click();
    await page.waitForSelector('li.line >> nth=2', { state: 'detached' });
    await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
    await page.waitForSelector('li.line >> nth=2');
    await wrong.first().getByRole('button', { name: /^Detach/ }).click();
    await page.waitForSelector('li.line >> nth=2', { state: 'detached' });
  });

  await step('a request to bank and hoster; Telecom is refused with a reason, removed; Send', async () => {
    await page.goto(`${incidentUrl}?tab=parties`);
    await page.click('text=Add a party');
    await addRecipient(page, 'Hosting Hall');
    await page.locator('dialog label.tick', { hasText: 'Provider' }).locator('input').check();
    await page.click('dialog footer button.primary');
    await page.waitForSelector('dialog', { state: 'detached' });
    await page.click('text=Message to parties');
    await page.waitForSelector('dialog');
    for (const party of ['Demo Bank', 'Hosting Hall']) await page.locator('dialog label.tick', { hasText: party }).locator('input').check();
    await addRecipient(page, 'Telecom CERT');
    await page.fill('dialog textarea', 'It is at hxxp://login.bank.example. Please take it down.');
    await page.waitForSelector('.gate.refused');
    assert.match(await page.innerText('.gate'), /Refused:\s*\S+/);
    const send = page.locator('dialog footer button.primary');
    assert.ok(await send.isDisabled(), 'nothing can be sent while one is refused');
    for (let left = await page.locator('.gate li.no').count(); left > 0; left--) {
      assert.match(await page.locator('.gate li.no').first().innerText(), /Telecom CERT/);
      await page.locator('.gate li.no').first().getByRole('button', { name: 'Remove' }).click();
    }
    await page.waitForSelector('.gate.open');
    const who = await page.innerText('.gate');
    assert.ok(who.includes('security@bank.example') && who.includes('security@hosting-hall.example'), who);
    await send.click();
    await page.waitForSelector('dialog', { state: 'detached' });
  });

  await step('the catcher shows two mails; Reply as bank lands in the timeline and answers the request', async () => {
    await page.click('nav >> text=Mail catcher');
    const mails = page.locator('section[aria-label=Mails] li', { hasText: 'Phishing against Demo Bank' });
    await mails.nth(1).waitFor();
    assert.equal(await mails.count(), 2);
    await mails.filter({ hasText: 'Demo Bank' }).locator('.one-line', { hasText: /^Demo Bank$|^Sana Malik$/ }).first().click();
    await page.waitForSelector('article >> text=security@bank.example');
    await page.fill('form textarea', 'The page is gone. Demo Bank security.');
    await page.click('form button.primary');
    await page.waitForSelector('text=/landed in|went in through/');
    await page.goto(incidentUrl);
    await page.locator('li.block.in', { hasText: 'The page is gone' }).waitFor();
    await page.goto(`${incidentUrl}?tab=messages`);
    await page.locator('tr', { hasText: 'Demo Bank' }).locator('text=Answered').first().waitFor();
  });

  await step('the Telecom CERT finds nothing, and no count moves', async () => {
    const other = await newPage();
    await signIn(other, 'tania');
    assert.equal(await newCount(other), 0);
    for (const words of ['203.0.113.7', number, incidentNumber]) {
      await other.fill('#search', words);
      await other.press('#search', 'Enter');
      await other.waitForURL(`**/search?q=${encodeURIComponent(words)}`);
      await other.waitForSelector('main >> text=/[Nn]othing/');
      assert.equal(await other.locator('main a[href^="/reports/"], main a[href^="/incidents/"]').count(), 0);
    }
    await other.context().close();
  });

  await step('Close names the reporter who was not answered; the claim code shows the answer', async () => {
    await page.goto(incidentUrl);
    await page.click('text=/Close…/');
    await page.locator('dialog fieldset', { hasText: 'Reporters who were not answered' }).locator(`text=${number}`).waitFor();
    await page.goto(reportUrl);
    await page.fill('form textarea', 'Thank you: the page is down.');
    await page.click('text=Send the answer');
    await page.waitForSelector('text=not answered yet', { state: 'detached' });
    await caller.goto(`${base}/report/status`);
    await caller.fill('input[name=code]', code);
    await caller.click('button[type=submit]');
    assert.match(await caller.innerText('main'), /Thank you: the page is down\./);
    await page.goto(incidentUrl);
    await page.click('text=/Close…/');
    await page.waitForSelector('dialog textarea');
    assert.equal(await page.locator(`dialog >> text=${number}`).count(), 0, 'who was answered is not named again');
    for (const box of await page.locator('dialog input[type=checkbox]').all()) await box.check();
    await page.fill('dialog textarea', 'The page is down.');
    await page.click('text=Close the incident');
    await page.waitForSelector('dialog', { state: 'detached' });
  });

  await step('Verify is green; Alter a copy names the broken entry', async () => {
    await page.click('nav >> text=Journal');
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    await page.waitForSelector('.verdict.ok');
    await page.getByRole('button', { name: 'Alter a copy' }).click();
    await page.waitForSelector('.verdict:not(.ok)');
    assert.match(await page.innerText('.verdict'), /Altered in the copy: .*[\s\S]*Entry \d/);
  });
});

async function addRecipient(page, name) {
  await page.fill('dialog .picker input', name);
  await page.locator('dialog .picker button', { hasText: name }).first().click();
}
