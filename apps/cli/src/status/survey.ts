/** All nodes that can be found from some: each that answers names the members that it knows. */

import { askStatus, type Member, type NodeStatus } from './answer.ts';

/** What is printed as JSON: the same fields for all, null where nothing is known. */
export interface SurveyedNode {
  readonly name: string | null;
  /** Where it was asked. */
  readonly clientUrl: string | null;
  readonly isReachable: boolean;
  /** Why it was not reached. */
  readonly reason: string | null;
  readonly role: string | null;
  readonly term: number | null;
  readonly leader: string | null;
  readonly commitIndex: number | null;
  readonly appliedIndex: number | null;
  readonly revision: number | null;
  readonly keys: number | null;
  readonly clusterId: string | null;
}

type Answers = ReadonlyMap<string, NodeStatus | string>;
type Ask = (endpoint: string, signal: AbortSignal) => Promise<NodeStatus | string>;

/** Far above the members of any cluster: nodes that name others without end end here. */
const ASKED_MAX = 64;
const NOT_ANNOUNCED = 'the others learn its address once it has led: name it by --endpoints';

/** @param ask is replaced in tests. */
export async function survey(
  endpoints: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
  ask: Ask = askStatus,
): Promise<readonly SurveyedNode[]> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const answers = new Map<string, NodeStatus | string>();
  let next: readonly string[] = endpoints;
  while (next.length > 0) {
    const found = await Promise.all(next.map(async (url) => [url, await ask(url, limit)] as const));
    for (const [url, answer] of found) answers.set(url, answer);
    const named = statuses(answers).flatMap(({ members }) =>
      members.flatMap(({ clientUrl }) => clientUrl ?? []),
    );
    next = [...new Set(named)]
      .filter((url) => !answers.has(url))
      .slice(0, Math.max(0, ASKED_MAX - answers.size));
  }
  return nodesIn(answers);
}

export function hasLeader(nodes: readonly SurveyedNode[]): boolean {
  return nodes.some(({ leader }) => leader !== null);
}

export function clusterIds(nodes: readonly SurveyedNode[]): readonly string[] {
  return [...new Set(nodes.flatMap(({ clusterId }) => clusterId ?? []))];
}

function statuses(answers: Answers): NodeStatus[] {
  return [...answers.values()].filter((answer) => typeof answer !== 'string');
}

function nodesIn(answers: Answers): SurveyedNode[] {
  const members = statuses(answers).flatMap((status) => status.members);
  const reached = new Map<string, SurveyedNode>();
  const missed: SurveyedNode[] = [];
  for (const [clientUrl, answer] of answers) {
    if (typeof answer === 'string') missed.push(missing(nameOf(clientUrl, members), clientUrl, answer));
    else {
      // A node may be asked at several addresses; the first is the one that the user gave.
      const identity = `${answer.clusterId ?? ''} ${answer.name}`;
      if (!reached.has(identity)) reached.set(identity, describe(clientUrl, answer));
    }
  }
  const isReached = (name: string | null): boolean =>
    [...reached.values()].some((node) => node.name === name);
  // One that answers at another address is not missing.
  const asked = [...reached.values(), ...missed.filter(({ name }) => name === null || !isReached(name))];
  const names = new Set(asked.map(({ name }) => name));
  const silent = new Set(members.map(({ name }) => name).filter((name) => !names.has(name)));
  return [...asked, ...[...silent].map((name) => missing(name, null, NOT_ANNOUNCED))].toSorted(byName);
}

function nameOf(url: string, members: readonly Member[]): string | null {
  return members.find(({ clientUrl }) => clientUrl === url)?.name ?? null;
}

function describe(clientUrl: string, status: NodeStatus): SurveyedNode {
  const { name, role, term, leader, commitIndex, appliedIndex, revision, keys, clusterId } = status;
  const numbers = { term, leader, commitIndex, appliedIndex, revision, keys, clusterId };
  return { name, clientUrl, isReachable: true, reason: null, role, ...numbers };
}

function missing(name: string | null, clientUrl: string | null, reason: string): SurveyedNode {
  const numbers = {
    term: null,
    leader: null,
    commitIndex: null,
    appliedIndex: null,
    revision: null,
    keys: null,
  };
  return { name, clientUrl, isReachable: false, reason, role: null, ...numbers, clusterId: null };
}

/** Those without a name last. */
function byName(one: SurveyedNode, other: SurveyedNode): number {
  if (one.name === other.name) return 0;
  if (one.name === null || other.name === null) return one.name === null ? 1 : -1;
  return one.name < other.name ? -1 : 1;
}
