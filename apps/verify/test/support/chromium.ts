/** The browser that pages are tested in: one that is installed, since none comes with the packages. */

import { existsSync } from 'node:fs';

/** What a skipped test says. */
export const HOW_TO_GET_CHROMIUM =
  'no Chromium is here: apt-get install chromium, or CHROMIUM_PATH=/path/of/chromium/or/chrome';

/**
 * Skip tests in a browser? Where `RAFTKV_CHROMIUM=required`, as in CI, they are run, and fail for want of it.
 */
export const isChromiumMissing =
  chromiumPath() === undefined && process.env['RAFTKV_CHROMIUM'] !== 'required';

// The report of a run names skipped tests without their reasons.
if (isChromiumMissing) console.warn(`tests are skipped: ${HOW_TO_GET_CHROMIUM}`);

/** @throws {Error} saying how to get it. */
export function requireChromium(): string {
  const path = chromiumPath();
  if (path === undefined) throw new Error(HOW_TO_GET_CHROMIUM);
  return path;
}

function chromiumPath(): string | undefined {
  return [
    process.env['CHROMIUM_PATH'] ?? '',
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ].find((path) => path !== '' && existsSync(path));
}
