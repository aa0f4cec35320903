/** The grammar of options, and of `given`: nodes with their roles, terms and logs. */

import { logIndex, nodeId, term, type NodeId, type Term } from '@raftkv/core';
import type { ClusterOptions, Given, GivenNode } from './command.ts';
import { ENTRY_BYTES } from './payload.ts';
import { ScenarioError } from './scenario-error.ts';

type MutableOptions = { -readonly [Name in keyof ClusterOptions]: ClusterOptions[Name] };

const OPTION = /^([a-z]+)=(\d+)(?:\.\.(\d+))?(?:ms)?$/u;

const OPTIONS: Readonly<Record<string, (options: MutableOptions, value: number, to: number) => void>> = {
  heartbeat: (options, value) => (options.heartbeatMs = value),
  election: (options, value, to) => {
    options.electionTimeoutMinMs = value;
    options.electionTimeoutMaxMs = to;
  },
  batch: (options, value) => (options.appendBytesMax = value * ENTRY_BYTES),
  window: (options, value) => (options.inFlightAppendsMax = value),
  tail: (options, value) => (options.tailEntriesMax = value),
  quota: (options, value) => (options.uncommittedBytesMax = value * ENTRY_BYTES),
  reads: (options, value) => (options.waitingReadsMax = value),
  snapshot: (options, value) => (options.snapshotTimeoutMs = value),
  compaction: (options, value) => (options.compactionWaitMaxMs = value),
  lease: (options, value) => (options.leasePromiseMs = value),
  drift: (options, value) => (options.clockDriftMaxMs = value),
};

/** Takes the options out of `words`; the others are left in their order. */
export function parseOptions(
  words: readonly string[],
  line: number,
): { readonly options: ClusterOptions; readonly others: readonly string[] } {
  const options: MutableOptions = {};
  const others = words.filter((word) => {
    const match = OPTION.exec(word);
    const name = match?.[1] ?? '';
    const set = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (match === null || set === undefined) return true;
    if ((name === 'election') !== (match[3] !== undefined))
      throw new ScenarioError(line, `${word}: election takes a range, the other options one number`);
    set(options, Number(match[2]), Number(match[3]));
    return false;
  });
  const unknown = others.find((word) => OPTION.test(word) && !word.startsWith('commit='));
  if (unknown !== undefined)
    throw new ScenarioError(line, `no option '${unknown}'; there are ${Object.keys(OPTIONS).join(', ')}`);
  return { options, others };
}

/** @throws {ScenarioError} if the words are no nodes, or contradict each other. */
export function parseGiven(words: readonly string[], line: number): Given {
  const { options, others } = parseOptions(words, line);
  const text = others.filter((word) => !word.startsWith('commit=')).join(' ');
  const commitIndex = commitOf(others, line);
  const nodes = text
    .split(/ (?=[a-z][a-z0-9]*=(?:follower|leader|new-leader|down)\b)/u)
    .map((node) => parseGivenNode(node, line));
  if (new Set(nodes.map(({ id }) => id)).size < nodes.length)
    throw new ScenarioError(line, 'a cluster names each node once');
  const ahead = nodes.find(({ base }) => base.index > commitIndex);
  if (ahead !== undefined)
    throw new ScenarioError(
      line,
      `what ${ahead.id}'s base stands for is committed: commit=${ahead.base.index}`,
    );
  return { options, commitIndex, nodes };
}

const ROLES = ['follower', 'leader', 'new-leader', 'down'] as const;

const NODE =
  /^([a-z][a-z0-9]*)=(follower|leader|new-leader|down) t(\d+)(?: vote=([a-z][a-z0-9]*|-))?(?: base=(\d+)@t(\d+))? \[([^\]]*)\]$/u;

function parseGivenNode(text: string, line: number): GivenNode {
  const match = NODE.exec(text);
  if (match === null)
    throw new ScenarioError(line, `a node is given like a=follower t2 vote=b [1@t1 2..3@t2], not '${text}'`);
  const [, id = '', word, currentTerm, vote, baseIndex = '0', baseTerm = '0', log = ''] = match;
  const base = { index: logIndex(Number(baseIndex)), term: term(Number(baseTerm)) };
  const role = ROLES.find((one) => one === word) ?? 'down';
  const node: GivenNode = {
    id: nodeId(id),
    role,
    currentTerm: term(Number(currentTerm)),
    votedFor: voteOf(vote),
    base,
    terms: termsOf(log, base, line),
  };
  if ((base.index === 0) !== (base.term === 0)) throw new ScenarioError(line, `${id}'s base is none`);
  const last = node.terms.at(-1) ?? base.term;
  if (last > node.currentTerm) throw new ScenarioError(line, `${id}'s log is ahead of its term`);
  if (isLeader(node) && last !== node.currentTerm)
    throw new ScenarioError(line, `${id} leads t${node.currentTerm}: its log ends in its own no-op`);
  if (isLeader(node) && base.term === node.currentTerm)
    throw new ScenarioError(line, `${id} leads t${node.currentTerm}: its base is of an earlier term`);
  return node;
}

/** Does `node` lead? */
export function isLeader({ role }: GivenNode): boolean {
  return role === 'leader' || role === 'new-leader';
}

function voteOf(vote: string | undefined): NodeId | null | undefined {
  if (vote === undefined) return undefined;
  return vote === '-' ? null : nodeId(vote);
}

/** The terms of `1@t1 2..3@t2`, which stands behind `base`. */
function termsOf(log: string, base: GivenNode['base'], line: number): readonly Term[] {
  const terms: Term[] = [];
  for (const word of log.split(' ').filter((one) => one !== '')) {
    const match = /^(\d+)(?:\.\.(\d+))?@t(\d+)$/u.exec(word);
    if (match === null) throw new ScenarioError(line, `entries are written 1@t1 or 1..3@t1, not '${word}'`);
    const first = Number(match[1]);
    const last = Number(match[2] ?? first);
    const of = term(Number(match[3]));
    const isNext =
      first === base.index + terms.length + 1 &&
      last >= first &&
      of >= (terms.at(-1) ?? Math.max(base.term, 1));
    if (!isNext) throw new ScenarioError(line, `${word} does not follow in a log`);
    for (let index = first; index <= last; index += 1) terms.push(of);
  }
  return terms;
}

function commitOf(words: readonly string[], line: number): number {
  const word = words.find((one) => one.startsWith('commit='));
  if (word === undefined) return 0;
  const match = /^commit=(\d+)$/u.exec(word);
  if (match === null) throw new ScenarioError(line, `commit is written commit=1, not '${word}'`);
  return Number(match[1]);
}
