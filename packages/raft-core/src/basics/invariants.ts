/**
 * Every property that this package relies on: its name, and where it is argued. The registry is shared by the
 * assertions here, by the checkers of a whole cluster and by the documents.
 */

/** Asserted inside one node, in all builds. */
export const INVARIANTS = {
  'time-is-finite': 'nowMs is a finite number',
  'write-order': 'persisted names a write that was handed out; DESIGN §2',
  'writes-ascend': 'every write is handed out once, in rising order; DESIGN §2',
  'durable-within-log': 'durableIndex ≤ last index; rule R4',
  'reply-has-a-write': 'an answer that has to wait finds a write under way to wait for; rule R2',
  'own-vote-durable': 'a candidate counts its own vote once (term, self) is on disk; rule R3',
  'one-vote-per-term': 'a vote, once given, does not change within its term; Raft §5.2',
  'term-monotonic': 'currentTerm never falls; Raft §5.1',
  'commit-within-log': 'commitIndex ≤ last index; Raft Figure 2',
  'commit-monotonic': 'commitIndex never falls; Raft Figure 2',
  'truncate-above-commit': 'a committed entry is never removed; Raft §5.3',
  'leader-append-only': 'a leader never overwrites or removes entries of its log; Raft Figure 3',
  'complete-target':
    'a leader that told a target to campaign appends nothing to what that holds; Diss. §3.10',
  'append-contiguous': 'an appended entry follows the last one, in index and in term; Raft §5.3',
  'match-below-next': 'matchIndex < nextIndex; Raft Figure 2',
  'next-within-log': 'nextIndex is above the base and at most one past the end; Raft Figure 2',
  'window-within-limits': 'no more appends are under way to a peer than the window allows; Diss. §10.2.2',
  'apply-durable': 'only entries both committed and on this disk are handed out to be applied; rule R4',
  'applied-within-handed': 'applied names an entry that was handed out to be applied; DESIGN §2',
  'rounds-ascend': 'round numbers rise and are never used twice in one term; Raft §8, rule R16',
  'no-lease-in-transfer': 'a lease has ended before a target is told to campaign; rule R20',
  'no-vote-within-promise': 'a vote is not given to another within a promise; rule R20',
  'lease-from-sending': 'a lease counts from when its question was sent, and so never shrinks; rule R20',
  'one-change-at-a-time':
    'a configuration is appended only when the one before it, and an entry of this term, is committed; rule R21',
  'majorities-overlap':
    'voters change by way of a joint configuration: one after another, majorities share a voter; Raft §6',
  'unwritten-in-tail': 'what the disk was not handed yet is in memory, all of it; rule R9',
  'apply-behind-base': 'no entry is handed to a machine that was not made from the base yet; rule R33',
  'compacted-was-applied': 'a snapshot holds nothing that was not applied here; Raft §7',
  'base-within-log': 'a base is a position of the log; Raft §7',
  'base-ascends': 'the base never goes back; Raft §7, rule R33',
  'recovered-base': 'a record begins at index 0 in term 0, or behind a snapshot; Raft §7',
  'recovered-log-contiguous':
    'the recovered tail ends the log, and its terms are those of the term ranges; DESIGN §2',
  'recovered-configurations':
    'the recovered configurations lie in the log in order, and are those of its entries; rule R21',
  'recovered-commit-within-log': 'the recovered commitIndex is not above the recovered log; rule R31',
  'recovered-term-covers-log': 'the recovered currentTerm is not below the last entry’s; rule R31',
} as const;

/** Hold for a cluster as a whole; checked after every event by whoever can see all nodes. */
export const CLUSTER_INVARIANTS = {
  'election-safety': 'at most one leader is elected in a term; Raft §5.2, Figure 3',
  'log-matching': 'logs that agree on one entry agree on all before it; Raft §5.3, Figure 3',
  'leader-completeness': 'a leader’s log holds every entry committed in earlier terms; Raft §5.4, Figure 3',
  'state-machine-safety': 'no two nodes apply different entries at one index; Raft §5.4.3, Figure 3',
  'committed-is-durable': 'a committed entry is on the disks of a quorum; Raft §5.3',
  'one-outcome': 'every request has exactly one outcome; DESIGN §2',
  progress: 'a cluster that heals elects a leader, commits and answers; Diss. §8',
  'linearizable-read': 'a read sees every write that was acknowledged before it was asked; Raft §8',
  'bounded-read': 'a read that may be stale sees what was acknowledged so long before it was asked; rule R17',
} as const;

/** The name by which a property of one node is asserted. */
export type InvariantName = keyof typeof INVARIANTS;
/** The name by which a property of a whole cluster is checked. */
export type ClusterInvariantName = keyof typeof CLUSTER_INVARIANTS;

/** A property that this package relies on does not hold: stop the node, because going on could lose data. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
  readonly code = 'RAFT_INVARIANT';
  /** The property that does not hold, as the registry names it. */
  readonly invariant: InvariantName | ClusterInvariantName;

  constructor(name: InvariantName | ClusterInvariantName, why: string) {
    super(`${name}: ${why}`);
    this.invariant = name;
  }
}

/** @throws {InvariantViolation} named `name` unless `holds`. `why` runs only then. */
export function invariant(holds: boolean, name: InvariantName, why: () => string): asserts holds {
  if (!holds) throw new InvariantViolation(name, why());
}

/** Ends a switch over a union: does not compile while a variant is undecided. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected variant: ${JSON.stringify(value)}`);
}
