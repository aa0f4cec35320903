/**
 * One node under test: inputs by name, effects by kind, and proof that `step` and `flush` leave their arguments alone:
 * states are frozen, and what cannot be (bytes, shared lists) is compared.
 */

import { expect } from 'vitest';
import {
  dump,
  emptyRecord,
  flush,
  logIndex,
  nodeId,
  recover,
  ref,
  step,
  term,
  writeNumber,
} from '../../src/index.ts';
import type { Base, DurableRecord, Effect, Input, Message, NodeOptions, NodeState } from '../../src/index.ts';
import { SharedList } from '../../src/basics/shared-list.ts';
import type { Progress } from '../../src/state/progress.ts';
import type { Leader } from '../../src/state/role.ts';
import {
  appendReply,
  baseOf,
  configuration,
  entries,
  preVoteReply,
  sent,
  snapshotReceived,
  termRanges,
  voteReply,
} from './messages.ts';

export interface TestNodeSetup {
  readonly id?: string;
  /** `a b c` unless given; the node is `a` unless given. */
  readonly voters?: string;
  /** As in `5@2`: what stands before the log on disk, with the voters as its configuration; the start unless given. */
  readonly base?: string;
  /** As in `1@1 2@1 3@4`: index and term of each entry on disk. */
  readonly log?: string;
  /** The last entry's term unless given. */
  readonly term?: number;
  readonly vote?: string | null;
  readonly commit?: number;
  /** The longest promise ever made; none unless given. */
  readonly promiseMs?: number;
  /** How many of the last entries the record hands over; all unless given. */
  readonly tailLength?: number;
  readonly options?: Partial<NodeOptions>;
  readonly nowMs?: number;
}

export class TestNode {
  state: NodeState;
  nowMs: number;
  /** The `wakeAtMs` of the last flush. */
  wakeAtMs: number | null = null;
  /** All effects of all flushes. */
  readonly effects: Effect[] = [];

  constructor(setup: TestNodeSetup = {}) {
    this.nowMs = setup.nowMs ?? 0;
    const options = { id: nodeId(setup.id ?? 'a'), seed: 1, clusterIdProposal: new Uint8Array(16).fill(7) };
    this.state = frozen(recover({ ...options, ...setup.options }, record(setup), this.nowMs));
  }

  /** One step, no flush. */
  step(input: Input): this {
    const before = dump(this.state);
    const next = step(this.state, input, this.nowMs);
    expect(dump(this.state)).toEqual(before);
    this.state = frozen(next);
    return this;
  }

  flush(): readonly Effect[] {
    const before = dump(this.state);
    const flushed = flush(this.state);
    expect(dump(this.state)).toEqual(before);
    this.state = frozen(flushed.state);
    this.wakeAtMs = flushed.wakeAtMs;
    this.effects.push(...flushed.effects);
    return flushed.effects;
  }

  /** One step and one flush; its effects. */
  input(input: Input): readonly Effect[] {
    return this.step(input).flush();
  }

  receive(from: string, message: Message): readonly Effect[] {
    return this.input({ kind: 'receive', from: nodeId(from), message });
  }

  /** Lets time pass, then says so. */
  elapse(ms: number): readonly Effect[] {
    this.nowMs += ms;
    return this.input({ kind: 'timer' });
  }

  /** Steps the timer when the last flush asked for it. */
  wake(): readonly Effect[] {
    if (this.wakeAtMs === null) throw new Error('nothing is due');
    return this.elapse(Math.max(this.wakeAtMs - this.nowMs, 0));
  }

  /** All writes handed out so far are on disk. */
  persistAll(): readonly Effect[] {
    return this.input({ kind: 'persisted', write: this.state.disk.lastWrite });
  }

  persisted(write: number): readonly Effect[] {
    return this.input({ kind: 'persisted', write: writeNumber(write) });
  }

  propose(number: number, data: Uint8Array = new Uint8Array([number])): readonly Effect[] {
    return this.input({ kind: 'propose', ref: ref(number), data });
  }

  read(number: number): readonly Effect[] {
    return this.input({ kind: 'read', ref: ref(number) });
  }

  applied(index: number): readonly Effect[] {
    return this.input({ kind: 'applied', index: logIndex(index) });
  }

  /** A snapshot came from `from`, with `a b c` for its configuration where it is given as `5@2`. */
  snapshot(from: string, base: string | Base): readonly Effect[] {
    return this.step(snapshotReceived(from, base)).flush();
  }

  snapshotSent(peer: string, isDelivered: boolean): readonly Effect[] {
    return this.input({ kind: 'snapshotSent', peer: nodeId(peer), isDelivered });
  }

  compacted(index: number): readonly Effect[] {
    return this.input({ kind: 'compacted', index: logIndex(index) });
  }

  connected(peer: string): readonly Effect[] {
    return this.input({ kind: 'peerConnected', peer: nodeId(peer) });
  }

  disconnected(peer: string, processGone: boolean): readonly Effect[] {
    return this.input({ kind: 'peerDisconnected', peer: nodeId(peer), processGone });
  }

  /** Makes this node the leader of the next term by votes of all others; its no-op is on its own disk alone. */
  elect(): this {
    this.input({ kind: 'campaign' });
    this.answerAll((message) =>
      message.kind === 'preVoteRequest' ? preVoteReply(message.term, true) : null,
    );
    this.persistAll();
    this.answerAll((message) => (message.kind === 'voteRequest' ? voteReply(message.term, true) : null));
    expect(this.state.role.kind).toBe('leader');
    this.persistAll();
    return this;
  }

  /** `peer` answers that it holds the log up to `matched`, and echoes the last round begun. */
  matched(peer: string, matched: number): readonly Effect[] {
    return this.receive(peer, appendReply(this.state.currentTerm, matched, this.leader().round));
  }

  leader(): Leader {
    const { role, options } = this.state;
    if (role.kind !== 'leader') throw new Error(`${options.id} is ${role.kind}`);
    return role;
  }

  progress(peer: string): Progress {
    const progress = this.leader().progress.find((one) => one.id === peer);
    if (progress === undefined) throw new Error(`${peer} is no peer`);
    return progress;
  }

  /** Index and term of each entry in memory. */
  log(): string {
    const names = this.state.log.tail.entries.slice().map((entry) => `${entry.index}@${entry.term}`);
    return names.join(' ');
  }

  /** Answers what was sent in the flushes since the last call. */
  private answerAll(answer: (message: Message) => Message | null): void {
    for (const { to, message } of sent(this.effects.splice(0))) {
      const reply = answer(message);
      if (reply !== null) this.receive(to, reply);
    }
  }
}

/** `value`, with all plain objects and arrays in it frozen. What is frozen already is so to the bottom. */
function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Uint8Array || value instanceof SharedList) return value;
  Object.freeze(value);
  for (const field of Object.values(value)) frozen(field);
  return value;
}

/** What the disk of `setup` holds. */
export function record(setup: TestNodeSetup): DurableRecord {
  const log = entries(setup.log ?? '');
  const { base: start } = emptyRecord(configuration(setup.voters ?? 'a b c'));
  const base = setup.base === undefined ? start : baseOf(setup.base, setup.voters);
  const vote = setup.vote ?? null;
  return {
    hardState: {
      currentTerm: term(setup.term ?? log.at(-1)?.term ?? base.term),
      votedFor: vote === null ? null : nodeId(vote),
      commitIndex: logIndex(setup.commit ?? 0),
      ...(setup.promiseMs === undefined ? {} : { promiseMs: setup.promiseMs }),
    },
    base,
    termRanges: termRanges(log),
    configurations: log.filter((entry) => entry.kind === 'configuration'),
    tail: setup.tailLength === undefined ? log : log.slice(log.length - setup.tailLength),
  };
}
