// The council's seat: charts that are tables too, no case, and a checkpoint that it keeps and verifies against.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { play } from './play.mjs';
import { absent } from './stage.mjs';

let stage;
before(async () => { if (!absent) stage = await play(); });
after(() => stage?.end());

for (const [name, look] of [['1280', {}], ['390', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }]]) {
  test(`oversight at ${name}`, { skip: absent }, async () => {
    const page = await stage.person('council', look);
    await page.goto(`${stage.base}/oversight`);
    await page.waitForSelector('h2 >> text=Incidents by month');
    // What the picture shows, the table says: no number below five in either.
    for (const table of await page.$$('main table')) {
      for (const cell of await table.$$eval('td', (all) => all.map((td) => td.textContent.trim()))) assert.ok(!/^[0-4]$/.test(cell), `a small number shows: ${cell}`);
    }
    const banking = await page.locator('tr', { has: page.locator('th', { hasText: 'Banking' }) }).first().locator('td').first().textContent();
    assert.match(banking.trim(), /^\d+$/);
    assert.equal((await page.textContent('main')).includes('DEMO-'), false);
    await stage.shot(page, `oversight-${name}`);
    const [file] = await Promise.all([page.waitForEvent('download'), page.click('text=Download a checkpoint')]);
    const note = await readFile(await file.path(), 'utf8');
    assert.match(note, /^\S+\n\d+\n/);
    await page.setInputFiles('input[type=file]', { name: 'kept.txt', mimeType: 'text/plain', buffer: Buffer.from(note) });
    await page.click('text=Verify against it');
    await page.waitForSelector('.verdict.ok');
    await stage.shot(page, `oversight-verified-${name}`);
    await page.context().close();
  });
}
