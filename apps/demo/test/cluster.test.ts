/** A plain `npm start`: the built program in a process of its own. */

import { createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { endAll, run, temporaryDirectory, type Running } from './support.ts';

afterEach(endAll);

/** What it tells to try. */
function urlToTry({ printed }: Running): string {
  return /curl -L (http\S+)/.exec(printed())?.[1] ?? '';
}

it('runs three nodes until a signal, and keeps what was written', async () => {
  const cwd = await temporaryDirectory();
  const first = run([], { cwd });
  await first.untilPrinted('follows');
  expect((await fetch(urlToTry(first), { method: 'PUT', body: 'green' })).status).toBe(200);
  process.kill(first.pid, 'SIGTERM');
  expect([await first.ended, first.printed()]).toEqual([0, expect.stringContaining('stopped')]);

  const second = run([], { cwd });
  await second.untilPrinted('follows');
  expect(await (await fetch(urlToTry(second))).text()).toBe('green');
  process.kill(second.pid, 'SIGINT');
  expect(await second.ended).toBe(0);
});

it('says that a port is taken, and takes others', async () => {
  const holder = createServer().listen(7583, '127.0.0.1');
  // Another test, or a cluster of the developer's, may hold it already: it is taken all the same.
  await new Promise((resolve) => {
    holder.once('listening', resolve).once('error', resolve);
  });
  const demo = run([], { cwd: await temporaryDirectory() });
  await demo.untilPrinted('/v1/status');
  holder.close();
  expect(demo.printed()).toMatch(/port .*7583.* is taken: the nodes have other ones/);
  expect(urlToTry(demo)).not.toContain(':7580');
  process.kill(demo.pid, 'SIGTERM');
  expect(await demo.ended).toBe(0);
});

it('says that another holds its directory', async () => {
  const cwd = await temporaryDirectory();
  const first = run([], { cwd });
  await first.untilPrinted('/v1/status');
  const second = run([], { cwd });
  expect([await second.ended, second.printed()]).toEqual([1, expect.stringContaining('in use')]);
});

it('refuses what it does not know', async () => {
  const wrong = run(['--stroy']);
  expect([await wrong.ended, wrong.printed()]).toEqual([2, expect.stringContaining('--story')]);
});
