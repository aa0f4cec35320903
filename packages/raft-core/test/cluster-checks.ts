/** What must hold for a cluster as a whole, whatever happened to it. */

import {
  configurationOf,
  dump,
  firstConfiguration,
  flush,
  hasQuorum,
  InvariantViolation,
  isMember,
  logIndex,
} from '../src/index.ts';
import type {
  Base,
  ClusterInvariantName,
  Configuration,
  Effect,
  Entry,
  IndexedConfiguration,
  MembershipTargets,
  NodeState,
  Result,
  TermRange,
} from '../src/index.ts';
import { lastIndex, termAt } from '../src/state/log.ts';
import { isAsked } from './cluster-membership.ts';
import { checkTail } from './cluster-tail.ts';
import type { Host } from './cluster.ts';

interface Request {
  readonly host: Host;
  readonly life: number;
  readonly isRead: boolean;
  /** Of a change of membership; `null` of anything else. */
  readonly targets: MembershipTargets | null;
  readonly atMs: number;
  /** A read must see this index: it was acknowledged before the read was asked. */
  readonly acknowledged: number;
  outcome: Result['outcome'] | 'readable' | 'lost' | null;
}

interface Seen {
  commitIndex: number;
  handed: number;
  term: number;
  log: NodeState['log'] | null;
}

export class Checks {
  private readonly hosts: readonly Host[];
  private readonly leaders = new Map<number, Host>();
  /** By index, from 1. */
  private readonly committed: Entry['term'][] = [];
  /** In which term each of them was first known to be committed. */
  private readonly committedIn: Entry['term'][] = [];
  private readonly applied: Entry[] = [];
  /** By which the last entry known to be committed was counted. */
  private counted: Configuration;
  /** The last one that was committed. */
  private settled: Configuration;
  /** The data of every entry ever written, by index and term. */
  private readonly entries = new Map<string, Uint8Array>();
  private readonly requests = new Map<number, Request>();
  private readonly seen = new Map<Host, Seen>();
  /** In force at each committed index. */
  private readonly configurations: IndexedConfiguration[] = [];
  /** The hash of a machine, by what it has applied. */
  private readonly machines = new Map<number, number>();
  private acknowledged = 0;
  private hash = 0;

  /** `configuration` is the first one; all of `hosts` vote unless it is given. */
  constructor(
    hosts: readonly Host[],
    configuration: Configuration = firstConfiguration(
      hosts.map(({ id }) => ({ id, data: new Uint8Array(0) })),
    ),
  ) {
    this.hosts = hosts;
    this.counted = configuration;
    this.settled = configuration;
  }

  onRequest(
    host: Host,
    ref: number,
    isRead: boolean,
    atMs: number,
    targets: MembershipTargets | null = null,
  ): void {
    const { life } = host;
    const { acknowledged } = this;
    this.requests.set(ref, { host, life, isRead, targets, atMs, acknowledged, outcome: null });
  }

  onStart(host: Host): void {
    this.seen.set(host, { commitIndex: 0, handed: 0, term: host.state!.currentTerm, log: null });
  }

  /** Nobody will hear from this process again. What it acknowledged must be there all the same. */
  onCrash(host: Host): void {
    for (const request of this.requests.values()) {
      if (request.host === host && request.outcome === null) request.outcome = 'lost';
    }
    this.afterSync();
  }

  /** A step or a flush left the state that it was given as it was. */
  onDump(state: NodeState, before: string, flushed: NodeState | null = null): void {
    if (JSON.stringify(dump(state)) !== before) throw new Error('a state was changed that was given away');
    // Nothing is handed out twice.
    const again = flushed === null ? [] : flush(flushed).effects;
    if (again.length > 0) throw new Error(`a second flush gives ${again.map(({ kind }) => kind).join()}`);
  }

  afterStep(host: Host): void {
    const state = host.state!;
    const seen = this.seen.get(host)!;
    check(
      state.peerFault === null,
      'election-safety',
      () => `${host.id} blames ${JSON.stringify(state.peerFault)}`,
    );
    if (state.role.kind === 'leader') this.onLeader(host, state);
    this.onCommit(state, seen);
    if (state.log === seen.log) return;
    seen.log = state.log;
    this.onBase(state);
    for (const other of this.hosts)
      if (other.state !== null && other !== host) checkMatching(state, other.state);
  }

  afterFlush(host: Host, effects: readonly Effect[]): void {
    checkTail(host.state!);
    for (const effect of effects) {
      this.trace(host, effect);
      if (effect.kind === 'persist') for (const entry of effect.entries) this.onEntry(entry);
      if (effect.kind === 'apply') {
        for (const entry of effect.entries) this.onApply(host, entry);
        this.onMachine(host);
      }
      if (effect.kind === 'result') this.onResult(host, effect);
      if (effect.kind === 'readable') this.onReadable(host, effect.ref, effect.index);
    }
  }

  /** A committed entry is on the disks of a quorum, and by log matching with it all before. */
  afterSync(): void {
    const index = this.committed.length;
    if (index === 0) return;
    const holders = this.hosts
      .filter(({ disk }) => disk.holds(index, this.committed[index - 1]))
      .map(({ id }) => id);
    check(
      hasQuorum(this.counted, holders),
      'committed-is-durable',
      () => `${index} is on the disks of ${holders.join()}`,
    );
  }

  /** Everyone has applied all that is committed, and nobody waits for an answer. */
  isSettled(): boolean {
    if (this.settled.kind === 'joint') return false;
    const isApplied = this.members().every((host) => this.seen.get(host)?.handed === this.committed.length);
    return isApplied && ![...this.requests.values()].some((request) => request.outcome === null);
  }

  /** Of what was asked after `peaceMs`, something was written and something read. */
  isServed(peaceMs: number): boolean {
    const outcomes = new Set<Request['outcome']>();
    for (const { atMs, outcome } of this.requests.values()) if (atMs > peaceMs) outcomes.add(outcome);
    return outcomes.has('committed') && outcomes.has('readable');
  }

  /** In peace there is progress: something was written and read, everyone came as far, nobody waits. */
  atEnd(peaceMs: number): void {
    check(this.isServed(peaceMs), 'progress', () => 'nothing was written, or nothing read');
    const behind = this.members().filter((host) => this.seen.get(host)!.handed !== this.committed.length);
    check(
      behind.length === 0,
      'progress',
      () => `${behind.map((host) => host.id).join()} behind ${this.committed.length}`,
    );
    check(this.settled.kind === 'simple', 'progress', () => 'a joint configuration was not left');
    const waiting = [...this.requests].filter(([, { outcome }]) => outcome === null).map(([ref]) => ref);
    check(waiting.length === 0, 'one-outcome', () => `no outcome for ${waiting.join()}`);
    this.checkEffects();
  }

  /** Equal for equal runs. */
  digest(): string {
    return (this.hash >>> 0).toString(16).padStart(8, '0');
  }

  /** Who was removed may never hear of the rest. */
  private members(): readonly Host[] {
    return this.hosts.filter(({ id }) => isMember(this.settled, id));
  }

  private onLeader(host: Host, state: NodeState): void {
    const leader = this.leaders.get(state.currentTerm);
    check(
      leader === undefined || leader === host,
      'election-safety',
      () => `${host.id} and ${leader?.id} lead ${state.currentTerm}`,
    );
    if (leader !== undefined) return;
    this.leaders.set(state.currentTerm, host);
    // One that is elected late need not hold what later terms have committed.
    const missing = this.committed.findIndex(
      (term, at) =>
        at + 1 > state.log.base.index &&
        (this.committedIn[at] ?? 0) < state.currentTerm &&
        termAt(state.log, logIndex(at + 1)) !== term,
    );
    check(
      missing === -1,
      'leader-completeness',
      () => `${host.id} leads ${state.currentTerm} without ${missing + 1}`,
    );
  }

  private onCommit(state: NodeState, seen: Seen): void {
    if (state.commitIndex > this.committed.length) this.counted = configurationOf(state);
    for (; seen.commitIndex < state.commitIndex; seen.commitIndex += 1) {
      const at = seen.commitIndex;
      // What a snapshot stands for was committed where it was taken.
      const term = termAt(state.log, logIndex(at + 1)) ?? this.committed[at]!;
      const known = (this.committed[at] ??= term);
      this.configurations[at + 1] ??= inForceAt(state, at + 1);
      this.committedIn[at] ??= state.currentTerm;
      check(known === term, 'state-machine-safety', () => `${at + 1}@${term} committed, and @${known}`);
    }
    this.afterSync();
  }

  private onEntry(entry: Entry): void {
    const name = `${entry.index}@${entry.term}`;
    const known = this.entries.get(name) ?? entry.data;
    this.entries.set(name, known);
    check(isEqual(known, entry.data), 'log-matching', () => `${name} differs`);
  }

  /** The machine is put where a snapshot is, never back. */
  onInstall(host: Host, base: Base): void {
    const seen = this.seen.get(host)!;
    check(
      base.index > seen.handed && this.committed[base.index - 1] === base.term,
      'state-machine-safety',
      () => `${host.id} installs ${base.index}@${base.term} after ${seen.handed}`,
    );
    seen.handed = base.index;
    this.onMachine(host);
  }

  /** A log begins behind what is committed, with the configuration of there and its index (R21). */
  private onBase({ options, log, commitIndex }: NodeState): void {
    const { index, term } = log.base;
    if (index === 0) return;
    const isSame =
      index <= commitIndex &&
      this.committed[index - 1] === term &&
      JSON.stringify(this.configurations[index]) === JSON.stringify(configurationsOf(log)[0]);
    check(isSame, 'log-matching', () => `${options.id} begins behind another ${index}@${term}`);
  }

  /** Equal at an equal index, on every node, by entries or by a snapshot. */
  private onMachine(host: Host): void {
    const { handed } = this.seen.get(host)!;
    const hash = host.snapshots.hashAt(handed);
    if (hash === null) return;
    const known = this.machines.get(handed) ?? hash;
    this.machines.set(handed, known);
    check(known === hash, 'state-machine-safety', () => `${host.id} is in another state at ${handed}`);
  }

  private onApply(host: Host, entry: Entry): void {
    const seen = this.seen.get(host)!;
    check(
      entry.index === seen.handed + 1,
      'state-machine-safety',
      () => `${host.id} applies ${entry.index} after ${seen.handed}`,
    );
    seen.handed += 1;
    const known = (this.applied[entry.index - 1] ??= entry);
    // Whoever starts again applies the older ones again.
    if (entry.kind === 'configuration' && entry.index === this.lastApplied('configuration'))
      this.settled = entry.configuration;
    const isSame = known.term === entry.term && known.kind === entry.kind && isEqual(known.data, entry.data);
    check(isSame, 'state-machine-safety', () => `${host.id} applies another ${entry.index}`);
  }

  private lastApplied(kind: Entry['kind']): number {
    return this.applied.findLast((entry) => entry.kind === kind)?.index ?? 0;
  }

  private onResult(host: Host, result: Result): void {
    const request = this.end(host, result.ref, result.outcome);
    if (result.outcome !== 'committed') return;
    this.acknowledged = Math.max(this.acknowledged, result.index);
    if (request.targets !== null) return this.onChanged(request.targets, result.index);
    const data = this.entries.get(`${result.index}@${result.term}`);
    const isThere =
      !request.isRead && this.committed[result.index - 1] === result.term && refOf(data) === result.ref;
    check(isThere, 'one-outcome', () => `${result.ref} is not at ${result.index}@${result.term}`);
  }

  /** What was asked for is in force, alone; the leader whose answer this is knows it to be committed. */
  private onChanged(targets: MembershipTargets, index: number): void {
    const entry = this.hosts
      .flatMap(({ state }) => (state === null ? [] : configurationsOf(state.log)))
      .find((one) => one.index === index);
    check(
      index <= this.committed.length && entry !== undefined && isAsked(entry.configuration, targets),
      'one-outcome',
      () => `${index} is not the change that was asked for`,
    );
  }

  private onReadable(host: Host, ref: number, readIndex: number): void {
    const { acknowledged, isRead } = this.end(host, ref, 'readable');
    check(
      isRead && readIndex >= acknowledged,
      'linearizable-read',
      () => `${ref} reads at ${readIndex}, not ${acknowledged}`,
    );
  }

  private end(host: Host, ref: number, outcome: Request['outcome']): Request {
    const request = this.requests.get(ref);
    const isOpen =
      request !== undefined &&
      request.host === host &&
      request.life === host.life &&
      request.outcome === null;
    check(isOpen, 'one-outcome', () => `${ref} ends ${outcome} after ${request?.outcome}`);
    request!.outcome = outcome;
    return request!;
  }

  /** What was acknowledged took effect once, what was refused never, and nothing did twice. */
  private checkEffects(): void {
    const effects = new Set<number>();
    for (const entry of this.applied) {
      if (entry.kind !== 'command') continue;
      const ref = refOf(entry.data);
      check(!effects.has(ref), 'one-outcome', () => `${ref} took effect twice`);
      effects.add(ref);
    }
    for (const [ref, { outcome, targets }] of this.requests) {
      if (targets !== null) continue;
      check(
        outcome !== 'committed' || effects.has(ref),
        'one-outcome',
        () => `${ref} was acknowledged and is lost`,
      );
      check(
        outcome !== 'refused' || !effects.has(ref),
        'one-outcome',
        () => `${ref} was refused and took effect`,
      );
    }
  }

  private trace(host: Host, effect: Effect): void {
    const line = host.id + JSON.stringify(effect, (key, value: unknown) => (key === 'data' ? 0 : value));
    for (let at = 0; at < line.length; at += 1)
      this.hash = Math.imul(this.hash ^ line.charCodeAt(at), 0x01000193);
  }
}

/** Logs that agree on one entry agree on all before it: both tables of terms are the same up to there. */
function checkMatching(one: NodeState, other: NodeState): void {
  const agreed = lastAgreed(one, other);
  const from = Math.max(one.log.base.index, other.log.base.index);
  const upTo = ({ log }: NodeState) => rangesBetween(log, from, agreed);
  const others = upTo(other);
  const isSame = upTo(one).every((range, at) => {
    const counterpart = others[at];
    return counterpart?.firstIndex === range.firstIndex && counterpart.term === range.term;
  });
  check(
    isSame,
    'log-matching',
    () => `${one.options.id} and ${other.options.id} agree on ${agreed}, not on all before`,
  );
}

/** The terms behind `from`, up to `through`. */
function rangesBetween({ termRanges }: NodeState['log'], from: number, through: number): TermRange[] {
  const ends = (at: number) => (termRanges[at + 1]?.firstIndex ?? Infinity) - 1;
  return termRanges
    .filter(({ firstIndex }, at) => firstIndex <= through && ends(at) > from)
    .map(({ firstIndex, term }) => ({ firstIndex: logIndex(Math.max(firstIndex, from + 1)), term }));
}

/** That of the base, and those after it. */
function configurationsOf({ base, configurations }: NodeState['log']): readonly IndexedConfiguration[] {
  const { configuration, configurationIndex: index } = base;
  const later = configurations.map((one) => ({ index: one.index, configuration: one.configuration }));
  return [{ index, configuration }, ...later];
}

function inForceAt({ log }: NodeState, at: number): IndexedConfiguration {
  return configurationsOf(log).findLast(({ index }) => index <= at)!;
}

/** The highest index at which both have the same term; 0 for none. A term has one range in a log. */
function lastAgreed(one: NodeState, other: NodeState): number {
  for (let at = one.log.termRanges.length - 1; at >= 0; at -= 1) {
    const { firstIndex, term } = one.log.termRanges[at]!;
    const end = (one.log.termRanges[at + 1]?.firstIndex ?? lastIndex(one.log) + 1) - 1;
    const where = other.log.termRanges.findIndex((range) => range.term === term);
    if (where === -1) continue;
    const otherEnd = (other.log.termRanges[where + 1]?.firstIndex ?? lastIndex(other.log) + 1) - 1;
    const last = Math.min(end, otherEnd);
    if (last >= Math.max(firstIndex, other.log.termRanges[where]!.firstIndex)) return last;
  }
  return 0;
}

function check(holds: boolean, name: ClusterInvariantName, why: () => string): void {
  if (!holds) throw new InvariantViolation(name, why());
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one === other || (one.length === other.length && one.every((byte, at) => byte === other[at]));
}

function refOf(data: Uint8Array | undefined): number {
  return data === undefined ? -1 : new DataView(data.buffer, data.byteOffset).getFloat64(0);
}

/** What client `ref` writes. */
export function command(ref: number, bytes: number): Uint8Array {
  const data = new Uint8Array(bytes);
  new DataView(data.buffer).setFloat64(0, ref);
  return data;
}
