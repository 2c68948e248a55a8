// Everybody can use every page: axe finds nothing serious on any of them, light and dark, wide and narrow (390 px,
// where nothing overflows sideways either), and the five minutes can be played with a keyboard alone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { absent, openStage, signIn } from './stage.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const sizes = [[1280, 900], [390, 844]];
let stage, base;

before(async () => {
  if (absent) return;
  stage = await openStage();
  base = stage.base;
});

after(() => stage?.close());

/** Serious and critical violations, as lines. In the dark only colours can differ. */
async function violations(page, dark) {
  await page.evaluate(axe);
  const found = await page.evaluate(async (only) => {
    const result = await axe.run(document, { resultTypes: ['violations'], ...(only ? { runOnly: { type: 'rule', values: only } } : {}) });
    return result.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')
      .flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')}: ${n.html.slice(0, 160)} (${(n.any[0] ?? n.all[0] ?? n.none[0])?.message.slice(0, 160)})`));
  }, dark ? ['color-contrast'] : null);
  return found;
}

async function overflow(page) {
  return page.evaluate(() => {
    const wide = document.documentElement.scrollWidth - innerWidth;
    if (wide <= 0) return [];
    const who = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(-3);
    return [`${wide} px too wide: ${who.map((e) => `${e.tagName.toLowerCase()}.${e.className}`).join(', ')}`];
  });
}

async function look(page, name, faults) {
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height });
    for (const dark of [false, true]) {
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      const found = [...await violations(page, dark), ...(width < 500 ? await overflow(page) : [])];
      faults.push(...found.map((f) => `${name}, ${width} px, ${dark ? 'dark' : 'light'}: ${f}`));
    }
  }
  await page.setViewportSize({ width: sizes[0][0], height: sizes[0][1] });
}

const visit = async (page, path) => {
  await page.goto(base + path);
  await page.waitForSelector('main');
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
};
const ask = (page, path) => page.evaluate(async (p) => (await fetch(p)).json(), path);

const none = (faults) => assert.equal(faults.length, 0, [...new Set(faults)].slice(0, 60).join('\n'));

test('what anybody sees', { skip: absent, timeout: 600_000 }, async () => {
  const page = await stage.newPage(), faults = [];
  await page.goto(base);
  await page.waitForSelector('[data-login]');
  await look(page, 'sign-in', faults);
  for (const path of ['/report', '/report/status']) { await visit(page, path); await look(page, path, faults); }
  await page.goto(`${base}/report`);
  await page.fill('textarea[name=text]', 'phishing at hxxp://login.bank.example');
  await page.click('button[type=submit]');
  await look(page, 'receipt', faults);
  const code = (await page.innerText('main')).match(/([0-9A-Z]{4}-){3}[0-9A-Z]{4}/)[0];
  await page.goto(`${base}/report/status`);
  await page.fill('input[name=code]', code);
  await page.click('button[type=submit]');
  await look(page, 'claimed', faults);
  await page.context().close();
  none(faults);
});

test('what a handler sees', { skip: absent, timeout: 900_000 }, async () => {
  const page = await stage.newPage(), faults = [];
  await signIn(page, base);
  const incident = (await ask(page, '/api/incidents')).items[0].id, report = (await ask(page, '/api/reports')).items[0].id;
  const organisation = (await ask(page, '/api/organisations')).items[0].id;
  const paths = ['/', '/reports', `/reports?show=${report}`, `/reports/${report}`, '/incidents', '/clocks', '/search?q=203.0.113.7', '/directory',
    '/directory?tab=owner&q=203.0.113.7', `/directory/${organisation}`, '/regime', '/journal', '/mail', '/nowhere',
    ...['timeline', 'clocks', 'parties', 'messages', 'reports', 'severity'].map((tab) => `/incidents/${incident}?tab=${tab}`)];
  for (const path of paths) { await visit(page, path); await look(page, path.replace(/[0-9a-f-]{36}/, ':id'), faults); }
  await visit(page, `/incidents/${incident}`);
  for (const key of ['m', '?', 'n']) {
    await page.keyboard.press(key);
    await page.waitForSelector('dialog[open]');
    await look(page, `dialog of ${key}`, faults);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog[open]', { state: 'detached' });
  }
  await page.context().close();
  none(faults);
});

for (const [login, paths] of [['keeper', ['/directory', '/directory/import']], ['auditor', ['/', '/journal']],
  ['council', ['/', '/oversight']], ['sana', ['/', '/messages', '/requests', '/duties', '/tell', '/history']],
  ['admin', ['/', ...['accounts', 'sessions', 'signins', 'tokens'].map((t) => `/administration?tab=${t}`)]]]) {
  test(`what ${login} sees`, { skip: absent, timeout: 600_000 }, async () => {
    const page = await stage.newPage(), faults = [];
    await signIn(page, base, login);
    for (const path of paths) { await visit(page, path); await look(page, `${login} ${path}`, faults); }
    await page.context().close();
    none(faults);
  });
}

test('what is planted is found', { skip: absent, timeout: 300_000 }, async () => {
  const page = await stage.newPage(), faults = [];
  await page.goto(`${base}/report`);
  await page.evaluate(() => {
    document.querySelector('main').insertAdjacentHTML('beforeend', '<img src="data:," ><input type=text><p id=p>hardly to be read</p><div id=w>wide</div>');
    for (const [id, name, value] of [['p', 'color', '#bbb'], ['p', 'background', '#ccc'], ['w', 'width', '2000px'], ['w', 'background', 'red']]) document.getElementById(id).style[name] = value;
  });
  await look(page, 'planted', faults);
  for (const what of ['image-alt', 'label', 'color-contrast', 'too wide']) assert.ok(faults.some((f) => f.includes(what)), `${what} was not found: ${faults}`);
  await page.context().close();
});

// ---- the keyboard alone

/** Goes on with Tab until the focus is in what is looked for; it must be seen there. */
async function tabTo(page, selector, most = 160) {
  const seen = [];
  for (let n = 0; n < most; n++) {
    await page.keyboard.press('Tab');
    const now = await page.evaluate((s) => {
      const e = document.activeElement;
      const what = `${e.tagName} ${e.getAttribute('aria-label') ?? e.innerText?.slice(0, 30)}`;
      if (![...document.querySelectorAll(s.css)].some((c) => c === e && (!s.text || new RegExp(s.text).test(c.getAttribute('aria-label') ?? c.innerText ?? '')))) return { what };
      const style = getComputedStyle(e);
      return { what, here: true, shown: style.outlineStyle !== 'none' || style.boxShadow !== 'none' };
    }, selector);
    seen.push(now.what);
    if (now.here) {
      assert.ok(now.shown, `the focus on ${now.what} cannot be seen`);
      return;
    }
  }
  assert.fail(`Tab does not get to ${JSON.stringify(selector)} on ${page.url()}: ${seen.slice(-30).join(' | ')}`);
}

const press = async (page, css, text, key = 'Enter') => { await tabTo(page, { css, text }); await page.keyboard.press(key); };
const write = async (page, css, words) => { await tabTo(page, { css }); await page.keyboard.type(words); };

test('the five minutes with a keyboard alone', { skip: absent, timeout: 600_000 }, async () => {
  const page = await stage.newPage();
  await page.goto(`${base}/report`);
  await write(page, 'textarea[name=text]', 'phishing at hxxp://login.bank.example, 203.0.113.7');
  await press(page, 'button[type=submit]');
  const number = (await page.innerText('main')).match(/DEMO-\d{4}-[0-9A-Z]{7}/)[0];
  await page.goto(base);
  await page.waitForSelector('[data-login]');
  await press(page, '[data-login]');
  await page.waitForSelector('nav[aria-label=Main]');
  await press(page, 'nav a', '^Reports$');
  await page.waitForSelector(`li.report:has-text("${number}")`);
  const title = await page.locator('li.report', { hasText: number }).locator('a.title').getAttribute('href');
  await press(page, `a.title[href="${title}"]`);
  await page.waitForSelector('text=/Select all [0-9]/');
  await press(page, 'button', '^Take$');
  await page.waitForSelector('text=Yours');
  await press(page, 'button', 'Select all [0-9]');
  await page.waitForSelector('.basket');
  await press(page, '.basket button', '^Open incident$');
  await page.waitForSelector('dialog[open]');
  assert.equal(await page.evaluate(() => document.activeElement.closest('dialog') !== null), true, 'the dialog has the focus');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('Phishing against Demo Bank');
  await press(page, 'dialog button.primary');
  await page.waitForURL(/\/incidents\/[0-9a-f-]{36}/);
  const incident = page.url().split('?')[0];
  await page.waitForSelector('text=Message to parties');
  await press(page, 'button', '^Message to parties');
  await page.waitForSelector('dialog[open]');
  await press(page, 'dialog label.tick input', null, 'Space');
  await page.waitForSelector('.gate');
  await write(page, 'dialog textarea', 'It is at hxxp://login.bank.example. Please take it down.');
  await page.waitForSelector('.gate.open');
  await press(page, 'dialog footer button.primary');
  await page.waitForSelector('dialog[open]', { state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement !== document.body), true, 'the focus comes back from the dialog');
  await press(page, 'nav a', 'Mail catcher');
  await page.waitForSelector('form textarea');
  await write(page, 'form textarea', 'The page is gone.');
  await press(page, 'form button.primary');
  await page.waitForSelector('text=/landed in|went in through/');
  await press(page, 'nav a', '^Journal$');
  await press(page, 'main button', '^Verify$');
  await page.waitForSelector('.verdict.ok');
  await page.goto(incident);
  await page.waitForSelector('text=/Close…/');
  await press(page, 'button', 'Close…');
  await page.waitForSelector('dialog[open] textarea');
  for (const box of await page.locator('dialog input[type=checkbox]').all()) assert.ok(await box.isEnabled());
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog[open]', { state: 'detached' });
  await page.context().close();
});
