/** The built command in a process of its own. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const PROGRAM = join(import.meta.dirname, '..', 'dist', 'main.js');

function run(...args: string[]): Promise<{ code: unknown; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args], (error, out, err) => {
      resolve({ code: error === null ? 0 : error.code, out, err });
    });
  });
}

it('measures how long a killed leader is missed', async () => {
  const { code, out } = await run('fail-over', '--kills', '2');
  expect([code, out]).toEqual([
    0,
    expect.stringMatching(/2 kills: median \d+ ms, least \d+ ms, most \d+ ms\n$/),
  ]);
  expect(out.match(/^kill /gm)).toHaveLength(2);
});

it.each([
  [['fail-ovr'], "there is no command 'fail-ovr'"],
  [['fail-over', '--kills', 'many'], "--kills is a whole number of at least 1, not 'many'"],
  [['fail-over', '--kill', '2'], '--kill'],
])('refuses %j and says what there is', async (args, message) => {
  const { code, err } = await run(...args);
  expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  expect(err).toContain('npm run bench -- fail-over');
});
