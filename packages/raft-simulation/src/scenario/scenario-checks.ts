/** What must hold for the cluster as a whole after everything that happens: Raft Figure 3, under its registered names. */

import {
  configurationOf,
  hasQuorum,
  InvariantViolation,
  votersOf,
  type Base,
  type ClusterInvariantName,
  type Configuration,
  type ConfigurationEntry,
  type Entry,
  type Fault,
  type InvariantName,
  type Message,
  type NodeId,
  type NodeState,
} from '@raftkv/core';
import type { ScenarioDisk } from './scenario-disk.ts';
import type { ScenarioMachine } from './scenario-machine.ts';
import { configurationWords, entryName, lastIndexOf, termAtOf } from './trace-words.ts';

/** A node as the checks see it. */
export interface CheckedHost {
  readonly id: NodeId;
  readonly disk: ScenarioDisk;
  readonly machine: ScenarioMachine;
  /** `null` while its process is down. */
  readonly state: NodeState | null;
}

interface Request {
  /** How stale a read may be; `null` of any other request. */
  readonly maxStalenessMs: number | null;
  /** What a read has to see. */
  readonly due: number;
  isOver: boolean;
}

/** What a peer was wrongly blamed for says which promise its sender broke. */
const BROKEN_BY: Readonly<Record<Fault, ClusterInvariantName>> = {
  'second-leader': 'election-safety',
  'conflict-below-commit': 'leader-completeness',
  'match-above-log': 'log-matching',
  'round-ahead': 'linearizable-read',
  'malformed-message': 'log-matching',
};

/** Remembers what was true, and throws where something contradicts it. */
export class ScenarioChecks {
  private readonly hosts: readonly CheckedHost[];
  private readonly leaders = new Map<number, NodeId>();
  private readonly votes = new Map<string, NodeId>();
  /** Terms, by index; of those below a base that was given, nobody knows. */
  private readonly committed = new Map<number, number>();
  private committedIndex = 0;
  private readonly applied = new Map<number, Entry>();
  private readonly first: Configuration;
  private readonly written = new Map<string, string>();
  private readonly requests = new Map<number, Request>();
  /** By which the last committed entry was counted. */
  private counted: Configuration;
  /** Indexes that only grow, and when each was acknowledged. */
  private readonly acknowledged: { readonly index: number; readonly atMs: number }[] = [];
  private readonly nowMs: () => number;

  /** `configuration` is the first one, and `nowMs` what all clocks show. */
  constructor(hosts: readonly CheckedHost[], configuration: Configuration, nowMs: () => number) {
    this.hosts = hosts;
    this.first = configuration;
    this.counted = configuration;
    this.nowMs = nowMs;
  }

  /** `maxStalenessMs` is `null` unless it is a read. */
  onRequest(ref: number, maxStalenessMs: number | null): void {
    const sinceMs = this.nowMs() - (maxStalenessMs ?? 0);
    const due = this.acknowledged.findLast(({ atMs }) => maxStalenessMs === 0 || atMs < sinceMs)?.index ?? 0;
    this.requests.set(ref, { maxStalenessMs, due, isOver: false });
  }

  /** @throws {InvariantViolation} */
  onStep(before: NodeState, after: NodeState): void {
    const { id } = after.options;
    check(
      after.currentTerm >= before.currentTerm,
      'term-monotonic',
      () => `${id} is in t${after.currentTerm}`,
    );
    check(after.commitIndex >= before.commitIndex, 'commit-monotonic', () => `${id} at ${after.commitIndex}`);
    const fault = after.peerFault;
    if (fault !== null)
      check(false, BROKEN_BY[fault.fault], () => `${id} blames ${fault.peer}: ${fault.fault}`);
  }

  /** @throws {InvariantViolation} */
  onSend(from: NodeId, to: NodeId, message: Message): void {
    if (message.kind !== 'voteReply' || !message.isGranted) return;
    const key = `${from} ${message.term}`;
    const known = this.votes.get(key) ?? to;
    this.votes.set(key, known);
    check(
      known === to,
      'one-vote-per-term',
      () => `${from} votes for ${known} and ${to} in t${message.term}`,
    );
  }

  /** @throws {InvariantViolation} */
  onWrite(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const name = entryName(entry.index, entry.term);
      const data = contentOf(entry);
      const known = this.written.get(name) ?? data;
      this.written.set(name, known);
      check(known === data, 'log-matching', () => `${name} has two contents`);
    }
  }

  /**
   * Entries are handed to a machine: they follow what it has, and is not still restoring (R33).
   *
   * @throws {InvariantViolation}
   */
  onApply({ id, machine }: CheckedHost, entries: readonly Entry[]): void {
    check(!machine.isRestoring, 'state-machine-safety', () => `${id} applies while it restores a snapshot`);
    let after = machine.handedIndex;
    for (const entry of entries) {
      const known = this.applied.get(entry.index) ?? entry;
      this.applied.set(entry.index, known);
      const isSame = known.term === entry.term && contentOf(known) === contentOf(entry);
      const name = () => `${id} applies ${entryName(entry.index, entry.term)}`;
      check(isSame, 'state-machine-safety', () => `${name()}, not ${entryName(known.index, known.term)}`);
      check(entry.index === after + 1, 'state-machine-safety', () => `${name()} after ${after}`);
      after = entry.index;
    }
  }

  /**
   * A machine is handed a snapshot in place of what it has: of more, and of what a restart would find again (R33).
   *
   * @throws {InvariantViolation}
   */
  onInstall({ id, disk, machine }: CheckedHost, { index, term }: Base): void {
    const name = () => `${id} restores ${entryName(index, term)}`;
    const { handedIndex } = machine;
    check(index > handedIndex, 'state-machine-safety', () => `${name()} after ${handedIndex}`);
    check(disk.holds(index, term), 'apply-durable', () => `${name()}, which is not on its disk`);
  }

  /**
   * A request ended; `index` where a proposal is committed or a read may be served.
   *
   * @throws {InvariantViolation}
   */
  onOutcome(ref: number, label: string, index: number | null): void {
    const request = this.requests.get(ref);
    check(request?.isOver === false, 'one-outcome', () => `${label} ends twice`);
    if (request === undefined) return;
    request.isOver = true;
    if (index === null) return;
    const { due, maxStalenessMs } = request;
    if (maxStalenessMs === null) return this.onAcknowledged(index);
    const name = maxStalenessMs === 0 ? 'linearizable-read' : 'bounded-read';
    check(index >= due, name, () => `${label} reads from ${index}, not ${due}`);
  }

  private onAcknowledged(index: number): void {
    if (index > (this.acknowledged.at(-1)?.index ?? 0)) this.acknowledged.push({ index, atMs: this.nowMs() });
  }

  /**
   * After anything happened anywhere.
   *
   * @throws {InvariantViolation}
   */
  check(): void {
    const states = this.hosts.flatMap(({ state }) => (state === null ? [] : [state]));
    for (const state of states) this.checkCommitted(state);
    for (const state of states) this.checkBase(state);
    for (const state of states) this.checkLeader(state);
    for (const [at, one] of states.entries())
      for (const other of states.slice(at + 1)) checkMatching(one, other);
    this.checkDurable();
  }

  private checkLeader(state: NodeState): void {
    if (state.role.kind !== 'leader') return;
    const { id } = state.options;
    const known = this.leaders.get(state.currentTerm) ?? id;
    this.leaders.set(state.currentTerm, known);
    check(known === id, 'election-safety', () => `${known} and ${id} lead t${state.currentTerm}`);
    for (const [index, term] of this.committed) {
      // What is below its base is in its snapshot, which holds what is committed alone.
      if (index < state.log.base.index || state.currentTerm < term) continue;
      check(
        termAtOf(state.log, index) === term,
        'leader-completeness',
        () => `${id} leads t${state.currentTerm} without ${entryName(index, term)}`,
      );
    }
  }

  private checkCommitted(state: NodeState): void {
    const { commitIndex, log, options } = state;
    // Whoever leads knows first, and it counted by the configuration that it has in force (Raft §6).
    if (commitIndex > this.committedIndex) this.counted = configurationOf(state);
    this.committedIndex = Math.max(this.committedIndex, commitIndex);
    for (let index = Math.max(log.base.index, 1); index <= commitIndex; index += 1) {
      const term = termAtOf(log, index) ?? 0;
      const known = this.committed.get(index) ?? term;
      this.committed.set(index, known);
      const words = () => `${options.id} commits ${entryName(index, term)}, not ${entryName(index, known)}`;
      check(known === term, 'state-machine-safety', words);
    }
  }

  /** A base stands for what is committed, with the configuration as of its index, and no later one (R21). */
  private checkBase({ commitIndex, log: { base }, options: { id } }: NodeState): void {
    const { index, term, configuration, configurationIndex } = base;
    if (index === 0) return;
    const name = () => `the log of ${id} begins behind ${entryName(index, term)}`;
    check(index <= commitIndex, 'state-machine-safety', () => `${name()}, and commit is ${commitIndex}`);
    const at = configurationsBelow(this.applied, index).at(-1);
    const expected = at === undefined ? this.first : at.configuration;
    const isSame = configurationWords(configuration) === configurationWords(expected);
    const words = () => `${name()} with ${configurationWords(configuration)} of ${configurationIndex}`;
    check(isSame && configurationIndex === (at?.index ?? 0), 'log-matching', words);
  }

  private checkDurable(): void {
    const index = this.committedIndex;
    const term = this.committed.get(index);
    if (term === undefined) return;
    const holders = this.hosts.filter(({ disk }) => disk.holds(index, term)).map(({ id }) => id);
    const words = () =>
      `${entryName(index, term)} is on ${holders.length} of ${votersOf(this.counted).length} disks`;
    check(hasQuorum(this.counted, holders), 'committed-is-durable', words);
  }
}

function configurationsBelow(
  applied: ReadonlyMap<number, Entry>,
  index: number,
): readonly ConfigurationEntry[] {
  const entries = [...applied.values()].filter((entry) => entry.kind === 'configuration');
  return entries.filter((entry) => entry.index <= index).toSorted((one, other) => one.index - other.index);
}

/** What an entry says, to be compared. */
function contentOf(entry: Entry): string {
  return entry.kind === 'configuration' ? configurationWords(entry.configuration) : entry.data.join();
}

/** Logs that agree on one entry agree on all before it, as far as both tell: not below a base. */
function checkMatching(one: NodeState, other: NodeState): void {
  let hasAgreed = false;
  const first = Math.max(one.log.base.index, other.log.base.index);
  for (let index = lastIndexOf(one.log); index >= first; index -= 1) {
    const agrees = termAtOf(other.log, index) === termAtOf(one.log, index);
    const words = () => `${one.options.id} and ${other.options.id} part at ${index} and agree above it`;
    check(agrees || !hasAgreed, 'log-matching', words);
    hasAgreed ||= agrees;
  }
}

function check(holds: boolean, name: ClusterInvariantName | InvariantName, why: () => string): void {
  if (!holds) throw new InvariantViolation(name, why());
}
