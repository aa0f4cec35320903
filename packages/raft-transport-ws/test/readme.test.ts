/** The example in the README runs as it stands there, and prints what the README says. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const home = join(import.meta.dirname, '..');

it('prints what the README says it prints', () => {
  const [example, printed] = blocks(readFileSync(join(home, 'README.md'), 'utf8'));
  mkdirSync(join(home, 'reports'), { recursive: true });
  const file = join(home, 'reports', 'readme-example.mjs');
  writeFileSync(file, example ?? '');

  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });

  expect(stderr).toBe('');
  expect(stdout).toBe(printed);
});

/** What stands between code fences. */
function blocks(markdown: string): string[] {
  return [...markdown.matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, text]) => text ?? '');
}
