/**
 * `npm run bench:micro`: appends a second with so many outstanding, beside what the bare loop of write and `fdatasync`
 * does on the same disk in the same run: the disk's own speed, with nothing around it.
 */

import { fdatasync, fdatasyncSync, mkdtempSync, openSync, rmSync, write, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { logIndex, nodeId, term, type Entry, firstConfiguration } from '@raftkv/core';
import { FileLogStorage } from '../src/index.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, directory: { type: 'string', default: tmpdir() } },
});
const RUNS = Number(values.runs);
const ENTRY_BYTES = 256;
/** What an entry of this size takes in the log. */
const RECORD_BYTES = 288;
const FILE_BYTES = 64 * 1024 * 1024;
const APPENDS = new Map([
  [1, 2000],
  [16, 16_000],
  [256, 100_000],
]);

const directory = mkdtempSync(join(values.directory, 'raftkv-bench-'));
try {
  await bench();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function bench(): Promise<void> {
  const bareFile = preallocated(join(directory, 'bare'));
  const storage = await openStorage();
  const bare: number[] = [];
  const bareAsync: number[] = [];
  const appends = new Map([...APPENDS.keys()].map((outstanding) => [outstanding, [] as number[]]));
  let from = 1;
  for (let run = 0; run < RUNS; run += 1) {
    bare.push(await perSecond(APPENDS.get(1)!, () => bareLoop(bareFile, APPENDS.get(1)!)));
    bareAsync.push(await perSecond(APPENDS.get(1)!, () => bareLoopOfCallbacks(bareFile, APPENDS.get(1)!)));
    for (const [outstanding, count] of APPENDS) {
      const first = from;
      appends
        .get(outstanding)!
        .push(await perSecond(count, () => append(storage, first, count, outstanding)));
      from += count;
    }
  }
  await storage.close();
  console.log(`bare loop of write and fdatasync, in the main thread: ${text(bare)}`);
  console.log(`the same by callbacks, which leaves the event loop free: ${text(bareAsync)}`);
  for (const [outstanding, rates] of appends) {
    const shares = [bare, bareAsync].map((base) => `${((100 * median(rates)) / median(base)).toFixed(0)} %`);
    console.log(`${outstanding} outstanding: ${text(rates)}, ${shares.join(' and ')} of these`);
  }
}

function preallocated(path: string): number {
  const file = openSync(path, 'w+');
  const zeros = new Uint8Array(1024 * 1024);
  for (let at = 0; at < FILE_BYTES; at += zeros.length) writeSync(file, zeros, 0, zeros.length, at);
  fdatasyncSync(file);
  return file;
}

function bareLoop(file: number, count: number): Promise<void> {
  const bytes = new Uint8Array(RECORD_BYTES).fill(7);
  for (let nth = 0; nth < count; nth += 1) {
    writeSync(file, bytes, 0, bytes.length, nth * bytes.length);
    fdatasyncSync(file);
  }
  return Promise.resolve();
}

function bareLoopOfCallbacks(file: number, count: number): Promise<void> {
  const bytes = new Uint8Array(RECORD_BYTES).fill(7);
  return new Promise((resolve, reject) => {
    let nth = 0;
    const next = (error: Error | null): void => {
      if (error !== null) return reject(error);
      if (nth === count) return resolve();
      write(file, bytes, 0, bytes.length, nth * bytes.length, (failed) => {
        nth += 1;
        if (failed === null) fdatasync(file, next);
        else reject(failed);
      });
    };
    next(null);
  });
}

/** Entries from `from` on, one a write, with so many writes under way. */
function append(storage: FileLogStorage, from: number, count: number, outstanding: number): Promise<void> {
  const data = new Uint8Array(ENTRY_BYTES).fill(7);
  return new Promise((resolve, reject) => {
    let asked = 0;
    let done = 0;
    const ask = (): void => {
      const entry: Entry = { index: logIndex(from + asked), term: term(1), kind: 'command', data };
      asked += 1;
      storage.write({ hardState: null, newBase: null, truncateFrom: null, entries: [entry] }, onDone);
    };
    const onDone = (error: Error | null): void => {
      if (error !== null) return reject(error);
      done += 1;
      if (done === count) resolve();
      else if (asked < count) ask();
    };
    while (asked < Math.min(outstanding, count)) ask();
  });
}

async function openStorage(): Promise<FileLogStorage> {
  const storage = new FileLogStorage({
    directory: join(directory, 'log'),
    node: nodeId('a'),
    cluster: 'bench',
    configuration: firstConfiguration([{ id: nodeId('a'), data: new Uint8Array(0) }]),
  });
  await storage.load();
  const hardState = { currentTerm: term(1), votedFor: nodeId('a'), commitIndex: logIndex(0) };
  await new Promise<void>((resolve, reject) => {
    storage.write({ hardState, newBase: null, truncateFrom: null, entries: [] }, (error) =>
      error === null ? resolve() : reject(error),
    );
  });
  return storage;
}

async function perSecond(count: number, run: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await run();
  return (count * 1000) / (performance.now() - startMs);
}

function median(rates: readonly number[]): number {
  return rates.toSorted((one, other) => one - other)[Math.floor(rates.length / 2)] ?? 0;
}

function text(rates: readonly number[]): string {
  const range = `${Math.round(Math.min(...rates))} to ${Math.round(Math.max(...rates))}`;
  return `${Math.round(median(rates))} a second (median of ${rates.length} runs, ${range})`;
}
