/** One seed is one run: on this Node, and in a browser. CI runs this on several versions of Node. */

import { runSeed } from '@raftkv/simulation';
import { chromium } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HOW_TO_GET_CHROMIUM, isChromiumMissing, requireChromium } from './support/chromium.ts';
import { servePage } from './support/package-server.ts';

const SEEDS = [1, 2, 3, 4, 5, 2 ** 40 + 7, Number.MAX_SAFE_INTEGER];

/** Left by the page for the test to call. */
const PAGE = `
import { runSeed } from '@raftkv/simulation';
globalThis.digestsOf = async (seeds) => {
  const digests = [];
  for (const seed of seeds) digests.push((await runSeed(seed)).digest);
  return digests;
};
globalThis.isReady = true;
`;

describe('the trace of a seed', () => {
  it('is the same twice', async () => {
    expect(await digestsHere()).toEqual(await digestsHere());
  });

  it('is not that of another seed', async () => {
    expect(new Set(await digestsHere()).size).toBe(SEEDS.length);
  });

  it('is the same in Chromium', async ({ skip }) => {
    skip(isChromiumMissing, HOW_TO_GET_CHROMIUM);
    expect(await digestsInChromium()).toEqual(await digestsHere());
  });
});

async function digestsHere(): Promise<string[]> {
  const digests: string[] = [];
  for (const seed of SEEDS) digests.push((await runSeed(seed)).digest);
  return digests;
}

async function digestsInChromium(): Promise<unknown> {
  // Without a sandbox: inside of containers there is none to be had, and the page is ours.
  const browser = await chromium.launch({ executablePath: requireChromium(), args: ['--no-sandbox'] });
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(await servePage(PAGE));
  await page.waitForFunction('globalThis.isReady === true').catch(() => {
    throw new Error(`the page did not load: ${errors.join('; ')}`);
  });
  return page.evaluate(`globalThis.digestsOf(${JSON.stringify(SEEDS)})`);
}
