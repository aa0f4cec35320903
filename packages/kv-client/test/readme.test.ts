/** The example in the README runs as it stands there, against a node on another port, and prints what the README says. */

import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { LoopbackNode } from './support/server.ts';

const home = join(import.meta.dirname, '..');

it('prints what the README says it prints', async () => {
  const [example = '', printed] = blocks(readFileSync(join(home, 'README.md'), 'utf8'));
  const node = new LoopbackNode();
  const url = await node.start();
  mkdirSync(join(home, 'reports'), { recursive: true });
  const file = join(home, 'reports', 'readme-example.mjs');
  writeFileSync(file, example.replace('ws://127.0.0.1:7580', url));

  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file]);

  await node.stop();
  expect(stderr).toBe('');
  expect(stdout).toBe(printed);
});

/** What stands between code fences. */
function blocks(markdown: string): string[] {
  return [...markdown.matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, text]) => text ?? '');
}
