/**
 * Clients that retry, against a log that holds copies late, twice and out of order: whatever the order, the machine
 * does what a store would that keeps everything for ever, no write is applied twice, and none that was acknowledged is
 * lost (R35 to R37). Members that take the same log in other portions, from a clone or from a snapshot, stay the same (R34,
 * R41).
 */

import type { Command, Operation, Outcome } from '@raftkv/kv-protocol';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeyValueMachine } from '../src/index.ts';
import { Client, type Write } from './support/client.ts';
import { digest } from './support/digest.ts';
import { committed, Feed, ifRevision, put, remove } from './support/feed.ts';
import { NaiveStore } from './support/naive-store.ts';
import { restored, snapshot } from './support/snapshots.ts';

const CLIENTS = 3;
const KEYS = ['a', 'b', 'c', 'd'];

type Step =
  /** A client begins a write; no copy of it is in the log yet. */
  | { readonly kind: 'begin'; readonly client: number; readonly change: Change }
  /** A copy of any write of the session comes to the log; the client may or may not hear the reply. */
  | {
      readonly kind: 'deliver';
      readonly client: number;
      readonly which: number;
      readonly isSentNow: boolean;
      readonly isHeard: boolean;
    }
  | { readonly kind: 'giveUp'; readonly client: number; readonly which: number }
  | { readonly kind: 'expire'; readonly client: number };

interface Change {
  readonly key: string;
  readonly isDelete: boolean;
  /** How far back the revision lies that it asks for; `null`: it asks for none. */
  readonly staleness: number | null;
}

const client = fc.nat(CLIENTS - 1);
const change: fc.Arbitrary<Change> = fc.record({
  key: fc.constantFrom(...KEYS),
  isDelete: fc.boolean(),
  staleness: fc.option(fc.nat(3)),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('begin' as const), client, change }) },
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant('deliver' as const),
      client,
      which: fc.nat(),
      isSentNow: fc.boolean(),
      isHeard: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('giveUp' as const), client, which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const), client }) },
);
const steps = fc.array(step, { minLength: 20, maxLength: 200 });

class World {
  readonly log: Command[] = [];
  readonly feed: Feed = new Feed();
  readonly naive: NaiveStore = new NaiveStore();
  private readonly clients: Client[];
  /** Each reply to a write that ran, by session and number. */
  private readonly firstReplies: Map<string, Outcome> = new Map();
  private opened = 0;

  constructor() {
    this.clients = Array.from({ length: CLIENTS }, () => new Client(this.openSession()));
  }

  take(taken: Step): void {
    const one = this.clients[taken.client]!;
    switch (taken.kind) {
      case 'begin':
        one.begin(this.operation(taken.change));
        return;
      case 'deliver':
        if (one.writes.length > 0) this.deliver(one, taken);
        return;
      case 'giveUp':
        if (one.writes.length > 0) one.giveUp(one.writes[taken.which % one.writes.length]!);
        return;
      case 'expire':
        this.apply({ kind: 'endSessions', sessions: [one.id] });
        this.naive.end(one.id);
        // A copy that comes after the end is not applied, however new it is.
        if (one.writes.length > 0) {
          expect(this.apply(one.copy(one.writes.at(-1)!, false))).toMatchObject({
            reason: 'session-expired',
          });
        }
        one.moveTo(this.openSession());
    }
  }

  /** Every change has a revision of its own: as many changes as first replies tell of are all there may be. */
  seen(): { changes: number[]; revision: number; machineEntries: unknown[]; naiveEntries: unknown[] } {
    const { machine } = this.feed;
    const changes = [...this.firstReplies.values()].filter(isChange).map(({ revision }) => revision);
    return {
      changes: changes.toSorted((one, other) => one - other),
      revision: machine.revision,
      machineEntries: Array.from(machine.entries(), ({ key, value, ...revisions }) => [
        key.join(),
        { value: value.join(), ...revisions },
      ]),
      naiveEntries: [...this.naive.entries].toSorted(([one], [other]) => Number(one) - Number(other)),
    };
  }

  private deliver(one: Client, { which, isSentNow, isHeard }: Step & { kind: 'deliver' }): void {
    const write = one.writes[which % one.writes.length]!;
    const isAwaited = one.isAwaited(write);
    const command = one.copy(write, isSentNow);
    const kept = this.feed.machine.keptReply(one.id, write.sequence);
    const outcome = this.apply(command);
    if (command.kind === 'write') {
      expect(outcome).toEqual(this.naive.write(command.position, command.operation));
    }
    if (kept !== null) expect(outcome).toEqual(kept);
    // Whoever waits is never told that it does not.
    if (isAwaited) expect(outcome.kind).not.toBe('refused');
    this.remember(one, write, outcome);
    if (isAwaited && isHeard) one.told.set(write.sequence, outcome);
  }

  private remember(one: Client, write: Write, outcome: Outcome): void {
    if (outcome.kind === 'refused') return;
    const name = `${one.id} ${write.sequence}`;
    const first = this.firstReplies.get(name);
    if (first === undefined) this.firstReplies.set(name, outcome);
    else expect(outcome).toEqual(first);
  }

  private operation({ key, isDelete, staleness }: Change): Operation {
    const condition = staleness === null ? undefined : ifRevision(this.revisionOf(key, staleness));
    return isDelete ? remove(key, condition) : put(key, `write ${this.log.length}`, condition);
  }

  private revisionOf(key: string, staleness: number): number {
    const entry = this.naive.entries.get(String(key.charCodeAt(0)));
    return Math.max(0, (entry?.modRevision ?? 0) - staleness);
  }

  private openSession(): number {
    this.opened += 1;
    const outcome = this.apply({ kind: 'openSession', nonce: new Uint8Array(16).fill(this.opened) });
    if (outcome.kind !== 'opened') throw new Error('no session');
    this.naive.open(outcome.session);
    return outcome.session;
  }

  private apply(command: Command): Outcome {
    this.log.push(command);
    return this.feed.apply(command);
  }
}

function isChange(outcome: Outcome): outcome is Outcome & { kind: 'put' | 'deleted' } {
  return outcome.kind === 'put' || (outcome.kind === 'deleted' && outcome.isDeleted);
}

function run(taken: readonly Step[]): World {
  const world = new World();
  for (const one of taken) world.take(one);
  return world;
}

it('applies no write twice, loses none that was acknowledged, and answers retries as at first', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const { changes, revision, machineEntries, naiveEntries } = run(taken).seen();
      expect(changes).toEqual(Array.from({ length: revision - 1 }, (_, at) => at + 2));
      expect(machineEntries).toEqual(naiveEntries);
    }),
    { numRuns: 300 },
  );
});

it('is the same in every member, in whatever portions the log comes', () => {
  fc.assert(
    fc.property(steps, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (taken, portions) => {
      const { log, feed } = run(taken);
      const other = new KeyValueMachine();
      for (let at = 0, nth = 0; at < log.length; nth += 1) {
        const until = at + portions[nth % portions.length]!;
        other.apply(log.slice(at, until).map((command, offset) => committed(at + offset + 1, command)));
        at = until;
      }
      expect(digest(other)).toBe(digest(feed.machine));
    }),
    { numRuns: 100 },
  );
});

it('is the same from a clone on, and the clone that stops stays as it was', () => {
  fc.assert(
    fc.property(steps, fc.nat(), (taken, cut) => {
      const { log, feed } = run(taken);
      const machine = new KeyValueMachine();
      const commands = log.map((command, at) => committed(at + 1, command));
      const middle = cut % (log.length + 1);
      machine.apply(commands.slice(0, middle));
      const [still, moving] = [machine.clone(), machine.clone()];
      const before = digest(still);
      // One command here, one there: neither may write into what the other reads.
      for (const command of commands.slice(middle)) {
        machine.apply([command]);
        moving.apply([command]);
      }
      expect(digest(still)).toBe(before);
      expect([digest(machine), digest(moving)]).toEqual([digest(feed.machine), digest(feed.machine)]);
    }),
    { numRuns: 100 },
  );
});

const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });

it('is the same from a snapshot on, taken anywhere and split anywhere, in answers, state and further snapshots', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), lengths, async (taken, cut, split) => {
      const { log } = run(taken);
      const commands = log.map((command, at) => committed(at + 1, command));
      const middle = cut % (log.length + 1);
      const machine = new KeyValueMachine();
      machine.apply(commands.slice(0, middle));
      const before = await snapshot(machine);
      const other = await restored(before, split);
      expect(digest(other)).toBe(digest(machine));
      expect(await snapshot(other)).toEqual(before);
      for (const command of commands.slice(middle)) {
        expect(other.apply([command])).toEqual(machine.apply([command]));
      }
      expect(digest(other)).toBe(digest(machine));
      expect(await snapshot(other)).toEqual(await snapshot(machine));
    }),
    { numRuns: 100 },
  );
});

it('has the same snapshot in every member, in whatever portions the log comes', async () => {
  await fc.assert(
    fc.asyncProperty(steps, lengths, async (taken, portions) => {
      const { log, feed } = run(taken);
      const other = new KeyValueMachine();
      for (let at = 0, nth = 0; at < log.length; nth += 1) {
        const until = at + portions[nth % portions.length]!;
        other.apply(log.slice(at, until).map((command, offset) => committed(at + offset + 1, command)));
        at = until;
      }
      expect(await snapshot(other)).toEqual(await snapshot(feed.machine));
    }),
    { numRuns: 100 },
  );
});
