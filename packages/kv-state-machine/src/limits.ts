/**
 * The limits that `apply` enforces. They are values in the replicated state, not settings of a node: members that
 * judged by different numbers would come apart (R41). No command changes them yet.
 */

import { MEMBERS_MAX } from '@raftkv/kv-protocol';

export interface Limits {
  /** Sessions at one time; beyond, `open` is refused, and nobody's session is ended for it (R37). */
  readonly sessionsMax: number;
  /** Replies that one session keeps, and their bytes (R37). */
  readonly repliesMax: number;
  readonly replyBytesMax: number;
  /** How far a write may be ahead of the first that its client still waits for (R35). */
  readonly sequenceWindow: number;
  /** Members that have announced an address. */
  readonly membersMax: number;
}

export const INITIAL_LIMITS: Limits = {
  sessionsMax: 10_000,
  repliesMax: 1024,
  replyBytesMax: 4 * 1024 * 1024,
  // Wider than the replies that are kept: a client that writes on past a slow reply is told to try again before it is
  // told that it contradicts itself.
  sequenceWindow: 4096,
  membersMax: MEMBERS_MAX,
};
