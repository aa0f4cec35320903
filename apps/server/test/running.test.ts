/** docs/running.md has every flag as the code has it, and the files that it names work. */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readConfiguration } from '../src/configuration/configuration.ts';
import { FLAG_NAMES, FLAGS, variableOf } from '../src/configuration/flags.ts';
import { completeOptions } from '../src/configuration/options.ts';
import { temporaryDirectory } from './support.ts';

const text = readFileSync(join(import.meta.dirname, '../../../docs/running.md'), 'utf8');
const UNIT = join(import.meta.dirname, '../systemd/raftkv-server.service');

it('has every flag, its variable and its default', () => {
  const rows = text.split('\n').filter((line) => line.startsWith('| `--'));
  const expected = FLAG_NAMES.map((name) => {
    const { value, unlessGiven, help } = FLAGS[name];
    const variable = variableOf(name);
    const given = variable === null ? 'none' : `\`${variable}\``;
    return `| \`--${name}${value === '' ? '' : ` ${value}`}\` | ${given} | ${unlessGiven} | ${help} |`;
  });
  expect(rows).toEqual(expected);
});

it('has defaults that are those of the code', () => {
  const complete = completeOptions({});
  expect({
    name: complete.name,
    'listen-client': `${complete.listenClient.host}:${complete.listenClient.port}`,
    'listen-peer': `${complete.listenPeer.host}:${complete.listenPeer.port}`,
    'cluster-token': complete.clusterToken,
    'segment-bytes': String(complete.segmentBytes),
    'snapshot-log-bytes': String(complete.snapshotLogBytes),
  }).toEqual({
    name: FLAGS.name.unlessGiven,
    'listen-client': FLAGS['listen-client'].unlessGiven,
    'listen-peer': FLAGS['listen-peer'].unlessGiven,
    'cluster-token': FLAGS['cluster-token'].unlessGiven,
    'segment-bytes': FLAGS['segment-bytes'].unlessGiven,
    'snapshot-log-bytes': FLAGS['snapshot-log-bytes'].unlessGiven,
  });
});

it('shows configuration files that a node takes', async () => {
  const files = [...text.matchAll(/^```json\n(.*?)^```$/gms)].map(([, json]) => json ?? '');
  expect(files).toHaveLength(2);
  for (const json of files) {
    const file = join(await temporaryDirectory(), 'raftkv.json');
    await writeFile(file, json);
    const intent = readConfiguration(['--config', file], {});
    expect(intent.kind === 'serve' && completeOptions(intent.options).name).toBe('n1');
  }
});

const hasSystemd = existsSync('/usr/bin/systemd-analyze');
it.runIf(hasSystemd)('names a unit that systemd understands', async () => {
  const unit = readFileSync(UNIT, 'utf8').replace('/usr/local/bin/raftkv-server', process.execPath);
  const file = join(await temporaryDirectory(), 'raftkv-server.service');
  await writeFile(file, unit);
  // Complaints go to the error output and do not always change the exit code.
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
});
