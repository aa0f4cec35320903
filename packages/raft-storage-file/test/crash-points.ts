/**
 * Runs a workload on files in memory, ends it after one operation, takes the power away, and looks at what the next
 * start finds: all that was acknowledged, nothing that was never written, in the order in which it was written. Also
 * where the recovery itself is cut, and where only the process ended, and the power goes after the next start.
 */

import { firstConfiguration, logIndex, nodeId, type Entry } from '@raftkv/core';
import { FileLogStorage } from '../src/index.ts';
import { MemoryFiles, type Unsynced } from '../src/testing/index.ts';
import { workloadOf, type LogState, type Workload } from './support/workload.ts';

const DIRECTORY = '/data';
const SEGMENT_BYTES = 4096;
const ALL = 2 ** 40;
/** Calls that wait for their answer at a time. */
const OUTSTANDING = 3;
const CALLS = 120;

export interface CrashPoint {
  readonly seed: number;
  /** Operations of the workload that take place. */
  readonly cutAfter: number;
  readonly unsynced: Unsynced;
  /** Is the power cut at once, or only the process ended, and the power after the next start? */
  readonly isKilledFirst: boolean;
  /** Operations of the recovery that take place before it is cut too; `null`: it is not. */
  readonly cutRecoveryAfter: number | null;
}

/** @throws if the log does not hold what it must. */
export async function checkCrashPoint(point: CrashPoint): Promise<void> {
  const { seed, cutAfter, unsynced, isKilledFirst, cutRecoveryAfter } = point;
  const files = new MemoryFiles({ seed: seed + cutAfter });
  const workload = mainWorkload(seed);
  files.stopAfter = cutAfter;
  const acknowledged = await run(files, workload);
  if (isKilledFirst) files.kill();
  else files.cutPower(unsynced);

  if (cutRecoveryAfter !== null) {
    await startUntil(files, cutRecoveryAfter);
    files.cutPower(unsynced);
  }
  const found = await reopen(files);
  checkFound(workload, found, acknowledged);

  // What a start has told the core is on disk, also where the process before had only written it.
  files.cutPower('lost');
  same(await reopen(files), found, 'after a second cut');
  await goOn(files, seed, found);
}

/** How many operations the whole workload takes. */
export async function operationsOf(seed: number): Promise<number> {
  const files = new MemoryFiles({ seed });
  await run(files, mainWorkload(seed));
  return files.operations;
}

const workloads = new Map<number, Workload>();
const texts = new WeakMap<Workload, readonly string[]>();

/** Made once: every crash point of a seed runs it. */
function mainWorkload(seed: number): Workload {
  const workload = workloads.get(seed) ?? workloadOf(seed, CALLS);
  workloads.set(seed, workload);
  return workload;
}

function textsOf(workload: Workload): readonly string[] {
  const known = texts.get(workload) ?? workload.states.map((state) => textOf(state));
  texts.set(workload, known);
  return known;
}

/** The number of calls that were acknowledged before the end. */
async function run(files: MemoryFiles, workload: Workload): Promise<number> {
  let acknowledged = 0;
  const work = async () => {
    const storage = storageOn(files);
    await storage.load();
    const waiting: Promise<void>[] = [];
    for (const call of workload.calls) {
      waiting.push(
        new Promise<void>((resolve, reject) => {
          const done = (error: Error | null) => {
            if (error !== null) return reject(error);
            acknowledged += 1;
            resolve();
          };
          if (call.kind === 'write') storage.write(call.batch, done);
          else storage.bindMember(nodeId(call.member), incarnationOf(call.member), done);
        }),
      );
      if (waiting.length >= OUTSTANDING) await waiting.shift();
    }
    await Promise.all(waiting);
    await storage.close();
  };
  await Promise.race([work(), files.stopped]);
  return acknowledged;
}

/** A start that is cut, if it takes so many operations. */
async function startUntil(files: MemoryFiles, operations: number): Promise<void> {
  files.stopAfter = files.operations + operations;
  await Promise.race([storageOn(files).load(), files.stopped]);
}

/** What a start finds. The process then ends without a word. */
async function reopen(files: MemoryFiles): Promise<LogState> {
  const storage = storageOn(files);
  const { record, members } = await storage.load();
  const last = record.tail.at(-1)?.index ?? 0;
  const entries: Entry[] = [];
  while (entries.length < last) entries.push(...(await readFrom(storage, entries.length + 1, last)));
  same(record.tail, entries.slice(entries.length - record.tail.length), 'the tail ends the log');
  const configurations = entries.flatMap((entry) =>
    entry.kind === 'configuration' ? [{ index: entry.index, configuration: entry.configuration }] : [],
  );
  same(record.configurations, configurations, 'the configurations are those of the log (R21)');
  files.kill();
  return { hardState: record.hardState, entries, members: [...members.keys()].toSorted() };
}

/** @throws unless the log says what it said after some number of parts, not fewer than were acknowledged. */
function checkFound(workload: Workload, found: LogState, acknowledged: number): void {
  const least = acknowledged === 0 ? 0 : (workload.partsThrough[acknowledged - 1] ?? 0);
  const wanted = textOf(found);
  const parts = textsOf(workload).lastIndexOf(wanted);
  if (parts === -1) throw new Error(`the log says what was never written: ${wanted.slice(0, 200)}`);
  if (parts < least) throw new Error(`${least} parts were acknowledged, and only ${parts} are there`);
}

/** A recovered log takes more, and has it after the next crash. */
async function goOn(files: MemoryFiles, seed: number, before: LogState): Promise<void> {
  const more = workloadOf(seed + 1, 6, before);
  const acknowledged = await run(files, more);
  if (acknowledged < more.calls.length) throw new Error('the log did not take more after its recovery');
  files.cutPower('lost');
  checkFound(more, await reopen(files), acknowledged);
}

function readFrom(storage: FileLogStorage, from: number, through: number): Promise<LogState['entries']> {
  return new Promise((resolve, reject) => {
    storage.read(logIndex(from), logIndex(through), ALL, (error, entries) => {
      if (error === null && entries.length > 0) resolve(entries);
      else reject(error ?? new Error(`nothing at ${from}`));
    });
  });
}

function storageOn(files: MemoryFiles): FileLogStorage {
  const voters = ['a', 'b', 'c'].map((id) => ({ id: nodeId(id), data: new Uint8Array(0) }));
  return new FileLogStorage({
    directory: DIRECTORY,
    node: nodeId('a'),
    cluster: 'crash points',
    configuration: firstConfiguration(voters),
    segmentBytes: SEGMENT_BYTES,
    sealAfterMs: null,
    tailEntriesMax: 5,
    files,
    newIncarnation: () => incarnationOf('a'),
  });
}

function incarnationOf(name: string): Uint8Array {
  return new Uint8Array(16).fill(name.charCodeAt(name.length - 1));
}

function same(found: unknown, expected: unknown, what: string): void {
  if (textOf(found) !== textOf(expected))
    throw new Error(`${what}: ${textOf(found)} is not ${textOf(expected)}`);
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part instanceof Uint8Array ? Buffer.from(part).toString('base64') : part,
  );
}
