/** Adds up what was checked, and writes the line that every run ends with. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readJson } from './workspace.mjs';

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Tally
 * @typedef {object} VitestReport
 * @property {boolean} success
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ status: string, assertionResults: unknown[] }[]} testResults
 */

/** @type {Tally} */
export const NOTHING = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {readonly Tally[]} tallies
 * @returns {Tally}
 */
export function sum(tallies) {
  return tallies.reduce(
    (total, tally) => ({
      passed: total.passed + tally.passed,
      failed: total.failed + tally.failed,
      skipped: total.skipped + tally.skipped,
    }),
    NOTHING,
  );
}

/**
 * The tests of one report by Vitest. A file that could not be loaded has no tests to fail and counts
 * as one; so does a run that failed outside of any test, and a report that is not there.
 *
 * @param {string} path
 * @returns {Tally}
 */
export function tallyOfReport(path) {
  if (!existsSync(path)) return { ...NOTHING, failed: 1 };
  /** @type {VitestReport} */
  const report = readJson(path);
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  const failed = report.numFailedTests + unloaded.length;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !report.success ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Where `npm test` leaves its tally, for whoever adds it to others. */
const SUMMARY = 'reports/summary.json';

/**
 * @param {string} root
 * @param {Tally} tally
 */
export function writeSummary(root, tally) {
  const path = join(root, SUMMARY);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(tally));
}

/**
 * @param {string} root
 * @returns {Tally}
 */
export function tallyOfSummary(root) {
  const path = join(root, SUMMARY);
  return existsSync(path) ? readJson(path) : { ...NOTHING, failed: 1 };
}

/** @param {Tally} tally */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

/**
 * A run that checked nothing has shown nothing.
 *
 * @param {Tally} tally
 */
export function exitCode({ passed, failed }) {
  return failed > 0 || passed === 0 ? 1 : 0;
}
