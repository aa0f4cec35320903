/** The README is true: its example prints what it says, and its tables have what there is. */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { temporaryDirectory } from './support/cleanups.ts';
import { environmentOf, MAIN, raftkv } from './support/command.ts';
import { at, started } from './support/servers.ts';

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');

/** What stands between code fences. */
const [example = '', printed = ''] = [...readme.matchAll(/^```\w*\n(.*?)^```$/gms)].map(
  ([, text]) => text ?? '',
);

it('prints what the README says it prints', async () => {
  const server = await started();
  const bin = await temporaryDirectory();
  const command = join(bin, 'raftkv');
  await writeFile(command, `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  await chmod(command, 0o755);
  const env = environmentOf({ ...at(server), PATH: `${bin}:${process.env['PATH']}` });
  const { stdout } = await promisify(execFile)('bash', ['-c', `exec 2>&1\n${example}`], { env });
  expect(stdout).toBe(printed);
});

it('names every command and flag, and every exit code', async () => {
  const { output } = await raftkv(['completion', 'bash']);
  const [, first = ''] = /'' ?\) words='([^']*)'/.exec(output) ?? [];
  const flags = [...output.matchAll(/--[a-z-]+(?=[ '|)])/g)].map(([flag]) => flag);
  expect(first.split(' ').length).toBeGreaterThan(8);
  for (const word of new Set([...first.split(' '), ...flags])) expect(readme).toContain(`\`${word}`);
  for (const code of Object.values(EXIT_CODES))
    expect(readme).toMatch(new RegExp(`^\\| .*\\b${code}\\b.* \\|`, 'm'));
});
