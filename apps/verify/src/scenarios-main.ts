/** `npm run scenarios -- …`: runs the stories of the protocol, and shows where their traces are not as expected. */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { runScenario, ScenarioError, unifiedDiff } from '@raftkv/simulation/scenarios';

const USAGE = `npm run scenarios -- [--update] [FILTER …]

  FILTER    runs only the files whose path has it
  --update  writes the traces as they are into the files: read the difference as a change of the protocol`;

const FOLDER = join(import.meta.dirname, '../../../packages/raft-simulation/scenarios');

const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: { update: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});

if (values.help) console.log(USAGE);
else process.exitCode = await runAll();

async function runAll(): Promise<number> {
  const names = (await readdir(FOLDER, { recursive: true }))
    .filter((name) => name.endsWith('.txt'))
    .filter((name) => filters.length === 0 || filters.some((filter) => name.includes(filter)))
    .toSorted();
  let failed = 0;
  for (const name of names) {
    const failure = await runFile(join(FOLDER, name));
    if (failure === '') continue;
    failed += 1;
    console.log(failure);
  }
  // A filter that fits nothing would otherwise pass for a green run.
  if (names.length === 0) console.log('no scenario fits');
  console.log(`${names.length - failed} passed, ${failed} failed`);
  return failed === 0 && names.length > 0 ? 0 : 1;
}

/** What is wrong with one file; empty where nothing is. */
async function runFile(path: string): Promise<string> {
  const name = relative(process.cwd(), path);
  const expected = await readFile(path, 'utf8');
  try {
    const { text, violations } = runScenario(expected);
    if (values.update && text !== expected) await writeFile(path, text);
    const difference = values.update ? '' : unifiedDiff(name, expected, text);
    return [difference, ...violations.map((violation) => `${name}: ${violation}`)]
      .filter((part) => part !== '')
      .join('\n');
  } catch (error) {
    if (error instanceof ScenarioError) return `${name}: ${error.message}`;
    throw error;
  }
}
