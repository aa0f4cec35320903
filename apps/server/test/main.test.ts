import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { http, run, runWith, start, temporaryDirectory, until } from './support.ts';

const ANY = ['--listen-client', '127.0.0.1:0', '--listen-peer', '127.0.0.1:0'];

/** Of the built command: `npm run build` comes first. */
describe('raftkv-server', () => {
  it('serves, and ends with 0 on SIGTERM; what was acknowledged is there after kill -9', async () => {
    const directory = join(await temporaryDirectory(), 'data');
    const first = run(...ANY, '--data-dir', relative(process.cwd(), directory));
    const at = await first.taking();
    // With the ports that were chosen.
    expect(at.listening).toEqual({ client: new URL(at.clientUrl).host, peer: new URL(at.peerUrl).host });
    expect(at.listening.peer).not.toMatch(/:0$/);
    await until(async () => (await fetch(http(at, '/readyz'))).status === 200);
    expect((await fetch(http(at, '/v1/kv/a'), { method: 'PUT', body: 'x' })).status).toBe(200);
    first.process.kill('SIGKILL');
    await first.exit;

    const second = runWith({ RAFTKV_DATA_DIR: directory, RAFTKV_LOG_LEVEL: 'info' }, ...ANY);
    const then = await second.taking();
    await until(async () => (await fetch(http(then, '/readyz'))).status === 200);
    expect(await (await fetch(http(then, '/v1/kv/a'))).text()).toBe('x');

    const third = run(...ANY, '--data-dir', directory);
    expect([await third.exit, third.errors()]).toEqual([4, expect.stringContaining('in use')]);
    second.process.kill('SIGTERM');
    expect(await second.exit).toBe(0);
    const wrong = run(...ANY, '--data-dir', directory, '--name', 'other');
    expect([await wrong.exit, wrong.errors()]).toEqual([4, expect.stringContaining('belongs to node "n1"')]);
  });

  it('says which address is in use', async () => {
    const server = await start();
    const { host } = new URL(server.clientUrl);
    const directory = await temporaryDirectory();
    const child = run('--listen-client', host, '--listen-peer', '127.0.0.1:0', '--data-dir', directory);
    expect([await child.exit, child.errors()]).toEqual([5, expect.stringContaining('EADDRINUSE')]);
    const peer = new URL(server.peerUrl).host;
    const other = run('--listen-client', '127.0.0.1:0', '--listen-peer', peer, '--data-dir', directory);
    expect([await other.exit, other.errors()]).toEqual([5, expect.stringContaining('EADDRINUSE')]);
  });

  it('refuses what it does not know, with the nearest name, and wrong values with what may be', async () => {
    const directory = await temporaryDirectory();
    const file = join(directory, 'raftkv.json');
    await writeFile(file, JSON.stringify({ 'data-dirr': directory }));
    const cases: [string[], string][] = [
      [['--data-dri', 'x'], 'Did you mean --data-dir?'],
      [['--config', file], 'Did you mean data-dir?'],
      [['--listen-client', '7580'], 'HOST:PORT'],
      [['--listen-client', '0.0.0.0:0'], '--insecure'],
      [['--initial-cluster', 'n2=ws://127.0.0.1:1'], 'has to name this node'],
      [['--initial-cluster', 'n1'], 'NAME=URL'],
      [['--log-level', 'loud'], 'trace, debug'],
      [['--segment-bytes', '64M'], 'has to be a number'],
      [['--segment-bytes', '1000'], 'from 1048576 to'],
      [['--snapshot-log-bytes', '100'], 'at least 4096'],
      [['--name'], '--name needs a value'],
      [['--name', 'a b'], 'letters, digits'],
    ];
    const ends = cases.map(async ([args, expected]) => {
      const child = run(...args);
      expect([args, await child.exit, child.errors()]).toEqual([args, 2, expect.stringContaining(expected)]);
    });
    await Promise.all(ends);
  });
});
