// What the browser tests share: the demonstration of the real program ($NAUBAT, else build/naubat), and Chromium.
// A console error, a refusal of the Content-Security-Policy, a request to another host and an HTTP 5xx are troubles.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const naubat = process.env.NAUBAT ?? join(root, 'build', 'naubat');
const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const chromiumFlags = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic'];
export const absent = existsSync(chromiumPath) ? false : `${chromiumPath} is not installed`;
export const patience = Number(process.env.NAUBAT_PATIENCE_MS ?? 60_000);    // The sanitized program on a busy machine is slow, never wrong.

const freePort = () => new Promise((found) => {
  const server = createServer().listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => found(port)); });
});

async function startNode() {
  const started = spawn(naubat, ['demo', '--port', String(await freePort())], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '', errors = '';
  started.stderr.on('data', (d) => { errors += d; });
  const base = await new Promise((ready, failed) => {
    started.stdout.on('data', (d) => { said += d; const url = said.match(/http:\/\/127\.0\.0\.1:\d+(?=\/)/); if (url) ready(url[0]); });
    started.on('error', failed);
    started.on('exit', (status) => failed(new Error(`the demonstration ended with ${status}: ${errors}`)));
  });
  return { started, base };
}

/** The demonstration and a browser: {base, troubles, newPage, close}. */
export async function openStage() {
  const { started, base } = await startNode();
  const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
  const troubles = [];

  async function newPage(options = {}) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'Asia/Karachi', ...options });
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    page.on('console', (m) => {
      // Who is not signed in is told so with a 401, which Chromium writes down as an error.
      if (m.type() === 'error' && !(m.location().url === `${base}/api/session` && m.text().includes('401'))) troubles.push(`${page.url()}: ${m.text()} (${m.location().url})`);
    });
    page.on('pageerror', (e) => troubles.push(`${page.url()}: ${e.message}`));
    page.on('request', (r) => { if (!r.url().startsWith(`${base}/`) && !/^(data|blob):/.test(r.url())) troubles.push(`asked elsewhere: ${r.url()}`); });
    page.on('response', (r) => { if (r.status() >= 500) troubles.push(`${r.status()} ${r.url()}`); });
    return page;
  }

  async function close() {
    await browser.close();
    started.removeAllListeners('exit');
    const ended = new Promise((done) => started.once('exit', done));
    started.kill('SIGTERM');
    assert.equal(await ended, 0, 'the node ends cleanly');
  }
  return { base, troubles, newPage, close };
}

export async function signIn(page, base, login) {
  await page.goto(base);
  await page.click(login ? `[data-login=${login}]` : '[data-login] >> nth=0');
  await page.waitForSelector('nav[aria-label=Main]', { state: 'attached' });
}
