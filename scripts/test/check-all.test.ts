import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tallyOfEverything } from '../lib/check-all.mjs';

const STATIC_CHECKS = 5;
let root = '';

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), JSON.stringify(content));
}

function report(folder: string, passed: number, failed: number): void {
  write(`${folder}/reports/vitest.json`, {
    success: failed === 0,
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [],
  });
}

beforeEach(() => {
  // What it says belongs to the run under test, not to the run of this test.
  vi.spyOn(console, 'log').mockImplementation(() => {});
  root = mkdtempSync(join(tmpdir(), 'raftkv-check-'));
  for (const folder of ['packages/one', 'packages/two']) {
    write(`${folder}/package.json`, { name: folder, scripts: { test: 'vitest run' } });
  }
  write('packages/untested/package.json', { name: 'untested' });
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true });
});

/** Stands in for the tools: fails the call that contains `broken`, and writes reports when tests run. */
function check(broken: string, writeReports: () => void): ReturnType<typeof tallyOfEverything> {
  return tallyOfEverything(async ({ args }) => {
    if (args.includes('test')) writeReports();
    return Promise.resolve(!args.includes(broken));
  }, root);
}

function green(): void {
  report('packages/one', 3, 0);
  report('packages/two', 4, 0);
}

describe('npm test', () => {
  it('counts every check and every test', async () => {
    expect(await check('nothing', green)).toEqual({ passed: 2 + STATIC_CHECKS + 7, failed: 0, skipped: 0 });
  });

  it('stops after an install or a build that failed, and counts it', async () => {
    expect(await check('install', green)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(await check('build', green)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it('goes on after a static check that failed', async () => {
    expect(await check('typecheck', green)).toEqual({ passed: 1 + STATIC_CHECKS + 7, failed: 1, skipped: 0 });
  });

  it('counts failed tests once, though the run of all tests fails too', async () => {
    const tally = await check('test', () => {
      report('packages/one', 2, 1);
      report('packages/two', 4, 0);
    });
    expect(tally).toEqual({ passed: 2 + STATIC_CHECKS + 6, failed: 1, skipped: 0 });
  });

  it('counts a run of the tests that failed for no reason a report names', async () => {
    expect(await check('test', green)).toMatchObject({ failed: 1 });
  });

  it('takes no report of an earlier run for one of this run', async () => {
    green();
    expect(await check('nothing', () => report('packages/one', 3, 0))).toMatchObject({ failed: 1 });
  });
});
