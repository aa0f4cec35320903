/** What one turn of a node changed, in the words of the trace. */

import { configurationIndexOf, configurationOf, statusOf, type Apply, type NodeState } from '@raftkv/core';
import type { Trace } from './trace.ts';
import { whyNotCommitted } from './reasons.ts';
import { configurationWords, entriesWords, entryName, placesWords, placesOf } from './trace-words.ts';

/** Writes what differs between two states of a node, except what its effects say. */
export function traceChanges(trace: Trace, before: NodeState, after: NodeState): void {
  const { id } = after.options;
  const role = roleWords(before, after);
  if (role !== '') trace.node(id, role);
  if (after.peerFault !== null && after.peerFault.count !== before.peerFault?.count)
    trace.node(id, `blames ${after.peerFault.peer}: ${after.peerFault.fault}`);
  const why = whyNotCommitted(before, after);
  if (why !== '') trace.node(id, why);
  for (const words of progressWords(before, after)) trace.node(id, words);
}

/** Writes how far a turn committed and applied: in one line where both went as far. */
export function traceCommit(trace: Trace, before: NodeState, after: NodeState, applied: Apply | null): void {
  const { id } = after.options;
  const isRaised = after.commitIndex > before.commitIndex;
  const words = applied === null ? '' : entriesWords(applied.entries);
  const first = applied?.entries[0]?.index;
  const last = applied?.entries.at(-1)?.index;
  if (isRaised && first === before.commitIndex + 1 && last === after.commitIndex) {
    trace.node(id, `commits ${words}`);
    return;
  }
  if (isRaised) {
    trace.node(id, `commits ${committedWords(before.commitIndex, after)}, and applies it later`);
  }
  if (words !== '') trace.node(id, `applies ${words}`);
}

/** What is committed above `from`, of which a snapshot names the last alone. */
function committedWords(from: number, { log, commitIndex }: NodeState): string {
  const { base } = log;
  const places = placesOf(log).filter(({ index }) => index > from && index <= commitIndex);
  if (base.index <= from) return placesWords(places);
  const all = `all up to ${entryName(base.index, base.term)}`;
  return places.length === 0 ? all : `${all}, ${placesWords(places)}`;
}

function roleWords(before: NodeState, after: NodeState): string {
  const term = `t${after.currentTerm}`;
  const { role } = after;
  const isNewTerm = after.currentTerm !== before.currentTerm;
  if (role.kind === 'follower') {
    const known = before.role.kind === 'follower' && !isNewTerm ? before.role.leader : null;
    if (role.leader !== null) return role.leader === known ? '' : `follows ${role.leader} in ${term}`;
    if (before.role.kind !== 'follower') return `becomes follower in ${term}`;
    if (isNewTerm) return `enters ${term}`;
    return known === null ? '' : `has no leader in ${term}`;
  }
  if (role.kind === before.role.kind && !isNewTerm) return '';
  return role.kind === 'failed' ? 'fails for good' : `becomes ${role.kind} in ${term}`;
}

/** Where a leader learned something about a peer that no message shows: the place to probe, or that it may stream. */
function progressWords({ role: before }: NodeState, { role: after }: NodeState): readonly string[] {
  if (before.kind !== 'leader' || after.kind !== 'leader') return [];
  return after.progress.flatMap((progress) => {
    const known = before.progress.find(({ id }) => id === progress.id);
    if (known === undefined) return [];
    const { id, flow, nextIndex } = progress;
    const isBack = nextIndex < known.nextIndex;
    const wasStreaming = known.flow.kind === 'replicating' || known.flow.kind === 'snapshot';
    if (flow.kind === 'probing' && (wasStreaming || isBack)) return [`probes ${id} from ${nextIndex}`];
    if (flow.kind === 'replicating' && known.flow.kind !== 'replicating')
      return [`streams to ${id} from ${nextIndex}`];
    return [];
  });
}

/** Who decides from now on, where that is new: an entry brought it, or the loss of one brought it back (Raft §6). */
export function traceConfiguration(trace: Trace, before: NodeState, after: NodeState): void {
  const { id } = after.options;
  if (statusOf(after).isRemoved && !statusOf(before).isRemoved) trace.node(id, 'is removed for good');
  const [from, to] = [configurationIndexOf(before), configurationIndexOf(after)];
  const [was, is] = [configurationOf(before), configurationOf(after)];
  if (was === is) return;
  trace.node(id, `${to >= from ? 'goes by' : 'goes back to'} ${configurationWords(is)}`);
}
