// For the browser tests that play on two widths: the stage, signed-in pages, and pictures for a person to look at.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { openStage, signIn } from './stage.mjs';

export async function play() {
  const stage = await openStage();
  async function person(login, options = {}) {
    const page = await stage.newPage({ viewport: { width: 1280, height: 900 }, ...options });
    await signIn(page, stage.base, login);
    return page;
  }
  /** A picture if $NAUBAT_SHOTS names a folder; a page too wide is a trouble. */
  async function shot(page, name) {
    await page.waitForTimeout(200);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) stage.troubles.push(`${name}: ${wide} px too wide`);
    if (process.env.NAUBAT_SHOTS) await page.screenshot({ path: join(process.env.NAUBAT_SHOTS, `${name}.png`), fullPage: true });
  }
  async function end() {
    await stage.close();
    assert.deepEqual([...new Set(stage.troubles)], []);
  }
  return { base: stage.base, person, shot, end };
}
