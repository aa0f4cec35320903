/**
 * Nodes in a state that was not reached by inputs of the scenario. Each is made by inputs of the core all the same: a
 * leader is elected by answers that nobody gave, so whatever a `given` says, its nodes could be in.
 */

import {
  logIndex,
  ref,
  term,
  writeNumber,
  type Effect,
  type Entry,
  type Input,
  type Message,
  type NodeId,
  type NodeState,
} from '@raftkv/core';
import type { Given, GivenNode } from './command.ts';
import { isLeader } from './given-line.ts';
import { CLUSTER_ID, payloadOf } from './payload.ts';
import type { ScenarioCluster } from './scenario-cluster.ts';
import type { ScenarioHost } from './scenario-host.ts';
import { lastIndexOf, termAtOf } from './trace-words.ts';

/** Requests of a given leader have numbers that no request of a scenario has. */
const FIRST_REF = 2 ** 40;

/** Brings the hosts of `cluster` into the state that `given` names. Nothing is under way afterwards. */
export function establish(cluster: ScenarioCluster, given: Given): void {
  for (const node of given.nodes) {
    const host = cluster.host(node.id);
    if (host === undefined) continue;
    if (isLeader(node)) lead(cluster, host, node, given);
    else follow(cluster, host, node, given);
  }
}

function follow(cluster: ScenarioCluster, host: ScenarioHost, node: GivenNode, given: Given): void {
  const leader = given.nodes.find((other) => isLeader(other) && other.currentTerm === node.currentTerm);
  const votedFor = node.votedFor === undefined ? (leader?.id ?? null) : node.votedFor;
  const commitIndex = logIndex(Math.min(given.commitIndex, lastIndexOfGiven(node)));
  host.disk.preset({ currentTerm: node.currentTerm, votedFor, commitIndex }, node.base, entriesOf(node));
  if (node.role === 'down') return;
  cluster.start(host);
  turn(cluster, host, { kind: 'timer' });
  if (leader === undefined || host.state?.role.kind !== 'follower') return;
  const heartbeat: Message = {
    kind: 'append',
    term: node.currentTerm,
    prevIndex: logIndex(0),
    prevTerm: term(0),
    entries: [],
    commitIndex: logIndex(0),
    round: host.state.role.echoedRound,
  };
  turn(cluster, host, { kind: 'receive', from: leader.id, message: heartbeat });
}

function lead(cluster: ScenarioCluster, host: ScenarioHost, node: GivenNode, given: Given): void {
  const entries = entriesOf(node);
  const older = entries.filter((entry) => entry.term < node.currentTerm);
  const currentTerm = term(node.currentTerm - 1);
  const commitIndex = logIndex(Math.min(given.commitIndex, node.base.index + older.length));
  host.disk.preset({ currentTerm, votedFor: null, commitIndex }, node.base, older);
  cluster.start(host);
  const peers = given.nodes.filter(({ id }) => id !== node.id);

  turn(cluster, host, { kind: 'campaign' });
  const grant = { term: node.currentTerm, isGranted: true };
  for (const { id } of peers)
    turn(cluster, host, { kind: 'receive', from: id, message: { kind: 'preVoteReply', ...grant } });
  for (const { id } of peers)
    turn(cluster, host, { kind: 'receive', from: id, message: { kind: 'voteReply', ...grant } });
  for (const entry of entries.slice(older.length + 1))
    turn(cluster, host, { kind: 'propose', ref: ref(FIRST_REF + entry.index), data: entry.data });
  for (const peer of peers)
    if (node.role === 'leader' && peer.role !== 'down') learn(cluster, host, peer, given);
  turn(cluster, host, { kind: 'timer' });
  // What it sent until now is under way to nobody.
  for (const peer of peers) {
    turn(cluster, host, { kind: 'peerDisconnected', peer: peer.id, processGone: false }, false);
  }
}

/** A leader hears how far the log of `peer` agrees with its own: by a refusal, then by a success. */
function learn(cluster: ScenarioCluster, host: ScenarioHost, peer: GivenNode, { commitIndex }: Given): void {
  const { state } = host;
  if (state?.role.kind !== 'leader' || peer.currentTerm > state.currentTerm) return;
  const agreed = lastAgreed(state, peer, commitIndex);
  const prevIndex = nextIndexOf(state, peer.id) - 1;
  const common = { term: state.currentTerm, round: state.role.round };
  const messages: Message[] = [{ kind: 'appendReply', ...common, matched: logIndex(agreed) }];
  if (agreed < prevIndex)
    messages.unshift({
      kind: 'appendRefusal',
      ...common,
      prevIndex: logIndex(prevIndex),
      hintIndex: logIndex(agreed),
      hintTerm: termAtOf(state.log, agreed) ?? term(0),
    });
  for (const message of messages) turn(cluster, host, { kind: 'receive', from: peer.id, message }, false);
}

/** Up to where both logs agree: where one ends before the other begins, what is committed does. */
function lastAgreed({ log }: NodeState, peer: GivenNode, commitIndex: number): number {
  const last = Math.min(lastIndexOfGiven(peer), lastIndexOf(log));
  const isSame = (index: number) => termOfGiven(peer, index) === termAtOf(log, index);
  let agreed = Math.max(log.base.index, peer.base.index);
  if (agreed > last || !isSame(agreed)) return Math.min(commitIndex, last);
  while (agreed < last && isSame(agreed + 1)) agreed += 1;
  return agreed;
}

function termOfGiven({ base, terms }: GivenNode, index: number): number | undefined {
  return index === base.index ? base.term : terms[index - base.index - 1];
}

function lastIndexOfGiven({ base, terms }: GivenNode): number {
  return base.index + terms.length;
}

function nextIndexOf({ role }: NodeState, peer: NodeId): number {
  const progress = role.kind === 'leader' ? role.progress.find(({ id }) => id === peer) : undefined;
  return progress?.nextIndex ?? 1;
}

function entriesOf({ base, terms }: GivenNode): readonly Entry[] {
  return terms.map((of, at) => {
    const isNoOp = (terms[at - 1] ?? base.term) !== of;
    const index = logIndex(base.index + at + 1);
    // As the core makes them: the first of a cluster names it, the later ones are empty.
    const data = isNoOp && index > 1 ? new Uint8Array(0) : isNoOp ? CLUSTER_ID : payloadOf('');
    return { index, term: of, kind: isNoOp ? 'no-op' : 'command', data };
  });
}

/** One input, whose messages nobody sees; what it writes is on disk at once. */
function turn(cluster: ScenarioCluster, host: ScenarioHost, input: Input, isFlushed = true): void {
  if (host.state === null) return;
  host.state = cluster.core.step(host.state, input, cluster.nowMs);
  if (!isFlushed) return;
  const { state, effects, wakeAtMs } = cluster.core.flush(host.state);
  host.state = state;
  host.wakeAtMs = wakeAtMs;
  for (const effect of effects) {
    if (effect.kind === 'persist') {
      host.disk.accept(effect);
      host.disk.sync(effect.write);
      turn(cluster, host, { kind: 'persisted', write: writeNumber(effect.write) });
    }
    const through = effect.kind === 'installSnapshot' ? effect.base : lastApplied(effect);
    if (through === undefined) continue;
    host.machine.apply(through.index);
    turn(cluster, host, { kind: 'applied', index: through.index });
  }
}

function lastApplied(effect: Effect): Entry | undefined {
  return effect.kind === 'apply' ? effect.entries.at(-1) : undefined;
}
