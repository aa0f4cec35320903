/**
 * The limits that `apply` enforces. They are values in the replicated state, not settings of a node: members that
 * judged by different numbers would come apart (R41). No command changes them yet.
 */

import { SESSION_REPLIES_MAX, SESSION_REPLY_BYTES_MAX, SESSION_SEQUENCE_WINDOW } from '@raftkv/kv-protocol';

export interface Limits {
  /** Sessions at one time; beyond, `open` is refused, and nobody's session is ended for it (R37). */
  readonly sessionsMax: number;
  /** Replies that one session keeps (R37). */
  readonly repliesMax: number;
  /** The bytes of those replies. */
  readonly replyBytesMax: number;
  /** How far a write may be ahead of the first that its client still waits for (R35). */
  readonly sequenceWindow: number;
}

/**
 * The highest that each may be made: what a snapshot or a command asks for beyond is refused, since memory is taken by
 * these. Whoever adds a command that lowers a limit has to see that the state keeps within it: `restore` insists.
 */
export const LIMITS_MAX: Limits = {
  sessionsMax: 1_000_000,
  repliesMax: 65_536,
  replyBytesMax: 64 * 1024 * 1024,
  sequenceWindow: 65_536,
};

export const INITIAL_LIMITS: Limits = {
  sessionsMax: 10_000,
  repliesMax: SESSION_REPLIES_MAX,
  replyBytesMax: SESSION_REPLY_BYTES_MAX,
  sequenceWindow: SESSION_SEQUENCE_WINDOW,
};
