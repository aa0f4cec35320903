/** What a state machine has to do. */

import { logIndex, term } from '@raftkv/core';
import type { Command, MachineSnapshots, StateMachine } from '../ports/state-machine.ts';
import { assert, assertEqual } from './assert.ts';
import { caseWith, type ComplianceCase } from './case.ts';

/** State machines under test, and commands that they understand. */
export interface StateMachineHarness<Result> {
  /** A new machine, empty, at each call. */
  machine(): StateMachine<Result>;
  /** A history of commands that touches all that the machine can do; bad commands too. */
  readonly commands: readonly Uint8Array[];
  /** A result as text: equal results in equal text. */
  show(result: Result): string;
  /** Called once at the end of each case. */
  dispose(): Promise<void>;
}

/** What a state machine has to do. `makeHarness` is called once for each case. */
export function stateMachineCases<Result>(
  makeHarness: () => Promise<StateMachineHarness<Result>>,
): readonly ComplianceCase[] {
  const rule = (name: string, check: (harness: StateMachineHarness<Result>) => Promise<void>) =>
    caseWith(name, makeHarness, check);
  return [
    rule('every command has one result', async (harness) => {
      const results = await run(harness, harness.commands.length);
      assertEqual(results.length, harness.commands.length, 'results');
    }),
    rule('the same commands have the same results in another machine', async (harness) => {
      const count = harness.commands.length;
      assertEqual(await run(harness, count), await run(harness, count), 'results of the second machine');
    }),
    rule('how many commands come with one call changes nothing', async (harness) => {
      assertEqual(await run(harness, 1), await run(harness, harness.commands.length), 'results one by one');
    }),
    rule('the bytes of a command stay as they were', async (harness) => {
      const before = harness.commands.map((data) => new Uint8Array(data));
      await run(harness, harness.commands.length);
      assertEqual(harness.commands, before, 'commands');
    }),
  ];
}

/** What a state machine with snapshots has to do besides. `makeHarness` is called once for each case. */
export function machineSnapshotsCases<Result>(
  makeHarness: () => Promise<StateMachineHarness<Result>>,
): readonly ComplianceCase[] {
  const rule = (name: string, check: (harness: StateMachineHarness<Result>) => Promise<void>) =>
    caseWith(name, makeHarness, check);
  return [
    rule('a snapshot comes in pieces of at most 64 KiB', async (harness) => {
      for (const piece of await pieces(snapshotsOf(await after(harness, harness.commands.length)).take())) {
        assert(piece.length <= PIECE_BYTES_MAX, `a piece of ${piece.length} bytes`);
      }
    }),
    rule(
      'a snapshot is of the call that took it: nothing changes it that is applied since',
      async (harness) => {
        const middle = harness.commands.length >> 1;
        const machine = await after(harness, middle);
        const [read, begun] = [
          snapshotsOf(machine).take(),
          snapshotsOf(machine).take()[Symbol.asyncIterator](),
        ];
        const first = await begun.next();
        await apply(harness, machine, { from: middle, to: harness.commands.length, batch: 1 });
        const expected = await taken(await after(harness, middle));
        assertEqual(joined(await pieces(read)), expected, 'a snapshot read after the commands');
        const others = first.done === true ? [] : [first.value, ...(await rest(begun))];
        assertEqual(joined(others), expected, 'a snapshot read before and after the commands');
      },
    ),
    rule('how many commands came with one call changes no snapshot', async (harness) => {
      const count = harness.commands.length;
      const together = harness.machine();
      await apply(harness, together, { from: 0, to: count, batch: count });
      assertEqual(
        await taken(await after(harness, count)),
        await taken(together),
        'the snapshot of one by one',
      );
    }),
    rule('a machine that is restored has the snapshot that it was restored from', async (harness) => {
      for (let index = 0; index <= harness.commands.length; index += 1) {
        const snapshot = await taken(await after(harness, index));
        assertEqual(await taken(await restored(harness, snapshot)), snapshot, `the snapshot at ${index}`);
      }
    }),
    rule('a snapshot is put in place of all there is', async (harness) => {
      const machine = await after(harness, harness.commands.length);
      const snapshot = await taken(await after(harness, harness.commands.length >> 1));
      await snapshotsOf(machine).restore(content(snapshot));
      assertEqual(await taken(machine), snapshot, 'the snapshot of a machine that had more');
    }),
    rule('a machine that is restored goes on as if it had applied all commands itself', async (harness) => {
      const results = await run(harness, 1);
      const last = await taken(await after(harness, harness.commands.length));
      for (let index = 0; index <= harness.commands.length; index += 1) {
        const machine = await restored(harness, await taken(await after(harness, index)));
        const answers = await apply(harness, machine, { from: index, to: results.length, batch: 1 });
        assertEqual(answers, results.slice(index), `results after ${index}`);
        assertEqual(await taken(machine), last, `the last snapshot, restored at ${index}`);
      }
    }),
  ];
}

/** The port's bound. */
const PIECE_BYTES_MAX = 64 * 1024;
/** Pieces come back split in other places than they were taken in. */
const CONTENT_PIECE_BYTES = 5;

/** A new machine that was given the first `count` commands. */
async function after<Result>(
  harness: StateMachineHarness<Result>,
  count: number,
): Promise<StateMachine<Result>> {
  const machine = harness.machine();
  await apply(harness, machine, { from: 0, to: count, batch: 1 });
  return machine;
}

async function restored<Result>(
  harness: StateMachineHarness<Result>,
  snapshot: Uint8Array,
): Promise<StateMachine<Result>> {
  const machine = harness.machine();
  await snapshotsOf(machine).restore(content(snapshot));
  return machine;
}

function snapshotsOf<Result>({ snapshots }: StateMachine<Result>): MachineSnapshots {
  assert(snapshots !== undefined, 'the machine has no snapshots');
  return snapshots;
}

async function taken<Result>(machine: StateMachine<Result>): Promise<Uint8Array> {
  return joined(await pieces(snapshotsOf(machine).take()));
}

function pieces(snapshot: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  return rest(snapshot[Symbol.asyncIterator]());
}

async function rest(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
    all.push(next.value);
  return all;
}

function joined(all: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(all.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const piece of all) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

async function* content(snapshot: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < snapshot.length; at += CONTENT_PIECE_BYTES) {
    yield snapshot.slice(at, at + CONTENT_PIECE_BYTES);
  }
}

/** The results of a new machine that is given the commands, `batch` with a call. */
function run<Result>(harness: StateMachineHarness<Result>, batch: number): Promise<string[]> {
  return apply(harness, harness.machine(), { from: 0, to: harness.commands.length, batch });
}

/** Commands by their places, the one at `to` not among them; so many with a call. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly batch: number;
}

/** Gives `machine` commands of the history; their results. */
async function apply<Result>(
  harness: StateMachineHarness<Result>,
  machine: StateMachine<Result>,
  { from, to, batch }: Span,
): Promise<string[]> {
  const results: string[] = [];
  for (let at = from; at < to; at += batch) {
    const given = harness.commands
      .slice(at, Math.min(at + batch, to))
      .map((data, nth): Command => ({ index: logIndex(at + nth + 1), term: term(1), data }));
    const answers = await machine.apply(given);
    assertEqual(answers.length, given.length, 'results of one call');
    results.push(...answers.map((answer) => harness.show(answer)));
  }
  return results;
}
