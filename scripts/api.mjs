/**
 * Compares what the public packages export with what was reviewed, which stands in `docs/api`; with `--update` writes it
 * anew. The packages have to be built.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { differences, publicEntryPoints, REPORTS, reportOf, undocumented } from './lib/api-reports.mjs';
import { ROOT } from './lib/workspace.mjs';

const isUpdate = process.argv.includes('--update');
const folder = isUpdate ? REPORTS : 'reports/api';

const reports = new Map(publicEntryPoints().map((entry) => [entry.report, reportOf(entry)]));
mkdirSync(join(ROOT, folder), { recursive: true });
for (const name of readdirSync(join(ROOT, folder))) rmSync(join(ROOT, folder, name));
for (const [name, text] of reports) writeFileSync(join(ROOT, folder, name), text);

const changed = differences(reports, join(ROOT, REPORTS));
for (const name of changed) {
  const paths = [join(REPORTS, name), join(folder, name)];
  spawnSync('git', ['--no-pager', 'diff', '--no-index', '--', ...paths], { cwd: ROOT, stdio: 'inherit' });
}
const silent = [...reports].flatMap(([name, text]) =>
  undocumented(text).map((symbol) => `${name}: ${symbol}`),
);
for (const symbol of silent) console.error(`no docstring says what this is: ${symbol}`);
if (changed.length > 0) {
  console.error(
    `What users can import has changed: ${changed.join(', ')}. If that is meant, \`npm run api -- --update\`, look ` +
      'at the difference, and write a changeset.',
  );
}
if (changed.length > 0 || silent.length > 0) process.exitCode = 1;
