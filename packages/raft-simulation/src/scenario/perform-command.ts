/** What each command of a scenario does to its cluster. */

import { logIndex, type Input, type NodeId } from '@raftkv/core';
import type { Command, ReadRequest } from './command.ts';
import type { CommandLine } from './command-line.ts';
import { establish } from './given-state.ts';
import { hostLog, progressWords, statusWords } from './host-words.ts';
import { whyNotCompacted, whyReadsWait } from './reasons.ts';
import type { NamedRequest, ScenarioRequests } from './requests.ts';
import { moveClock, nextToWake } from './scenario-clock.ts';
import { ScenarioCluster } from './scenario-cluster.ts';
import { ScenarioError } from './scenario-error.ts';
import type { Core, ScenarioHost } from './scenario-host.ts';
import type { Frame } from './scenario-network.ts';
import type { Trace } from './trace.ts';
import { messageWords } from './trace-words.ts';

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
  const ask = (id: NodeId, name: (requests: ScenarioRequests) => NamedRequest) =>
    cluster.request(runningHost(context, id), name(cluster.requests));
  switch (command.kind) {
    case 'campaign':
      return input(command.node, { kind: 'campaign' });
    case 'elect':
      return elect(context, command.node, command.voters);
    case 'propose':
      for (const text of command.texts) ask(command.node, (requests) => requests.propose(text));
      return;
    case 'read':
      return read(context, runningHost(context, command.node), command);
    case 'change':
      for (const id of [...command.voters, ...command.learners]) on(id);
      return ask(command.node, (requests) => requests.changeMembership(command));
    case 'transfer':
      return ask(command.node, (requests) => requests.transfer(command.target));
    case 'compact':
      return compact(context, runningHost(context, command.node), command.index);
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
      for (const frame of cluster.network.take(command)) cluster.receive(frame, command.isNoticed);
      return;
    case 'drop':
      for (const frame of cluster.network.take(command)) cluster.lose(frame, command.isNoticed);
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
      return cut(context, command.nodes, command.isNoticed);
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
    case 'hold-machine':
      runningHost(context, command.node).machine.isHeld = true;
      return;
    case 'release-machine':
      return cluster.release(runningHost(context, command.node));
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
      for (const words of progressWords(runningHost(context, command.node))) trace.node(command.node, words);
      return;
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

function read({ cluster, trace }: Context, host: ScenarioHost, asked: ReadRequest): void {
  const request = cluster.requests.read(asked);
  cluster.request(host, request);
  const why = host.state === null ? '' : whyReadsWait(host.state);
  if (why !== '') trace.node(host.id, `holds ${request.label}: ${why}`);
}

/** A node has a snapshot of all up to `index`, on disk: it is one of what its machine holds. */
function compact({ cluster, trace, line }: Context, host: ScenarioHost, index: number): void {
  const appliedIndex = host.state?.appliedIndex ?? 0;
  if (index > appliedIndex) throw new ScenarioError(line, `${host.id} has applied ${appliedIndex}`);
  cluster.input(host, { kind: 'compacted', index: logIndex(index) });
  const why = host.state === null ? '' : whyNotCompacted(host.state);
  if (why !== '') trace.node(host.id, why);
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
function cut(context: Context, nodes: readonly NodeId[], isNoticed: boolean): void {
  const { cluster } = context;
  for (const id of nodes) {
    hostOf(context, id);
    for (const other of cluster.hosts)
      if (!nodes.includes(other.id)) cluster.network.cut(id, other.id, isNoticed);
  }
}

function restart({ cluster, trace, line }: Context, host: ScenarioHost): void {
  if (host.state !== null) throw new ScenarioError(line, `${host.id} runs`);
  host.disk.isStalled = false;
  cluster.start(host);
  trace.node(host.id, `restarts: ${statusWords(host)} ${hostLog(host)}`);
  cluster.input(host, { kind: 'timer' });
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
