/** One seed is one run, and a story has one trace: on this Node, and in a browser. CI runs this on several versions of Node. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runSeed } from '@raftkv/simulation';
import { chromium } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HOW_TO_GET_CHROMIUM, isChromiumMissing, requireChromium } from './support/chromium.ts';
import { servePage } from './support/package-server.ts';

const SEEDS = [1, 2, 3, 4, 5, 2 ** 40 + 7, Number.MAX_SAFE_INTEGER];

const SCENARIOS = join(import.meta.dirname, '../../../packages/raft-simulation/scenarios');

/** Left by the page for the test to call. */
const PAGE = `
import { runSeed } from '@raftkv/simulation';
import { runScenario } from '@raftkv/simulation/scenarios';
globalThis.tracesOf = (stories) => stories.map((story) => runScenario(story).text);
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
    const digests = await inChromium(`digestsOf(${JSON.stringify(SEEDS)})`);
    expect(digests).toEqual(await digestsHere());
  });
});

describe('scenarios', () => {
  it('have the same traces in Chromium', async ({ skip }) => {
    skip(isChromiumMissing, HOW_TO_GET_CHROMIUM);
    const stories = await scenarios();
    expect(stories.length).toBeGreaterThan(30);
    expect(await inChromium(`tracesOf(${JSON.stringify(stories)})`)).toEqual(stories);
  });
});

async function scenarios(): Promise<string[]> {
  const names = await readdir(SCENARIOS, { recursive: true });
  const files = names.filter((name) => name.endsWith('.txt'));
  return Promise.all(files.map((name) => readFile(join(SCENARIOS, name), 'utf8')));
}

async function digestsHere(): Promise<string[]> {
  const digests: string[] = [];
  for (const seed of SEEDS) digests.push((await runSeed(seed)).digest);
  return digests;
}

/** What `call` of the page's own gives. */
async function inChromium(call: string): Promise<unknown> {
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
  return page.evaluate(`globalThis.${call}`);
}
