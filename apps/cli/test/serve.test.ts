/** The server behind the same command. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from './support/cleanups.ts';
import { raftkv, start } from './support/command.ts';
import { until } from './support/servers.ts';
import { containing, matching } from './support/matching.ts';

const ANY = ['--listen-client', '127.0.0.1:0', '--listen-peer', '127.0.0.1:0'];

it('serves with the flags of the server until a signal, and ends as the server does', async () => {
  const directory = await temporaryDirectory();
  const serving = start(['serve', ...ANY, '--name', 'north', '--data-dir', join(directory, 'data')]);
  const lineOf = (): string | undefined =>
    serving
      .output()
      .split('\n')
      .find((line) => line.includes('takes part'));
  await until(() => lineOf() !== undefined);
  const { clientUrl } = JSON.parse(lineOf()!) as { clientUrl: string };
  const put = await raftkv(['put', 'k', 'v', '--timeout', '1m'], { RAFTKV_ENDPOINTS: clientUrl });
  expect(put).toMatchObject({ code: 0 });
  const status = await raftkv(['status', '-o', 'json'], { RAFTKV_ENDPOINTS: clientUrl });
  expect(JSON.parse(status.output)).toMatchObject([{ name: 'north', role: 'leader' }]);
  serving.process.kill('SIGTERM');
  expect(await serving.ended).toMatchObject({ code: 0 });

  // Its own code for a directory that belongs to another node.
  const other = await raftkv(['serve', ...ANY, '--name', 'south', '--data-dir', join(directory, 'data')]);
  expect(other).toMatchObject({ code: 4, errors: containing('belongs to node "north"') });
});

it('shows the help, the version and the errors of the server', async () => {
  const [byFlag, byCommand, version, wrong] = await Promise.all([
    raftkv(['serve', '--help']),
    raftkv(['help', 'serve']),
    raftkv(['serve', '--version']),
    raftkv(['serve', '--data-dri', 'x']),
  ]);
  expect(byFlag).toMatchObject({ code: 0, errors: '', output: containing('--initial-cluster') });
  expect(byCommand).toEqual(byFlag);
  expect(byFlag.output.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(version).toMatchObject({ code: 0, output: matching(/^\d+\.\d+\.\d+/) });
  // Under the name that was typed, not under that of the server's own command.
  expect(byFlag.output).toMatch(/^raftkv serve: /);
  expect(wrong).toMatchObject({
    code: 2,
    errors: matching(/^raftkv serve: .*Did you mean --data-dir\?/),
  });
});

it('loads the server for nothing else', () => {
  const dist = join(import.meta.dirname, '../dist');
  const loaded = new Map<string, string[]>();
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    const imports = readFileSync(path, 'utf8').matchAll(/^(?:import|export) (?:[^;'=(]* from )?'([^']+)';/gm);
    const names = [...imports].map(([, name = '']) => name);
    loaded.set(path, names);
    for (const name of names) if (name.startsWith('.')) load(join(path, '..', name));
  };
  load(join(dist, 'main.js'));
  expect(loaded.size).toBeGreaterThan(15);
  const packages = new Set([...loaded.values()].flat().filter((name) => !/^(\.|node:)/.test(name)));
  expect([...packages].toSorted()).toEqual(['@raftkv/kv-client', '@raftkv/kv-protocol', 'commander']);
});
