/** The built command in a process of its own. */

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

interface Written {
  readonly disk: { readonly p50: number };
  readonly measurements: readonly { readonly p50: number; readonly max: number }[];
}

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

it('measures puts and gets on processes of its own, and writes what it measured to a file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'raftkv-bench-test-'));
  const json = join(directory, 'result.json');
  const small = ['--clients', '4', '--conns', '2', '--total', '200', '--key-space-size', '20'];
  const puts = await run('put', ...small, '--json', json);
  expect([puts.code, puts.out]).toEqual([0, expect.stringMatching(/^raftkv +\d+\/s {2}p50\/p90\/p99\/max/m)]);
  const { disk, measurements } = JSON.parse(await readFile(json, 'utf8')) as Written;
  expect(disk.p50).toBeGreaterThan(0);
  expect(measurements).toMatchObject([{ store: 'raftkv', operations: 200, failed: 0 }]);
  expect(measurements[0]?.p50).toBeLessThanOrEqual(measurements[0]?.max ?? 0);
  const gets = await run('get', ...small, '--consistency', 's', '--rate', '1000');
  expect([gets.code, gets.out]).toEqual([
    0,
    expect.stringContaining('get-serializable: 4 clients on 2 connections'),
  ]);
  await rm(directory, { recursive: true });
});

it.each([
  [['put', '--consistency', 'x'], '--consistency is l (linearizable) or s (serializable)'],
  [['put', '--against', 'redis'], "--against knows etcd, not 'redis'"],
  [['put', '--ladder', 'keys'], '--ladder is clients or values'],
  [['fail-ovr'], "there is no command 'fail-ovr'"],
  [['fail-over', '--kills', 'many'], "--kills is a whole number of at least 1, not 'many'"],
  [['fail-over', '--kill', '2'], '--kill'],
])('refuses %j and says what there is', async (args, message) => {
  const { code, err } = await run(...args);
  expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  expect(err).toContain('npm run bench -- fail-over');
});
