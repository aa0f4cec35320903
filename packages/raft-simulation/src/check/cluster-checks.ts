/**
 * What must hold for a cluster as a whole, looked at after every event: the properties of Raft Figure 3, terms, votes and
 * commits that never fall, and committed entries on the disks of a quorum. Only what has changed is looked at.
 */

import type { Command } from '@raftkv/runtime';
import type { Message, NodeId, NodeState } from '@raftkv/core';
import type { DurableLog } from '../disk/durable-log.ts';
import type { SimulatedNetwork } from '../network/network.ts';
import type { World } from '../world/world.ts';
import type { RunningProgram } from '../process/program.ts';
import { Committed } from './committed.ts';
import { DurableChecks } from './durable-checks.ts';
import { lastIndexOf, mismatchBelow, termAt, type LogView } from './log-view.ts';
import { PromiseChecks } from './promise-checks.ts';
import { check } from './violation.ts';

/** What is looked at; every `SimulatedHost` is one. */
export interface CheckedHost {
  /** As the configuration names its node. */
  readonly id: NodeId;
  /** Rises with each start. */
  readonly life: number;
  /** `null` while the process is down. */
  readonly running: RunningProgram | null;
}

interface Seen {
  life: number;
  state: NodeState | null;
  appliedIndex: number;
}

/** The checks of one cluster. */
export class ClusterChecks {
  private readonly committed = new Committed();
  private readonly world: World;
  private readonly hosts: readonly CheckedHost[];
  private readonly seen = new Map<NodeId, Seen>();
  private readonly leaders = new Map<number, NodeId>();
  private readonly promises: PromiseChecks;
  private readonly disks: DurableChecks;
  private fault: Error | null = null;
  /** How often a snapshot took the place of a machine. */
  restored = 0;

  /** Looks at `hosts` from now on, and at those disks that can be looked at. */
  constructor(
    world: World,
    network: SimulatedNetwork,
    hosts: readonly CheckedHost[],
    disks: ReadonlyMap<NodeId, DurableLog>,
  ) {
    this.world = world;
    this.hosts = hosts;
    for (const { id } of hosts) this.seen.set(id, { life: 0, state: null, appliedIndex: 0 });
    this.disks = new DurableChecks(disks, this.committed);
    this.promises = new PromiseChecks(disks, (id) => this.stateOf(id));
    network.onSend((from, to, messages) => this.guard(() => this.onSend(from, to, messages)));
    world.addCheck(() => this.afterEvent());
  }

  /** To be called by the state machine of `id` for what it applies: within a process nothing may throw. */
  onApply(id: NodeId, life: number, commands: readonly Command[]): void {
    this.guard(() => {
      const seen = this.seenOf(id);
      if (seen.life !== life) Object.assign(seen, { life, state: null, appliedIndex: 0 });
      // The commit that this rests on was not looked at yet.
      this.look();
      for (const command of commands) {
        const { index } = command;
        check(
          index > seen.appliedIndex,
          'state-machine-safety',
          () => `${id} applies ${index} after ${seen.appliedIndex}`,
        );
        this.committed.onApply(id, command, seen.appliedIndex);
        seen.appliedIndex = index;
        this.disks.onApply(id, index, command.term);
      }
    });
  }

  /** To be called by the state machine of `id` where it stands after a command: `digest` tells all it has made so far. */
  onMachine(id: NodeId, index: number, digest: number): void {
    this.guard(() => this.committed.onMachine(id, index, digest));
  }

  /** To be called by the state machine of `id` that a snapshot has put behind the command at `index`. */
  onRestored(id: NodeId, life: number, index: number, digest: number): void {
    this.guard(() => {
      const seen = this.seenOf(id);
      if (seen.life !== life) Object.assign(seen, { life, state: null, appliedIndex: 0 });
      this.look();
      check(
        index >= seen.appliedIndex,
        'state-machine-safety',
        () => `${id} is put back from ${seen.appliedIndex} to ${index}`,
      );
      seen.appliedIndex = index;
      this.restored += 1;
      this.committed.onMachine(id, index, digest);
    });
  }

  /** The last entry that is known to be committed; 0 for none. */
  get committedIndex(): number {
    return this.committed.lastIndex;
  }

  /** The last command that the state machine of `id` has applied in this life; 0 for none. */
  appliedBy(id: NodeId): number {
    return this.seenOf(id).appliedIndex;
  }

  /** Keeps what `work` throws until the event is over: a process must not see it. */
  guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fault ??= error instanceof Error ? error : new Error(String(error));
    }
  }

  private afterEvent(): void {
    if (this.fault !== null) throw this.fault;
    this.look();
    this.disks.afterEvent();
  }

  private look(): void {
    for (const { id, life, running } of this.hosts) {
      if (running === null) continue;
      const state = running.node.coreState();
      const seen = this.seenOf(id);
      if (seen.life !== life) Object.assign(seen, { life, state: null, appliedIndex: 0 });
      if (seen.state === state) continue;
      const before = seen.state;
      seen.state = state;
      this.compare(id, before, state);
    }
  }

  private compare(id: NodeId, before: NodeState | null, state: NodeState): void {
    const { role, currentTerm, log } = state;
    if (role.kind !== before?.role.kind || currentTerm !== before.currentTerm) this.onRole(id, before, state);
    this.onPeerFault(id, before, state);
    if (state.commitIndex !== before?.commitIndex) this.onCommit(id, before, state);
    if (log === before?.log) return;
    if (role.kind === 'leader' && before?.role.kind === 'leader') checkAppendOnly(id, before, state);
    if (log.termRanges !== before?.log.termRanges || lastIndexOf(log) < lastIndexOf(before.log))
      this.match(id, log);
  }

  private onRole(id: NodeId, before: NodeState | null, state: NodeState): void {
    const { role, currentTerm, votedFor } = state;
    this.world.note(`${id} ${role.kind} t${currentTerm}`);
    check(
      before === null || currentTerm >= before.currentTerm,
      'term-monotonic',
      () => `${id} goes from term ${before?.currentTerm} to ${currentTerm}`,
    );
    check(
      before === null ||
        currentTerm > before.currentTerm ||
        before.votedFor === null ||
        votedFor === before.votedFor,
      'one-vote-per-term',
      () => `${id} changes its vote of ${currentTerm} from ${before?.votedFor} to ${votedFor}`,
    );
    if (role.kind !== 'leader') return;
    this.onLeader(id, currentTerm);
    this.promises.checkElected(id, currentTerm);
    const missing = this.committed.missingIn(state.log, currentTerm);
    check(missing === 0, 'leader-completeness', () => `${id} leads ${currentTerm} without ${missing}`);
  }

  /** What a correct peer sends is never refused as a breach of the protocol. */
  private onPeerFault(id: NodeId, before: NodeState | null, state: NodeState): void {
    check(
      state.peerFault === (before?.peerFault ?? null),
      'election-safety',
      () => `${id} blames ${state.peerFault?.peer} for ${state.peerFault?.fault}`,
    );
  }

  private onLeader(id: NodeId, term: number): void {
    const known = this.leaders.get(term) ?? id;
    this.leaders.set(term, known);
    check(known === id, 'election-safety', () => `${id} and ${known} lead ${term}`);
  }

  private onCommit(
    id: NodeId,
    before: NodeState | null,
    { commitIndex, currentTerm, log, role }: NodeState,
  ): void {
    const known = before?.commitIndex ?? 0;
    // An entry of an earlier term that a majority holds may yet be lost: only one of its own commits it (Raft Figure 8).
    check(
      role.kind !== 'leader' || before?.role.kind !== 'leader' || termAt(log, commitIndex) === currentTerm,
      'leader-completeness',
      () => `${id} leads ${currentTerm} and commits ${commitIndex}@${termAt(log, commitIndex)}`,
    );
    check(
      commitIndex >= known,
      'commit-monotonic',
      () => `${id} goes from commit ${known} to ${commitIndex}`,
    );
    for (let index = known + 1; index <= commitIndex; index += 1)
      this.committed.onCommit(id, log, index, currentTerm);
    this.world.note(`${id} commit ${commitIndex}`);
  }

  private match(id: NodeId, log: LogView): void {
    for (const host of this.hosts) {
      const other = host.id === id ? null : this.seenOf(host.id).state;
      if (other === null) continue;
      const index = mismatchBelow(log, other.log);
      check(index === 0, 'log-matching', () => `${id} and ${host.id} agree on ${index}, not on all before`);
    }
  }

  private onSend(from: NodeId, to: NodeId, messages: readonly Message[]): void {
    for (const message of messages) {
      this.promises.onSend(from, to, message);
      if (message.kind !== 'append') continue;
      this.onLeader(from, message.term);
      for (const entry of message.entries) this.committed.onEntry(from, entry);
    }
  }

  private stateOf(id: NodeId): NodeState | null {
    return this.hosts.find((host) => host.id === id)?.running?.node.coreState() ?? null;
  }

  private seenOf(id: NodeId): Seen {
    const seen = this.seen.get(id);
    if (seen === undefined) throw new Error(`${id} is no host of this cluster`);
    return seen;
  }
}

function checkAppendOnly(id: NodeId, before: NodeState, after: NodeState): void {
  if (before.currentTerm !== after.currentTerm) return;
  const last = lastIndexOf(before.log);
  check(
    termAt(after.log, last) === termAt(before.log, last),
    'leader-append-only',
    () => `${id} leads ${after.currentTerm} and removes ${last}`,
  );
}
