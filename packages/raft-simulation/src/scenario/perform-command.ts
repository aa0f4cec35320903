/** What each command of a scenario does to its cluster. */

import { statusOf, type Input, type NodeId } from '@raftkv/core';
import type { Command } from './command.ts';
import type { CommandLine } from './command-line.ts';
import { establish } from './given-state.ts';
import { ScenarioCluster, type Core, type ScenarioHost } from './scenario-cluster.ts';
import { ScenarioError } from './scenario-error.ts';
import type { Frame } from './scenario-network.ts';
import type { Trace } from './trace.ts';
import { logWords, messageWords, placesOf, lastPlaceOf } from './trace-words.ts';

/** Where commands are performed; `cluster` and `given` set up another cluster. */
export interface Stage {
  readonly core: Core;
  readonly trace: Trace;
  cluster: ScenarioCluster | null;
}

/** More messages than any scenario needs to come to rest. */
const DELIVERIES_MAX = 10_000;

/**
 * Performs one command.
 *
 * @throws {ScenarioError} if it names a node, or needs a cluster, that is not there
 * @throws {InvariantViolation} if the core broke a promise
 */
export function perform(stage: Stage, line: CommandLine): void {
  const { command } = line;
  if (command.kind === 'cluster') begin(stage, command);
  else if (command.kind === 'given') beginGiven(stage, command);
  else if (stage.cluster === null) throw new ScenarioError(line.line, 'there is no cluster yet');
  else performOn({ cluster: stage.cluster, trace: stage.trace, line: line.line }, command);
}

interface Context {
  readonly cluster: ScenarioCluster;
  readonly trace: Trace;
  readonly line: number;
}

type LaterCommand = Exclude<Command, { readonly kind: 'cluster' | 'given' }>;

function performOn(context: Context, command: LaterCommand): void {
  const { cluster, trace } = context;
  const on = (id: NodeId) => hostOf(context, id);
  const input = (id: NodeId, one: Input) => cluster.input(runningHost(context, id), one);
  switch (command.kind) {
    case 'campaign':
      return input(command.node, { kind: 'campaign' });
    case 'elect':
      return elect(context, command.node, command.voters);
    case 'propose':
      for (const text of command.texts) cluster.propose(runningHost(context, command.node), text);
      return;
    case 'read':
      return cluster.read(runningHost(context, command.node), command);
    case 'change':
      for (const id of [...command.voters, ...command.learners]) on(id);
      return cluster.changeMembership(runningHost(context, command.node), command);
    case 'transfer':
      return cluster.transfer(runningHost(context, command.node), command.target);
    case 'doubt':
      return input(command.node, { kind: 'leaseDoubt' });
    case 'tick':
      return tick(context, runningHost(context, command.node));
    case 'advance':
      return advance(context, command.ms, () => undefined);
    case 'run':
      stabilize(context, []);
      return advance(context, command.ms, () => stabilize(context, []));
    case 'deliver':
      for (const frame of cluster.network.take(command)) cluster.receive(frame);
      return;
    case 'drop':
      for (const { from, to, message } of cluster.network.take(command))
        trace.line(`${from}->${to} ${messageWords(message)} is lost`);
      return;
    case 'repeat':
      for (const { from, to, message } of cluster.network.repeat(command))
        trace.line(`${from}->${to} ${messageWords(message)} again`);
      return;
    case 'stabilize':
      return stabilize(context, command.nodes);
    case 'replicate':
      return replicate(context, command.node, command.peer);
    case 'cut':
      return cut(context, command.nodes);
    case 'heal':
      return cluster.network.heal();
    case 'connect':
      return input(command.node, { kind: 'peerConnected', peer: on(command.peer).id });
    case 'disconnect': {
      const { processGone } = command;
      return input(command.node, { kind: 'peerDisconnected', peer: on(command.peer).id, processGone });
    }
    case 'stall-disk':
      on(command.node).disk.isStalled = true;
      return;
    case 'resume-disk':
      cluster.sync(on(command.node), Infinity);
      on(command.node).disk.isStalled = false;
      return;
    case 'fail-disk':
      return cluster.failDisk(runningHost(context, command.node));
    case 'sync':
      return cluster.sync(runningHost(context, command.node), command.write ?? Infinity);
    case 'crash':
      return cluster.crash(runningHost(context, command.node), command.keptWrites);
    case 'restart':
      return restart(context, on(command.node));
    case 'status':
      for (const host of hostsOf(context, command.nodes)) trace.node(host.id, statusWords(host));
      return;
    case 'log':
      for (const host of hostsOf(context, command.nodes)) trace.node(host.id, hostLog(host));
      return;
    case 'progress':
      return traceProgress(context, runningHost(context, command.node));
  }
}

function begin(stage: Stage, { nodes, joining, options }: Extract<Command, { kind: 'cluster' }>): void {
  const cluster = new ScenarioCluster(nodes, options, stage.core, stage.trace, joining);
  for (const host of cluster.hosts) {
    cluster.start(host);
    cluster.input(host, { kind: 'timer' });
  }
  stage.cluster = cluster;
}

function beginGiven(stage: Stage, given: Extract<Command, { kind: 'given' }>): void {
  const ids = given.nodes.map(({ id }) => id);
  const cluster = new ScenarioCluster(ids, given.options, stage.core, stage.trace);
  stage.cluster = cluster;
  establish(cluster, given);
  cluster.checks.check();
}

/** The clock goes on to where `host` wants to be woken, and it alone is: the timers of the others are late. */
function tick({ cluster, trace }: Context, host: ScenarioHost): void {
  if (host.wakeAtMs === null) return;
  moveClock(cluster, trace, host.wakeAtMs);
  cluster.input(host, { kind: 'timer' });
}

function advance(context: Context, ms: number, afterTimer: () => void): void {
  const { cluster, trace } = context;
  const endMs = cluster.nowMs + ms;
  for (let timers = 0; timers < DELIVERIES_MAX; timers += 1) {
    const host = nextToWake(cluster, endMs);
    if (host === null) {
      cluster.nowMs = endMs;
      return;
    }
    moveClock(cluster, trace, host.wakeAtMs ?? endMs);
    cluster.input(host, { kind: 'timer' });
    afterTimer();
  }
  throw new ScenarioError(context.line, 'timers come without end');
}

function moveClock(cluster: ScenarioCluster, trace: Trace, toMs: number): void {
  if (toMs <= cluster.nowMs) return;
  cluster.nowMs = toMs;
  trace.head(`at ${Math.round(toMs)}ms`);
}

function nextToWake({ hosts }: ScenarioCluster, endMs: number): ScenarioHost | null {
  let first: ScenarioHost | null = null;
  for (const host of hosts) {
    if (host.wakeAtMs === null || host.wakeAtMs > endMs) continue;
    if (first === null || host.wakeAtMs < (first.wakeAtMs ?? Infinity)) first = host;
  }
  return first;
}

/** Delivers what is under way between `nodes`, and what comes of it, until nothing is. */
function stabilize(context: Context, nodes: readonly NodeId[]): void {
  for (const id of nodes) hostOf(context, id);
  const isAmong = (id: NodeId) => nodes.length === 0 || nodes.includes(id);
  deliverAll(context, ({ from, to }) => isAmong(from) && isAmong(to));
}

/** `node` campaigns and hears the answers of `voters`; questions to others are lost, all else stays under way. */
function elect(context: Context, node: NodeId, voters: readonly NodeId[]): void {
  const { cluster } = context;
  const host = runningHost(context, node);
  for (const id of voters) hostOf(context, id);
  const isAsked = (id: NodeId) => id === node || voters.length === 0 || voters.includes(id);
  const isAmong = (frame: Frame) => isAsked(frame.from) && isAsked(frame.to);
  withFate(
    cluster,
    (frame) => (isOfElection(frame) && !isAmong(frame) ? 'lost' : 'under-way'),
    () => {
      cluster.input(host, { kind: 'campaign' });
      deliverAll(context, (frame) => isOfElection(frame) && isAmong(frame));
    },
  );
}

function isOfElection({ message: { kind } }: Frame): boolean {
  return (
    kind === 'preVoteRequest' || kind === 'preVoteReply' || kind === 'voteRequest' || kind === 'voteReply'
  );
}

function deliverAll({ cluster, line }: Context, isWanted: (frame: Frame) => boolean): void {
  for (let count = 0; count < DELIVERIES_MAX; count += 1) {
    const frame = cluster.network.takeFirst(isWanted);
    if (frame === undefined) return;
    cluster.receive(frame);
  }
  throw new ScenarioError(line, 'messages come without end');
}

/** What a leader owes one peer on a new connection, and what comes of it; what it owes others is lost. */
function replicate(context: Context, node: NodeId, peer: NodeId): void {
  const { cluster } = context;
  const host = runningHost(context, node);
  const isWanted = ({ from, to }: Frame) => [from, to].every((id) => id === node || id === peer);
  withFate(
    cluster,
    (frame) => (isWanted(frame) ? 'under-way' : 'unseen'),
    () => {
      cluster.input(host, { kind: 'peerConnected', peer: hostOf(context, peer).id });
      deliverAll(context, isWanted);
    },
  );
}

function withFate(cluster: ScenarioCluster, fate: ScenarioCluster['fate'], run: () => void): void {
  cluster.fate = fate;
  try {
    run();
  } finally {
    cluster.fate = () => 'under-way';
  }
}

/** Nothing that is sent from now on passes between `nodes` and the others. */
function cut(context: Context, nodes: readonly NodeId[]): void {
  const { cluster } = context;
  for (const id of nodes) {
    hostOf(context, id);
    for (const other of cluster.hosts) if (!nodes.includes(other.id)) cluster.network.cut(id, other.id);
  }
}

function restart({ cluster, trace, line }: Context, host: ScenarioHost): void {
  if (host.state !== null) throw new ScenarioError(line, `${host.id} runs`);
  host.disk.isStalled = false;
  cluster.start(host);
  trace.node(host.id, `restarts: ${statusWords(host)} ${hostLog(host)}`);
  cluster.input(host, { kind: 'timer' });
}

function statusWords({ state }: ScenarioHost): string {
  if (state === null) return 'is down';
  const { role, currentTerm, votedFor, commitIndex, log } = state;
  const leader = role.kind === 'follower' && role.leader !== null ? ` of ${role.leader}` : '';
  const vote = votedFor === null ? '' : ` vote=${votedFor}`;
  const removed = statusOf(state).isRemoved ? ' removed' : '';
  const place = `last=${lastPlaceOf(log)} commit=${commitIndex}`;
  return `${role.kind}${leader} t${currentTerm}${vote} ${place}${removed}`;
}

function hostLog({ state }: ScenarioHost): string {
  return state === null ? 'is down' : logWords(placesOf(state.log));
}

function traceProgress({ trace }: Context, { id, state }: ScenarioHost): void {
  if (state?.role.kind !== 'leader') return trace.node(id, 'does not lead');
  for (const { id: peer, flow, matchIndex, nextIndex } of state.role.progress) {
    const under = flow.kind === 'replicating' ? ` under way=${flow.inFlight.length}` : '';
    trace.node(id, `${peer} ${flow.kind} match=${matchIndex} next=${nextIndex}${under}`);
  }
}

function hostsOf(context: Context, ids: readonly NodeId[]): readonly ScenarioHost[] {
  return ids.length === 0 ? context.cluster.hosts : ids.map((id) => hostOf(context, id));
}

function hostOf({ cluster, line }: Context, id: NodeId): ScenarioHost {
  const host = cluster.host(id);
  if (host === undefined) throw new ScenarioError(line, `there is no node ${id}`);
  return host;
}

function runningHost(context: Context, id: NodeId): ScenarioHost {
  const host = hostOf(context, id);
  if (host.state === null) throw new ScenarioError(context.line, `${id} is down`);
  return host;
}
