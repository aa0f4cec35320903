/** What an operator asks of a node first. */

import type { LogIndex, NodeId, Term } from '../basics/brands.ts';

/** What a node is at present; `failed` is for good. */
export type RoleKind = 'follower' | 'pre-candidate' | 'candidate' | 'leader' | 'failed';

/** How a peer broke the protocol. What it sent was refused and changed nothing else (R7). */
export type Fault =
  /** A field is missing, out of range or contradicts another. */
  | 'malformed-message'
  /** It claims to lead a term that another leads. */
  | 'second-leader'
  /** Its log differs from ours at or below our commitIndex. */
  | 'conflict-below-commit'
  /** It claims entries that we, its leader, do not have. */
  | 'match-above-log'
  /** It echoes a round that was never begun. */
  | 'round-ahead';

/** Which peer broke the protocol last, and how. */
export interface PeerFault {
  /** Who sent the message that broke the protocol. */
  readonly peer: NodeId;
  /** What was wrong; the message changed nothing. */
  readonly fault: Fault;
  /** Faults of all peers since the start. */
  readonly count: number;
}

/** What an operator asks of a node first. */
export interface Status {
  /** `failed` is for ever: the node has to be started again. */
  readonly role: RoleKind;
  /** 0 before the first election. */
  readonly currentTerm: Term;
  /** Who leads, as far as this node knows. */
  readonly leader: NodeId | null;
  /** Of the entry that the configuration in force came with; rises, and falls where that is rolled back (R21). */
  readonly configurationIndex: LogIndex;
  /** It knows, or was told by who does, that it was removed: it campaigns no more, and may be stopped (R26). */
  readonly isRemoved: boolean;
  /** The latest, or `null` where there was none. */
  readonly peerFault: PeerFault | null;
}

/** What a leader knows of one peer. */
export interface PeerProgress {
  /** The peer's. */
  readonly id: NodeId;
  /** Up to here the peer holds the leader's log, on disk, as far as it has said so. */
  readonly matchIndex: LogIndex;
  /** The next entry to send to it. */
  readonly nextIndex: LogIndex;
  /**
   * `probing`: where the logs part is looked for; `fetching`: entries are read from the disk for it; `snapshot`: it lacks what
   * only a snapshot holds, and is sent that.
   */
  readonly flow: 'probing' | 'replicating' | 'fetching' | 'snapshot';
  /** How long ago it last answered; at the start of a leadership, since then. */
  readonly silentMs: number;
}
