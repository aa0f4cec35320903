/**
 * What each part of the core costs by itself, for clusters of 3, 5 and 7 voters: a leader's steps and flushes, the count of a
 * quorum, an append to the log. Nanoseconds of one processor for one call. Run as compiled, like the other benchmarks.
 */

import { quorumValue } from '../src/contract/quorum.ts';
import {
  emptyRecord,
  flush,
  logIndex,
  nodeId,
  recover,
  ref,
  step,
  term,
  type Entry,
  type Input,
  type LogIndex,
  type Message,
  type NodeId,
  type NodeState,
  firstConfiguration,
} from '../src/index.ts';
import { appendToLog, type Log } from '../src/state/log.ts';
import { tailOf, trimTail } from '../src/state/tail.ts';

const RUNS = 7;
const CALLS = 200_000;
const TOGETHER = 64;
const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(nodeId);
const leader = nodeId('a');
const data = new Uint8Array(256);

/** What a case does again and again; gives how many of the calls that are counted were made. */
type Case = () => number;

for (const voters of [3, 5, 7]) {
  report(`${voters} voters: step (propose) and flush, one at a time`, together(voters, 1));
  report(
    `${voters} voters: step (propose) and flush, ${TOGETHER} at a time, for each`,
    together(voters, TOGETHER),
  );
  report(`${voters} voters: step (an answer of a peer)`, answers(voters));
  report(`${voters} voters: flush with nothing owed`, idle(voters));
  report(`${voters} voters: quorum`, quorum(voters));
}
report('log: append of one entry', appends(1));
report(`log: append of ${TOGETHER} entries, for each`, appends(TOGETHER));

/** A leader in its term, whose no-op is committed; everyone has everything. */
function leading(voters: number): NodeState {
  const ids = IDS.slice(0, voters);
  const members = ids.map((id) => ({ id, data: new Uint8Array(0) }));
  const options = { id: leader, seed: 1, clusterIdProposal: new Uint8Array(16) };
  let state = recover(options, emptyRecord(firstConfiguration(members)), 0);
  const put = (input: Input): void => {
    state = flush(step(state, input, 0)).state;
  };
  const hear = (message: Message): void => {
    for (const id of ids.slice(1)) put({ kind: 'receive', from: id, message });
  };
  put({ kind: 'campaign' });
  hear({ kind: 'preVoteReply', term: term(1), isGranted: true });
  put({ kind: 'persisted', write: state.disk.lastWrite });
  hear({ kind: 'voteReply', term: term(1), isGranted: true });
  return settled(state);
}

/** All that the leader has is on its disk, at its peers, and applied. */
function settled(before: NodeState): NodeState {
  let state = step(before, { kind: 'persisted', write: before.disk.lastWrite }, 0);
  const matched = logIndex(state.log.tail.firstIndex + state.log.tail.entries.length - 1);
  for (const from of peersOf(state)) {
    state = step(state, { kind: 'receive', from, message: answer(state, matched) }, 0);
  }
  state = flush(state).state;
  return flush(step(state, { kind: 'applied', index: matched }, 0)).state;
}

function peersOf({ role }: NodeState): readonly NodeId[] {
  return role.kind === 'leader' ? role.progress.map(({ id }) => id) : [];
}

function answer({ role, currentTerm }: NodeState, matched: LogIndex): Message {
  if (role.kind !== 'leader') throw new Error(`it is ${role.kind}`);
  return { kind: 'appendReply', term: currentTerm, matched, round: role.round };
}

function together(voters: number, count: number): Case {
  let state = leading(voters);
  let number = 0;
  return () => {
    for (let nth = 0; nth < count; nth += 1) {
      number += 1;
      state = step(state, { kind: 'propose', ref: ref(number), data }, 0);
    }
    state = settled(flush(state).state);
    return count;
  };
}

/** Of a round that is known: what is left is to find the peer, and to count. */
function answers(voters: number): Case {
  const state = leading(voters);
  const from = peersOf(state).at(-1) ?? leader;
  const input = { kind: 'receive', from, message: answer(state, state.commitIndex) } as const;
  return () => {
    step(state, input, 0);
    return 1;
  };
}

function idle(voters: number): Case {
  const state = leading(voters);
  return () => {
    flush(state);
    return 1;
  };
}

function quorum(voters: number): Case {
  const matches = Array.from({ length: voters }, (_, at) => 1_000_000 + at * 3);
  let at = 0;
  return () => {
    at = (at + 1) % voters;
    matches[at] = (matches[at] ?? 0) + quorumValue(matches) - 999_999;
    if ((matches[at] ?? 0) > 2_000_000) matches.fill(1_000_000);
    return 1;
  };
}

function appends(count: number): Case {
  const { base } = emptyRecord(firstConfiguration([{ id: leader, data: new Uint8Array(0) }]));
  let log: Log = { base, termRanges: [], configurations: [], tail: tailOf(logIndex(1), []) };
  let last = 0;
  return () => {
    const entries: Entry[] = [];
    for (let nth = 0; nth < count; nth += 1) {
      last += 1;
      entries.push({ index: logIndex(last), term: term(1), kind: 'command', data });
    }
    log = appendToLog(log, entries);
    if (log.tail.entries.length > 4096) {
      log = { ...log, tail: trimTail(log.tail, logIndex(last - 1024)) };
    }
    return count;
  };
}

function report(name: string, run: Case): void {
  const costs = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage();
    let calls = 0;
    while (calls < CALLS) calls += run();
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1000) / calls;
  });
  const [least, median, most] = [0, RUNS >> 1, RUNS - 1].map((nth) => {
    return costs.toSorted((one, other) => one - other)[nth]?.toFixed(0);
  });
  console.log(`${name}: ${median} ns (median of ${RUNS} runs, ${least} to ${most})`);
}
