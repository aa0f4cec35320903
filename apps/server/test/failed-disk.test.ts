/** A process whose disk takes no more: files that may not grow beyond what the log begins with. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { http, run, temporaryDirectory, until } from './support.ts';

const MAIN = join(import.meta.dirname, '../dist/main.js');
const SEGMENT_BYTES = 1024 * 1024;
/** Of 1,024 bytes each: a first segment fits, one that is longer because of its only entry does not. */
const FILE_BLOCKS_MAX = 1100;

// Windows has no such limit.
it.runIf(process.platform !== 'win32')('exits with 3, and keeps what it had acknowledged', async () => {
  const directory = await temporaryDirectory();
  const args = ['--data-dir', directory, '--listen-client', '127.0.0.1:0', '--listen-peer', '127.0.0.1:0'];
  args.push('--segment-bytes', String(SEGMENT_BYTES));
  const limited = `ulimit -f ${FILE_BLOCKS_MAX}; exec "$@"`;
  const child = spawn('bash', ['-c', limited, 'bash', process.execPath, MAIN, ...args]);
  const ended = once(child, 'exit');
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const line = (): string | undefined => output.split('\n').find((text) => text.includes('takes part'));
  await until(() => line() !== undefined);
  const at = JSON.parse(line()!) as { clientUrl: string };
  await until(async () => (await fetch(http(at, '/readyz'))).status === 200);
  const put = (key: string, body: string): Promise<Response> =>
    fetch(http(at, `/v1/kv/${key}`), { method: 'PUT', body });
  expect((await put('kept', 'x')).status).toBe(200);
  const refused = await put('large', 'x'.repeat(1.4 * SEGMENT_BYTES));
  expect([refused.status, await refused.json()]).toMatchObject([503, { outcome: 'unknown' }]);
  expect(await ended).toEqual([3, null]);

  const again = run(...args);
  const then = await again.taking();
  await until(async () => (await fetch(http(then, '/readyz'))).status === 200);
  expect(await (await fetch(http(then, '/v1/kv/kept'))).text()).toBe('x');
});
