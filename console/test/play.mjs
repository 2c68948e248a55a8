// What browser tests share: the real demonstration on a free port, and pages that write down every trouble.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const naubat = process.env.NAUBAT ?? join(root, 'build', 'naubat');
export const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const flags = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic'];
const patience = Number(process.env.NAUBAT_PATIENCE_MS ?? 60_000);

const freePort = () => new Promise((found) => {
  const server = createServer().listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => found(port)); });
});

export async function play() {
  const troubles = [];
  const node = spawn(naubat, ['demo', '--port', String(await freePort())], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '', errors = '';
  node.stderr.on('data', (d) => { errors += d; });
  const base = await new Promise((ready, failed) => {
    node.stdout.on('data', (d) => { said += d; const url = said.match(/http:\/\/127\.0\.0\.1:\d+(?=\/)/); if (url) ready(url[0]); });
    node.on('error', failed);
    node.on('exit', (status) => failed(new Error(`the demonstration ended with ${status}: ${errors}`)));
  });
  const browser = await chromium.launch({ executablePath: chromiumPath, args: flags });

  /** Somebody's page; a console error, a refused style or script, another host, an HTTP 5xx are troubles. */
  async function person(login, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'Asia/Karachi', ...options });
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    page.on('console', (m) => { if (m.type() === 'error' && !(m.location().url === `${base}/api/session` && m.text().includes('401'))) troubles.push(`${page.url()}: ${m.text()} (${m.location().url})`); });
    page.on('pageerror', (e) => troubles.push(`${page.url()}: ${e.message}`));
    page.on('request', (r) => { if (!r.url().startsWith(`${base}/`) && !/^(data|blob):/.test(r.url())) troubles.push(`asked elsewhere: ${r.url()}`); });
    page.on('response', (r) => { if (r.status() >= 500) troubles.push(`${r.status()} ${r.url()}`); });
    await page.goto(base);
    await page.click(`[data-login=${login}]`);
    await page.waitForSelector('nav[aria-label=Main]', { state: 'attached' });
    return page;
  }
  /** A picture for a person to look at, if $NAUBAT_SHOTS names a folder; a page too wide is a trouble. */
  async function shot(page, name) {
    await page.waitForTimeout(200);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) troubles.push(`${name}: ${wide} px too wide`);
    if (process.env.NAUBAT_SHOTS) await page.screenshot({ path: join(process.env.NAUBAT_SHOTS, `${name}.png`), fullPage: true });
  }
  async function end() {
    await browser.close();
    node.removeAllListeners('exit');
    const ended = new Promise((done) => node.on('exit', done));
    node.kill('SIGTERM');
    return { status: await ended, errors };
  }
  return { base, troubles, person, shot, end };
}
