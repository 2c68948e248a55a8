// Plays the console against the mock server and takes pictures of it: light and dark, wide and narrow.
//   npm run build && node test/shots.mjs [only]          pictures land in test/shots/
// Fails when the page logs an error (a refused style or script of the Content-Security-Policy is one) or overflows sideways.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, 'shots');
mkdirSync(out, { recursive: true });
const port = 8091;
const only = process.argv[2];
const server = spawn(process.execPath, [join(here, '..', 'mock', 'server.mjs'), String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
await new Promise((ready) => server.stdout.once('data', ready));
const base = `http://127.0.0.1:${port}`;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic'] });
const troubles = [];

async function person(login, { dark = false, width = 1440, height = 900 } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce', timezoneId: 'Asia/Karachi', locale: 'en-GB' });
  const page = await context.newPage();
  page.on('console', (m) => { if (m.type() === 'error' && !m.text().includes('401')) troubles.push(`${page.url()}: ${m.text()}`); });
  page.on('pageerror', (e) => troubles.push(`${page.url()}: ${e.message}`));
  page.on('request', (r) => { if (!r.url().startsWith(base)) troubles.push(`asked elsewhere: ${r.url()}`); });
  await page.goto(base);
  if (login) { await page.click(`[data-login=${login}]`); await page.waitForSelector('nav[aria-label=Main]', { state: 'attached' }); }
  return page;
}
async function shot(page, name, full = false) {
  await page.waitForTimeout(350);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) troubles.push(`${name}: ${wide} px too wide`);
  await page.screenshot({ path: join(out, `${name}.png`), fullPage: full });
}
const visit = async (page, path) => { await page.goto(base + path); await page.waitForSelector('main'); };
const firstIncident = async (page) => (await page.evaluate(async () => (await (await fetch('/api/home')).json()).pressing.incident.id));
const firstReport = async (page) => (await page.evaluate(async () => (await (await fetch('/api/reports')).json()).items[0].id));

const scenes = {
  async pages() {
    for (const [tag, look] of [['light', {}], ['dark', { dark: true }], ['narrow', { width: 380, height: 800 }], ['narrow-dark', { width: 380, height: 800, dark: true }]]) {
      const page = await person('', look);
      await page.waitForSelector('[data-login]');
      await shot(page, `signin-${tag}`, true);
      await page.click('[data-login=amna]');
      await page.waitForSelector('.dial');
      await shot(page, `home-${tag}`, true);
      for (const path of ['reports', 'incidents', 'clocks', 'directory', 'regime', 'search?q=203.0.113.7', 'directory?tab=owner&q=203.0.113.7']) { await visit(page, `/${path}`); await shot(page, `${path.replace(/[?&=.]+/g, '-')}-${tag}`); }
      const report = await firstReport(page), incident = await firstIncident(page);
      await visit(page, `/reports?show=${report}`); await shot(page, `reports-preview-${tag}`);
      await visit(page, `/reports/${report}`); await shot(page, `report-${tag}`, true);
      for (const tab of ['timeline', 'clocks', 'parties', 'messages', 'reports', 'severity']) { await visit(page, `/incidents/${incident}?tab=${tab}`); await shot(page, `incident-${tab}-${tag}`, true); }
      await page.context().close();
    }
  },
  // The five minutes of the issue, as far as the mock carries them.
  async story() {
    const page = await person('amna');
    await page.keyboard.press('g'); await page.keyboard.press('r');
    await page.waitForSelector('[data-id]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside[aria-label=Report] h1');
    await page.click('aside >> text=Take');
    await page.waitForSelector('text=Yours');
    await page.click('text=/Select all 3/');
    await shot(page, 'story-1-selected');
    await page.click('.basket >> text=Open incident');
    await shot(page, 'story-2-open');
    await page.click('dialog >> button.primary');
    await page.waitForURL(/incidents\//);
    await shot(page, 'story-3-opened', true);
    await page.goto(`${page.url()}?tab=reports`);
    await page.click('button[aria-label^=Detach] >> nth=0');
    await shot(page, 'story-4-detached');
    await page.keyboard.press('m');
    await page.waitForSelector('dialog.drawer');
    for (const box of await page.$$('dialog .tick input[type=checkbox]')) if (!(await box.isChecked())) await box.check();
    await page.fill('dialog .picker input', 'Sahil');
    await page.click('dialog .picker button');
    await page.fill('dialog textarea', 'The page hxxp://login[.]bank[.]example on 203.0.113[.]7 collects card data. Please take it down and keep the logs.');
    await page.waitForSelector('.gate.refused');
    await shot(page, 'story-5-refused');
    if (!(await page.isDisabled('dialog footer button.primary'))) troubles.push('Send is not disabled while a recipient is refused');
    await page.click('.gate >> text=Remove');
    await page.waitForSelector('.gate.open');
    await shot(page, 'story-6-allowed');
    await page.click('dialog footer button.primary');
    await page.waitForSelector('dialog', { state: 'detached' });
    await shot(page, 'story-7-sent', true);
    await page.click('nav >> text=Mail catcher');
    await page.waitForSelector('text=/Reply as/');
    await page.fill('textarea', 'We took the page down at 02:10 UTC. Logs are kept.');
    await shot(page, 'story-8-catcher');
    await page.click('form button.primary');
    await page.waitForSelector('text=/landed in/');
    await page.click('article header a');
    await page.waitForSelector('text=/Close…/');
    await shot(page, 'story-9-answered', true);
    await page.click('text=/Close…/');
    await page.waitForSelector('dialog textarea');
    await shot(page, 'story-10-close');
    await page.keyboard.press('Escape');
    await page.click('nav >> text=Journal');
    await page.click('main button >> text=Verify');
    await page.waitForSelector('.verdict.ok');
    await shot(page, 'story-11-verified');
    await page.click('text=/Alter a copy/');
    await page.waitForSelector('.verdict:not(.ok)');
    await shot(page, 'story-12-altered');
    await page.context().close();
  },
  async rtl() {
    const page = await person('amna');
    for (const [name, path] of [['home', '/'], ['incident', `/incidents/${await firstIncident(page)}`], ['reports', '/reports']]) {
      await visit(page, path);
      await page.evaluate(() => { document.documentElement.dir = 'rtl'; });
      await shot(page, `rtl-${name}`);
    }
    await page.context().close();
  },
  async others() {
    let page = await person('auditor', { dark: true });
    await visit(page, '/journal'); await page.click('tbody a >> nth=2'); await shot(page, 'journal-auditor', true);
    await page.context().close();
    page = await person('admin');
    for (const tab of ['accounts', 'sessions', 'signins', 'tokens']) { await visit(page, `/administration?tab=${tab}`); await shot(page, `admin-${tab}`); }
    await page.context().close();
    page = await person('saima');
    await visit(page, '/directory/import');
    await page.fill('textarea', 'name,class,sector,province,cii\nNew Bank,private,banking,Punjab,B\nDemo Bank,private,banking,Sindh,A\nIndus Hosting,semi_government,it,,\nBroken row,private\n');
    await page.click('form button.primary'); await page.waitForSelector('table'); await shot(page, 'import');
    await visit(page, '/directory'); await page.click('tbody a >> nth=4'); await page.waitForSelector('form'); await shot(page, 'organisation', true);
    await page.context().close();
    page = await person('tariq');
    await shot(page, 'home-telecom', true);
    await visit(page, '/search?q=203.0.113.7'); await shot(page, 'search-telecom');
    await page.context().close();
    page = await person('amna', { dark: true });
    await page.keyboard.press('?'); await shot(page, 'keys');
    await page.keyboard.press('Escape'); await page.keyboard.press('n'); await shot(page, 'quick');
    await page.keyboard.press('Escape');
    await visit(page, `/incidents/${await firstIncident(page)}`); await page.keyboard.press('m'); await page.waitForSelector('dialog'); await shot(page, 'compose-dark');
    await page.context().close();
  },
};
try {
  for (const [name, scene] of Object.entries(scenes)) if (!only || only === name) await scene();
} finally {
  await browser.close();
  server.kill();
}
if (troubles.length) { console.error([...new Set(troubles)].join('\n')); process.exit(1); }
console.log(`pictures in ${out}`);
