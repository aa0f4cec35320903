import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closingLine, exitCode, sum, tallyOfReport } from '../lib/summary.mjs';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'raftkv-summary-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const GREEN = {
  success: true,
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [{ status: 'passed', assertionResults: [{}, {}, {}] }],
};

function tallyOf(report: typeof GREEN): ReturnType<typeof tallyOfReport> {
  const path = join(folder, 'vitest.json');
  writeFileSync(path, JSON.stringify(report));
  return tallyOfReport(path);
}

describe('the tally of a report', () => {
  it('counts what passed, failed and was skipped', () => {
    expect(tallyOf(GREEN)).toEqual({ passed: 3, failed: 0, skipped: 2 });
    expect(tallyOf({ ...GREEN, success: false, numFailedTests: 2 })).toEqual({
      passed: 3,
      failed: 2,
      skipped: 2,
    });
  });

  it('counts a file that could not be loaded, beside tests that failed', () => {
    const testResults = [...GREEN.testResults, { status: 'failed', assertionResults: [] }];
    expect(tallyOf({ ...GREEN, success: false, testResults }).failed).toBe(1);
    expect(tallyOf({ ...GREEN, success: false, numFailedTests: 2, testResults }).failed).toBe(3);
  });

  it('counts a run that failed outside of any test, and a report that is missing', () => {
    expect(tallyOf({ ...GREEN, success: false }).failed).toBe(1);
    expect(tallyOfReport(join(folder, 'absent.json'))).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('the closing line', () => {
  it('names what was skipped only where something was', () => {
    expect(closingLine({ passed: 7, failed: 0, skipped: 0 })).toBe('7 passed, 0 failed');
    expect(closingLine({ passed: 7, failed: 1, skipped: 2 })).toBe('7 passed, 1 failed, 2 skipped');
  });

  it('comes with a failing exit code when something failed or nothing was checked', () => {
    expect(exitCode({ passed: 7, failed: 0, skipped: 2 })).toBe(0);
    expect(exitCode({ passed: 7, failed: 1, skipped: 0 })).toBe(1);
    expect(exitCode({ passed: 0, failed: 0, skipped: 2 })).toBe(1);
  });

  it('adds up', () => {
    expect(sum([])).toEqual({ passed: 0, failed: 0, skipped: 0 });
    const tally = { passed: 1, failed: 2, skipped: 3 };
    expect(sum([tally, tally])).toEqual({ passed: 2, failed: 4, skipped: 6 });
  });
});
