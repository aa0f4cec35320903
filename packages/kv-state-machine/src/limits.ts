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

export const INITIAL_LIMITS: Limits = {
  sessionsMax: 10_000,
  repliesMax: SESSION_REPLIES_MAX,
  replyBytesMax: SESSION_REPLY_BYTES_MAX,
  sequenceWindow: SESSION_SEQUENCE_WINDOW,
};
