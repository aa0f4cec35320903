/** `put` and `get`: one load, or a ladder of them, on our own cluster, beside etcd, or on one that runs already. */

import { writeFile } from 'node:fs/promises';
import { measureDisk } from '../machine/disk.ts';
import { line, markdown, median } from '../report/text.ts';
import { raftkvAt, startRaftkv } from '../stores/raftkv.ts';
import type { Store } from '../stores/store.ts';
import { countOf, flagsFrom, UsageError } from '../usage.ts';
import { measure, type Measurement } from './measure.ts';
import { described, LOAD_FLAGS, settingsFrom, type Settings } from './settings.ts';

const CLIENT_LADDER = [1, 16, 64, 256, 1024, 4096];
const VALUE_LADDER = [16, 256, 4096, 65_536, 1_048_576];
/** As many bytes in all for a value of any length, within these. */
const LADDER_BYTES = 64 * 1024 * 1024;

const FLAGS = [...LOAD_FLAGS, 'endpoints', 'against', 'rounds', 'ladder', 'json'];

/** @returns the exit code */
export async function runLoadCommand(kind: 'put' | 'get', args: readonly string[]): Promise<number> {
  const flags = flagsFrom(args, FLAGS);
  const steps = stepsOf(settingsFrom(kind, flags), flags['ladder']);
  const rounds = countOf(flags, 'rounds', flags['against'] === undefined ? 1 : 3);
  const starts = storesOf(flags);
  const disk = await measureDisk();
  console.log(
    `disk: 4 KiB written and synced in ${disk.p50.toFixed(2)} ms (p50), ${disk.p99.toFixed(2)} ms (p99)`,
  );
  const measurements: Measurement[] = [];
  for (const settings of steps) {
    console.log(`\n${described(settings)}`);
    // In turn, each alone, so that whatever else the machine does in between falls on all alike.
    for (let round = 0; round < rounds; round += 1) {
      for (const start of starts) measurements.push(await measureAlone(start, settings));
    }
    if (starts.length > 1) console.log(ratio(measurements.filter((each) => each.settings === settings)));
  }
  if (measurements.length > 1) console.log(`\n${markdown(measurements)}`);
  if (flags['json'] !== undefined)
    await writeFile(flags['json'], JSON.stringify({ disk, measurements }, null, 2));
  return measurements.some(({ failed }) => failed > 0) ? 1 : 0;
}

async function measureAlone(start: () => Promise<Store>, settings: Settings): Promise<Measurement> {
  const store = await start();
  try {
    const measurement = await measure(store, settings);
    console.log(line(measurement));
    return measurement;
  } finally {
    await store.close();
  }
}

function storesOf(flags: ReturnType<typeof flagsFrom>): (() => Promise<Store>)[] {
  const { endpoints, against } = flags;
  if (against !== undefined && against !== 'etcd') {
    throw new UsageError(`--against knows etcd, not '${against}'`);
  }
  const own = endpoints === undefined ? startRaftkv : () => Promise.resolve(raftkvAt(endpoints.split(',')));
  return against === undefined ? [own] : [own, startEtcd];
}

/** Its client is slow to load, and few need it. */
async function startEtcd(): Promise<Store> {
  const etcd = await import('../stores/etcd.ts');
  return etcd.startEtcd();
}

function stepsOf(settings: Settings, ladder: string | undefined): Settings[] {
  switch (ladder) {
    case undefined:
      return [settings];
    case 'clients':
      return CLIENT_LADDER.map((clients) => ({
        ...settings,
        clients,
        conns: Math.min(settings.conns, clients),
      }));
    case 'values':
      return VALUE_LADDER.map((valSize) => {
        const total = Math.min(settings.total, Math.max(200, Math.floor(LADDER_BYTES / valSize)));
        return { ...settings, valSize, total, keySpaceSize: Math.min(settings.keySpaceSize, total) };
      });
    default:
      throw new UsageError(`--ladder is clients or values, not '${ladder}'`);
  }
}

function ratio(measurements: readonly Measurement[]): string {
  const of = (store: string, pick: (each: Measurement) => number): number =>
    median(measurements.filter((each) => each.store === store).map(pick));
  const pair = (pick: (each: Measurement) => number): string =>
    (of('raftkv', pick) / of('etcd', pick)).toFixed(2);
  return `medians, raftkv to etcd: ${pair((each) => each.perSecond)} × the throughput, ${pair((each) => each.p50)} × the p50, ${pair((each) => each.p99)} × the p99`;
}
