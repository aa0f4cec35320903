/**
 * Bare cores on a network, disks and a clock that stand still until a command moves them. A turn is one input, one
 * flush, and its effects; what a working disk and the state machine answer follows at once.
 */

import {
  firstConfiguration,
  noConfiguration,
  writeNumber,
  type Base,
  type Effect,
  type Input,
  type LogIndex,
  type NodeId,
  type NodeState,
  type Persist,
  type Readable,
  type Result,
  type Send,
} from '@raftkv/core';
import type { ClusterOptions } from './command.ts';
import { membersNamed } from './membership-input.ts';
import { CLUSTER_ID } from './payload.ts';
import { whyIgnored, whyNotTaken, whyRefused } from './reasons.ts';
import { ScenarioRequests, type NamedRequest } from './requests.ts';
import { ScenarioChecks } from './scenario-checks.ts';
import { newHost, withoutProcess, type Core, type ScenarioHost } from './scenario-host.ts';
import { ScenarioNetwork, type Frame } from './scenario-network.ts';
import type { Trace } from './trace.ts';
import { entryName, messageWords, outcomeWords, writeWords } from './trace-words.ts';
import { traceChanges, traceCommit, traceConfiguration } from './turn-trace.ts';

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
  readonly requests: ScenarioRequests = new ScenarioRequests();
  readonly core: Core;
  nowMs = 0;
  /** What becomes of a message that is sent now: `unseen` is lost without a line. */
  fate: (frame: Frame) => 'under-way' | 'lost' | 'unseen' = () => 'under-way';
  private readonly options: ClusterOptions;
  private readonly trace: Trace;

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
    this.hosts = [...ids, ...joining].map((id) =>
      newHost(id, joining.includes(id) ? noConfiguration() : configuration),
    );
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

  /** Asks a node for something. */
  request(host: ScenarioHost, { ref, input }: NamedRequest): void {
    this.checks.onRequest(ref, input.kind === 'read' ? (input.maxStalenessMs ?? 0) : null);
    this.input(host, input);
  }

  /** Gives a message, or a snapshot, to its receiver; whoever sent a snapshot hears of it where it `isNoticed`. */
  receive(frame: Frame, isNoticed = true): void {
    const host = this.host(frame.to);
    const { from, message } = frame;
    if (host === undefined || host.state === null) {
      this.trace.line(`${from}->${frame.to} ${messageWords(message)} is lost: ${frame.to} is down`);
      return this.tellSender(frame, false, isNoticed);
    }
    const before = host.state;
    if (message.kind === 'snapshot') {
      const why = whyNotTaken(before, message.base);
      this.trace.node(
        host.id,
        `${why === '' ? 'takes' : 'ignores'} ${messageWords(message)} of ${from}${why}`,
      );
      this.input(host, { kind: 'snapshotReceived', from, base: message.base });
      return this.tellSender(frame, true, isNoticed);
    }
    const lines = this.trace.length;
    this.input(host, { kind: 'receive', from, message }, frame);
    if (this.trace.length > lines) return;
    const why = whyIgnored(before, frame, this.nowMs);
    if (why !== '') this.trace.node(host.id, `ignores ${messageWords(message)} of ${from}: ${why}`);
  }

  /** A frame is lost; whoever sent a snapshot hears of it where that `isNoticed`. */
  lose(frame: Frame, isNoticed: boolean): void {
    this.trace.line(`${frame.from}->${frame.to} ${messageWords(frame.message)} is lost`);
    this.tellSender(frame, false, isNoticed);
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
    for (const { to, message } of free) this.transmit({ from: host.id, to, message }, '');
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
    Object.assign(host, withoutProcess());
    this.trace.node(host.id, lost === 0 ? 'crashes' : `crashes, and loses ${lost} of its writes`);
    this.checks.check();
  }

  /** The machine works again: the process hears what took effect meanwhile. */
  release(host: ScenarioHost): void {
    for (const index of host.machine.release()) {
      this.trace.node(host.id, `has all up to ${index} in its machine`);
      this.input(host, appliedInput(index));
    }
  }

  /** Performs an effect; gives what the process hears of it at once. */
  private perform(turn: Turn, effect: Effect): readonly Input[] {
    const { host } = turn;
    switch (effect.kind) {
      case 'persist':
        this.write(host, effect);
        return [];
      case 'send':
        this.send(turn, effect);
        return [];
      case 'apply': {
        this.checks.onApply(host, effect.entries);
        const last = effect.entries.at(-1);
        return last === undefined ? [] : host.machine.apply(last.index).map(appliedInput);
      }
      case 'fetch': {
        const { peer, from, through, bytesMax } = effect;
        const entries = host.disk.read(from, through, bytesMax);
        const whom = peer ?? 'its machine';
        this.trace.node(host.id, `reads ${from}..${from + entries.length - 1} from its disk for ${whom}`);
        return [{ kind: 'fetched', peer, from, entries }];
      }
      case 'sendSnapshot':
        return this.stream(host.id, effect.peer, effect.base);
      case 'installSnapshot': {
        const { index, term } = effect.base;
        this.checks.onInstall(host, effect.base);
        const verb = host.machine.isHeld ? 'begins to restore' : 'restores';
        this.trace.node(host.id, `${verb} ${entryName(index, term)}`);
        return host.machine.restore(index).map(appliedInput);
      }
      case 'readable':
      case 'result':
        this.answer(host.id, effect);
        return [];
      case 'changed':
        return [];
    }
  }

  private write({ id, disk }: ScenarioHost, effect: Persist): void {
    this.checks.onWrite(effect.entries);
    const verb = disk.isStalled ? `begins write ${effect.write}:` : 'persists';
    this.trace.node(id, `${verb} ${writeWords(disk.handedState, effect)}`);
    disk.accept(effect);
  }

  /** A snapshot takes the place of the one before to the same peer, which may arrive all the same. */
  private stream(from: NodeId, to: NodeId, base: Base): readonly Input[] {
    const frame: Frame = { from, to, message: { kind: 'snapshot', base } };
    const host = this.host(from);
    if (host !== undefined) host.streams = new Map(host.streams).set(to, frame);
    if (this.transmit(frame, '')) return [];
    return this.network.isLossNoticed(from, to) ? this.endOfStream(frame, false) : [];
  }

  private tellSender(frame: Frame, isDelivered: boolean, isNoticed: boolean): void {
    const sender = this.host(frame.from);
    if (sender === undefined || !isNoticed) return;
    for (const input of this.endOfStream(frame, isDelivered)) this.input(sender, input);
  }

  /** What whoever sent `frame` hears: nothing of a message, or of a snapshot that is not its last. */
  private endOfStream(frame: Frame, isDelivered: boolean): readonly Input[] {
    const sender = this.host(frame.from);
    if (sender?.streams.get(frame.to) !== frame) return [];
    sender.streams = new Map([...sender.streams].filter(([, other]) => other !== frame));
    return [{ kind: 'snapshotSent', peer: frame.to, isDelivered }];
  }

  private answer(id: NodeId, effect: Readable | Result): void {
    const label = this.requests.labelOf(effect.ref);
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
    this.transmit({ from: host.id, to, message }, suffix);
  }

  /** Says whether the frame is under way now. */
  private transmit(frame: Frame, suffix: string): boolean {
    const { from, to, message } = frame;
    if (message.kind !== 'snapshot') this.checks.onSend(from, to, message);
    const fate = this.fate(frame);
    if (fate === 'unseen') return false;
    const isUnderWay = fate === 'under-way' && this.network.send(frame);
    this.trace.line(`${from}->${to} ${messageWords(message)}${suffix}${isUnderWay ? '' : ' (lost)'}`);
    return isUnderWay;
  }
}

function appliedInput(index: LogIndex): Input {
  return { kind: 'applied', index };
}
