/**
 * Bare cores on a network, disks and a clock that stand still until a command moves them. A turn is one input, one
 * flush, and its effects; what a working disk and the state machine answer follows at once.
 */

import {
  firstConfiguration,
  noConfiguration,
  recover,
  ref,
  step,
  flush,
  writeNumber,
  type Effect,
  type Input,
  type Message,
  type NodeId,
  type NodeState,
  type Readable,
  type Result,
  type Send,
} from '@raftkv/core';
import type { ClusterOptions, MembershipRequest, ReadRequest } from './command.ts';
import { membershipInput, membersNamed } from './membership-input.ts';
import { CLUSTER_ID, payloadOf } from './payload.ts';
import { whyIgnored, whyReadsWait, whyRefused } from './reasons.ts';
import { ScenarioChecks } from './scenario-checks.ts';
import { ScenarioDisk } from './scenario-disk.ts';
import { ScenarioNetwork, type Frame } from './scenario-network.ts';
import type { Trace } from './trace.ts';
import { messageWords, outcomeWords, writeWords } from './trace-words.ts';
import { traceChanges, traceCommit, traceConfiguration } from './turn-trace.ts';

/** The functions of the core that a scenario drives; a test of the checks gives broken ones. */
export interface Core {
  /** The state of a node that starts. */
  readonly recover: typeof recover;
  /** The state after one input. */
  readonly step: typeof step;
  /** What the node owes since the last flush. */
  readonly flush: typeof flush;
}

/** The core that ships. */
export const SHIPPED_CORE: Core = { recover, step, flush };

/** A node with its disk. */
export interface ScenarioHost {
  readonly id: NodeId;
  readonly disk: ScenarioDisk;
  /** `null` while its process is down. */
  state: NodeState | null;
  wakeAtMs: number | null;
  /** Counts the starts: each has a seed of its own. */
  life: number;
  /** Sends that wait for a write. */
  held: readonly Send[];
}

/** What is worth seeing of a turn. */
interface Turn {
  readonly host: ScenarioHost;
  /** The message that it answers; `null` for another input. */
  readonly heard: Frame | null;
  readonly before: NodeState;
}

/** A cluster that only commands move. */
export class ScenarioCluster {
  readonly hosts: readonly ScenarioHost[];
  readonly network: ScenarioNetwork = new ScenarioNetwork();
  readonly checks: ScenarioChecks;
  readonly core: Core;
  nowMs = 0;
  /** What becomes of a message that is sent now: `unseen` is lost without a line. */
  fate: (frame: Frame) => 'under-way' | 'lost' | 'unseen' = () => 'under-way';
  private readonly options: ClusterOptions;
  private readonly trace: Trace;
  private readonly labels: string[] = [];
  private reads = 0;
  private changes = 0;
  private transfers = 0;

  /** `ids` vote; those of `joining` are there, and know of no cluster yet. */
  constructor(
    ids: readonly NodeId[],
    options: ClusterOptions,
    core: Core,
    trace: Trace,
    joining: readonly NodeId[] = [],
  ) {
    const configuration = firstConfiguration(membersNamed(ids));
    this.options = options;
    this.core = core;
    this.trace = trace;
    this.hosts = [...ids, ...joining].map((id) => ({
      id,
      disk: new ScenarioDisk(joining.includes(id) ? noConfiguration() : configuration),
      state: null,
      wakeAtMs: null,
      life: 0,
      held: [],
    }));
    this.checks = new ScenarioChecks(this.hosts, configuration, () => this.nowMs);
  }

  host(id: NodeId): ScenarioHost | undefined {
    return this.hosts.find((host) => host.id === id);
  }

  /** A process begins on what its disk says. */
  start(host: ScenarioHost): void {
    const at = this.hosts.indexOf(host);
    host.life += 1;
    host.state = this.core.recover(
      {
        ...this.options,
        id: host.id,
        seed: host.life * 100 + at,
        clusterIdProposal: CLUSTER_ID,
      },
      host.disk.recovered(),
      this.nowMs,
    );
  }

  propose(host: ScenarioHost, text: string): void {
    this.request(host, text, (number) => ({
      kind: 'propose',
      ref: ref(number),
      data: payloadOf(text),
    }));
  }

  changeMembership(host: ScenarioHost, asked: MembershipRequest): void {
    this.changes += 1;
    this.request(host, `m${this.changes}`, (number) => membershipInput(asked, ref(number)));
  }

  read(host: ScenarioHost, { asksLeader, maxStalenessMs }: ReadRequest): void {
    this.reads += 1;
    const label = `r${this.reads}`;
    const asked = { kind: 'read', asksLeader, maxStalenessMs } as const;
    this.request(host, label, (number) => ({ ...asked, ref: ref(number) }));
    const why = host.state === null ? '' : whyReadsWait(host.state);
    if (why !== '') this.trace.node(host.id, `holds ${label}: ${why}`);
  }

  transfer(host: ScenarioHost, target: NodeId | null): void {
    this.transfers += 1;
    const label = `transfer ${this.transfers}`;
    this.request(host, label, (number) => ({ kind: 'transferLeadership', ref: ref(number), target }));
  }

  /** Gives a message to its receiver. */
  receive(frame: Frame): void {
    const host = this.host(frame.to);
    const { from, message } = frame;
    if (host === undefined || host.state === null) {
      this.trace.line(`${from}->${frame.to} ${messageWords(message)} is lost: ${frame.to} is down`);
      return;
    }
    const before = host.state;
    const lines = this.trace.length;
    this.input(host, { kind: 'receive', from, message }, frame);
    if (this.trace.length > lines) return;
    const why = whyIgnored(before, frame, this.nowMs);
    if (why !== '') this.trace.node(host.id, `ignores ${messageWords(message)} of ${from}: ${why}`);
  }

  /** One turn of a process: one input, and all that it owes then. */
  input(host: ScenarioHost, input: Input, heard: Frame | null = null): void {
    if (host.state === null) return;
    const before = host.state;
    const after = this.core.step(before, input, this.nowMs);
    const { state, effects, wakeAtMs } = this.core.flush(after);
    host.state = state;
    host.wakeAtMs = wakeAtMs;
    traceChanges(this.trace, before, after);
    const applied = effects.find((effect) => effect.kind === 'apply') ?? null;
    traceCommit(this.trace, before, state, applied);
    traceConfiguration(this.trace, before, state);
    this.checks.onStep(before, after);
    const answers = effects.flatMap((effect) => this.perform({ host, heard, before }, effect));
    this.checks.check();
    for (const answer of answers) this.input(host, answer);
    if (!host.disk.isStalled) this.sync(host, Infinity);
  }

  /** The writes up to `write` are on disk, what waits for them leaves, and the process hears of it. */
  sync(host: ScenarioHost, write: number): void {
    const done = host.disk.sync(write).at(-1);
    if (done === undefined) return;
    if (host.disk.isStalled) this.trace.node(host.id, `finishes write ${done.write}`);
    const free = host.held.filter(({ afterWrite }) => afterWrite <= done.write);
    host.held = host.held.filter(({ afterWrite }) => afterWrite > done.write);
    for (const { to, message } of free) this.transmit(host.id, to, message, '');
    this.checks.check();
    this.input(host, { kind: 'persisted', write: writeNumber(done.write) });
  }

  /** A write fails: those under way are never done, and what waits for them never leaves. */
  failDisk(host: ScenarioHost): void {
    host.disk.crash(0);
    this.input(host, { kind: 'persistFailed' });
  }

  /** The process is gone, and with it the messages that waited for its disk. */
  crash(host: ScenarioHost, keptWrites: number): void {
    const lost = host.disk.crash(keptWrites);
    host.state = null;
    host.wakeAtMs = null;
    host.held = [];
    this.trace.node(host.id, lost === 0 ? 'crashes' : `crashes, and loses ${lost} of its writes`);
    this.checks.check();
  }

  private request(host: ScenarioHost, label: string, inputOf: (number: number) => Input): void {
    const number = this.labels.push(label);
    const input = inputOf(number);
    this.checks.onRequest(number, input.kind === 'read' ? (input.maxStalenessMs ?? 0) : null);
    this.input(host, input);
  }

  /** Performs an effect; gives what the process hears of it at once. */
  private perform(turn: Turn, effect: Effect): readonly Input[] {
    const { host } = turn;
    const { id, disk } = host;
    switch (effect.kind) {
      case 'persist': {
        this.checks.onWrite(effect.entries);
        const verb = disk.isStalled ? `begins write ${effect.write}:` : 'persists';
        this.trace.node(id, `${verb} ${writeWords(disk.handedState, effect)}`);
        disk.accept(effect);
        return [];
      }
      case 'send':
        this.send(turn, effect);
        return [];
      case 'apply': {
        this.checks.onApply(id, effect.entries);
        const last = effect.entries.at(-1);
        return last === undefined ? [] : [{ kind: 'applied', index: last.index }];
      }
      case 'fetch': {
        const { peer, from, through, bytesMax } = effect;
        const entries = disk.read(from, through, bytesMax);
        this.trace.node(
          id,
          `reads ${from}..${from + entries.length - 1} from its disk for ${peer ?? 'its machine'}`,
        );
        return [{ kind: 'fetched', peer, from, entries }];
      }
      case 'readable':
      case 'result':
        this.answer(id, effect);
        return [];
      case 'changed':
        return [];
    }
  }

  private answer(id: NodeId, effect: Readable | Result): void {
    const label = this.labels[effect.ref - 1];
    // Requests of a given leader are nobody's.
    if (label === undefined) return;
    if (effect.kind === 'readable') this.trace.node(id, `answers ${label}: readable from ${effect.index}`);
    else this.trace.node(id, outcomeWords(label, effect));
    const index = effect.kind === 'readable' || effect.outcome === 'committed' ? effect.index : null;
    this.checks.onOutcome(effect.ref, label, index);
  }

  private send({ host, heard, before }: Turn, effect: Send): void {
    const { to, message, afterWrite } = effect;
    const reason = heard !== null && heard.from === to ? whyRefused(before, heard, message, this.nowMs) : '';
    const suffix = reason === '' ? '' : `: ${reason}`;
    if (host.disk.isStalled && host.disk.isUnderWay(afterWrite)) {
      host.held = [...host.held, effect];
      this.trace.node(host.id, `holds ${messageWords(message)} to ${to} until write ${afterWrite} is done`);
      return;
    }
    this.transmit(host.id, to, message, suffix);
  }

  private transmit(from: NodeId, to: NodeId, message: Message, suffix: string): void {
    this.checks.onSend(from, to, message);
    const frame = { from, to, message };
    const fate = this.fate(frame);
    if (fate === 'unseen') return;
    const isUnderWay = fate === 'under-way' && this.network.send(frame);
    this.trace.line(`${from}->${to} ${messageWords(message)}${suffix}${isUnderWay ? '' : ' (lost)'}`);
  }
}
