/**
 * Runs a workload on files in memory, ends it after one operation, takes the power away, and looks at what the next
 * start finds: all that was acknowledged, nothing that was never written, in the order in which it was written. Also
 * where the recovery itself is cut, and where only the process ended, and the power goes after the next start.
 */

import { logIndex, nodeId, type Base, type Entry } from '@raftkv/core';
import { encodeSnapshotHead } from '@raftkv/runtime';
import { FileLogStorage } from '../src/index.ts';
import { MemoryFiles, type Unsynced } from '../src/testing/index.ts';
import { MEMBERS, workloadOf, type Call, type LogState, type Workload } from './support/workload.ts';

const DIRECTORY = '/data';
const SEGMENT_BYTES = 4096;
const ALL = 2 ** 40;
/** Calls that wait for their answer at a time. */
const OUTSTANDING = 3;
const CALLS = 120;
const CLUSTER_ID = new Uint8Array(16).fill(7);

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
    const next = async () => {
      await waiting.shift();
      acknowledged += 1;
    };
    for (const call of workload.calls) {
      // Nothing is named that is not on disk: the core is told of a snapshot when it is.
      if (call.kind === 'snapshot') {
        await storage.writeSnapshot({ base: call.base, clusterId: CLUSTER_ID }, contentOf(call.base));
        waiting.push(Promise.resolve());
      } else waiting.push(asked(storage, call));
      if (waiting.length >= OUTSTANDING) await next();
    }
    while (waiting.length > 0) await next();
    await storage.close();
  };
  await Promise.race([work(), files.stopped]);
  await standstill();
  return acknowledged;
}

function asked(storage: FileLogStorage, call: Exclude<Call, { kind: 'snapshot' }>): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null) => (error === null ? resolve() : reject(error));
    if (call.kind === 'write') storage.write(call.batch, done);
    else storage.bindMember(nodeId(call.member), incarnationOf(call.member), done);
  });
}

/** Some longer than a chunk is. */
async function* contentOf({ index, term }: Base): AsyncGenerator<Uint8Array> {
  const pieces = index % 7 === 0 ? 3 : index % 3;
  for (let nth = 0; nth < pieces; nth += 1) {
    yield await Promise.resolve(new Uint8Array(index % 7 === 0 ? 100_000 : 300).fill(index + term + nth));
  }
}

/** A start that is cut, if it takes so many operations. */
async function startUntil(files: MemoryFiles, operations: number): Promise<void> {
  files.stopAfter = files.operations + operations;
  await Promise.race([storageOn(files).load(), files.stopped]);
  await standstill();
}

/** What is under way ends, or stops before its next operation: nothing of this process is left for the next to see. */
async function standstill(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** What a start finds. The process then ends without a word. */
async function reopen(files: MemoryFiles): Promise<LogState> {
  const storage = storageOn(files);
  const { record, members } = await storage.load();
  const { hardState, base } = record;
  const last = record.tail.at(-1)?.index ?? base.index;
  const entries: Entry[] = [];
  while (base.index + entries.length < last) {
    entries.push(...(await readFrom(storage, base.index + entries.length + 1, last)));
  }
  same(record.tail, entries.slice(entries.length - record.tail.length), 'the tail ends the log');
  const configurations = entries.flatMap((entry) =>
    entry.kind === 'configuration' ? [{ index: entry.index, configuration: entry.configuration }] : [],
  );
  same(record.configurations, configurations, 'the configurations are those of the log (R21)');
  const starts = entries.filter(({ term }, at) => term !== entries[at - 1]?.term);
  same(
    record.termRanges,
    starts.map(({ index, term }) => ({ firstIndex: index, term })),
    'terms (R31)',
  );
  if (base.index > 0) await checkSnapshot(storage, base);
  checkFiles(files, base);
  await standstill();
  files.kill();
  return { hardState, base, entries, members: [...members.keys()].toSorted() };
}

/** The snapshot that the log begins behind is there, whole (R33). */
async function checkSnapshot(storage: FileLogStorage, base: Base): Promise<void> {
  const { head, content } = await storage.openSnapshot(base.index);
  const wanted = encodeSnapshotHead({ base, clusterId: CLUSTER_ID });
  same(encodeSnapshotHead(head), wanted, 'the head of the snapshot');
  const isWhole = Buffer.compare(await joined(content), await joined(contentOf(base))) === 0;
  if (!isWhole) throw new Error(`the snapshot at ${base.index} has another content`);
}

async function joined(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Of snapshots there are the newest two at most, none newer than the base, and nothing half made. */
function checkFiles(files: MemoryFiles, base: Base): void {
  const left = files.paths.filter((path) => path.endsWith('.tmp'));
  same(left, [], 'nothing half made is left');
  const indexes = files.paths.flatMap(
    (path) => /snapshot-(\d+)\.snap$/.exec(path)?.slice(1).map(Number) ?? [],
  );
  const isRight =
    indexes.length <= 2 && (base.index > 0 ? indexes.at(-1) === base.index : indexes.length === 0);
  if (!isRight) throw new Error(`snapshots at ${indexes.join(', ')}, and the base at ${base.index}`);
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
  return new FileLogStorage({
    directory: DIRECTORY,
    node: nodeId('a'),
    cluster: 'crash points',
    configuration: MEMBERS,
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
