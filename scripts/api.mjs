/**
 * Compares what the public packages export with what was reviewed, which stands in `docs/api`; with `--update` writes it
 * anew. The packages have to be built.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  differences,
  publicEntryPoints,
  REPORTS,
  reportOf,
  undocumented,
  undocumentedMembers,
  unexported,
} from './lib/api-reports.mjs';
import { ROOT } from './lib/workspace.mjs';

const isUpdate = process.argv.includes('--update');
const output = isUpdate ? REPORTS : 'reports/api';

const entryPoints = publicEntryPoints();
const reports = new Map(entryPoints.map((entry) => [entry.report, reportOf(entry)]));
mkdirSync(join(ROOT, output), { recursive: true });
for (const name of readdirSync(join(ROOT, output))) rmSync(join(ROOT, output, name));
for (const [name, text] of reports) writeFileSync(join(ROOT, output, name), text);

const changed = differences(reports, join(ROOT, REPORTS));
for (const name of changed) {
  const paths = [join(REPORTS, name), join(output, name)];
  spawnSync('git', ['--no-pager', 'diff', '--no-index', '--', ...paths], { cwd: ROOT, stdio: 'inherit' });
}
const silent = [...reports].flatMap(([name, text]) =>
  [...undocumented(text), ...undocumentedMembers(text, reports.values())].map(
    (symbol) => `${name}: ${symbol}`,
  ),
);
const nameless = entryPoints.flatMap(({ folder, report }) => {
  const siblings = entryPoints.filter((other) => other.folder === folder);
  const ofPackage = siblings.map((other) => reports.get(other.report) ?? '');
  return unexported(reports.get(report) ?? '', ofPackage).map((symbol) => `${report}: ${symbol}`);
});
for (const symbol of nameless) console.error(`a signature names what nobody can import: ${symbol}`);
for (const symbol of silent) console.error(`no docstring says what this is: ${symbol}`);
if (changed.length > 0) {
  console.error(
    `What users can import has changed: ${changed.join(', ')}. If that is meant, \`npm run api -- --update\`, look ` +
      'at the difference, and write a changeset.',
  );
}
if (changed.length > 0 || silent.length > 0 || nameless.length > 0) process.exitCode = 1;
