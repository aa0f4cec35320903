/**
 * Sessions: a write that stands in the log more than once is applied once. Each session keeps the replies that its
 * client may still ask for, and a mark below which the client waits for nothing any more. Source: Diss. §6.3; rules R35
 * to R37.
 */

import type { Outcome, RefusalReason, SessionId, WritePosition } from '@raftkv/kv-protocol';
import { invariant } from './invariants.ts';
import { latin1 } from './latin1.ts';
import type { Limits } from './limits.ts';
import { Replies, replyOf } from './replies.ts';
import { compareNumbers, compareText, treeBy, type Tree } from './tree.ts';

/** What a session is like at a moment. */
export interface Session {
  /** What it was opened with, one character a byte. */
  readonly nonce: string;
  /** The client waits for no reply below it. */
  readonly mark: number;
  /** Replies that are kept, all at or above the mark. */
  readonly replies: number;
  /** Of those replies, on the wire. */
  readonly replyBytes: number;
}

/** Changed by its owner alone; clones share it until one of them has to change it, and takes a copy (R34). */
interface Kept {
  readonly owner: object;
  readonly nonce: string;
  readonly replies: Replies;
}

/** A session as it is without its replies. */
interface Opened {
  readonly id: SessionId;
  /** One character a byte. */
  readonly nonce: string;
  readonly mark: number;
}

/** What a write's position says before the write is looked at. */
export type Verdict = { readonly kind: 'answer'; readonly outcome: Outcome } | { readonly kind: 'run' };

interface Trees {
  readonly sessions: Tree<SessionId, Kept>;
  readonly nonces: Tree<string, SessionId>;
}

/** The number of a session's first write. */
const FIRST_SEQUENCE = 1;
const RUN: Verdict = { kind: 'run' };

export class Sessions {
  private readonly trees: Trees;
  private owner = {};

  private constructor(trees: Trees) {
    this.trees = trees;
  }

  static empty(): Sessions {
    return new Sessions({ sessions: treeBy(compareNumbers), nonces: treeBy(compareText) });
  }

  clone(): Sessions {
    // What there is belongs to neither of the two from now on.
    this.owner = {};
    const { sessions, nonces } = this.trees;
    return new Sessions({ sessions: sessions.clone(), nonces: nonces.clone() });
  }

  get(id: SessionId): Session | null {
    const session = this.trees.sessions.get(id);
    return session === undefined ? null : shown(session);
  }

  get size(): number {
    return this.trees.sessions.size;
  }

  /** By id. */
  *entries(): IterableIterator<[SessionId, Session]> {
    for (const [id, session] of this.trees.sessions.entries()) yield [id, shown(session)];
  }

  *ids(): IterableIterator<SessionId> {
    for (const [id] of this.trees.sessions.entries()) yield id;
  }

  reply(session: SessionId, sequence: number): Outcome | null {
    return this.trees.sessions.get(session)?.replies.get(sequence) ?? null;
  }

  /** Those that are kept for a session, by sequence. */
  *replies(session: SessionId): IterableIterator<[number, Outcome]> {
    yield* this.trees.sessions.get(session)?.replies.entries() ?? [];
  }

  /** `index` is that of the entry that asks: it becomes the id of a session that is new, and never comes again (R36). */
  open(index: SessionId, nonceBytes: Uint8Array, limits: Limits): Outcome {
    const { sessions, nonces } = this.trees;
    const nonce = latin1(nonceBytes);
    const opened = nonces.get(nonce);
    if (opened !== undefined) return { kind: 'opened', session: opened };
    if (sessions.size >= limits.sessionsMax) return refused('too-many-sessions');
    nonces.set(nonce, index);
    sessions.set(index, { owner: this.owner, nonce, replies: new Replies(FIRST_SEQUENCE) });
    return { kind: 'opened', session: index };
  }

  /** One that is not there has ended before: nothing is left to do. */
  end(id: SessionId): void {
    const { sessions, nonces } = this.trees;
    const session = sessions.get(id);
    if (session === undefined) return;
    nonces.delete(session.nonce);
    sessions.delete(id);
  }

  /** The checks of R35, in its order; none of them changes anything. */
  judge({ session: id, sequence, acknowledgedBelow }: WritePosition, limits: Limits): Verdict {
    const session = this.trees.sessions.get(id);
    if (session === undefined) return answer(refused('session-expired'));
    // Judged by what the write says of itself, not by the mark: every copy of it is answered alike, whatever was applied
    // in between. The mark is at or above `acknowledgedBelow` once it is applied, so the window bounds it too.
    const isWithinWindow = sequence - acknowledgedBelow < limits.sequenceWindow;
    if (sequence < FIRST_SEQUENCE || acknowledgedBelow > sequence || !isWithinWindow) {
      return answer(refused('invalid'));
    }
    if (sequence < session.replies.mark) return answer(refused('already-acknowledged'));
    const kept = session.replies.get(sequence);
    return kept === null ? RUN : answer(kept);
  }

  /**
   * Keeps the reply to a write that `judge` let run, raises the mark and drops the replies below it. False, and nothing
   * changed, where there is no room (R37). What counts is what stays when the mark has risen: else a full session
   * could never say that it has seen its replies.
   */
  keep(
    { session: id, sequence, acknowledgedBelow }: WritePosition,
    outcome: Outcome,
    limits: Limits,
  ): boolean {
    const before = this.trees.sessions.get(id);
    invariant(before !== undefined, 'session-judged', () => `there is no session ${id}`);
    const lowest = Math.max(before.replies.mark, acknowledgedBelow);
    invariant(
      sequence >= lowest && sequence - lowest < limits.sequenceWindow,
      'reply-within-window',
      () => `${sequence} of session ${id}, which waits for ${lowest}`,
    );
    const reply = replyOf(outcome);
    const amount = before.replies.amountWith(reply, acknowledgedBelow);
    if (amount.count > limits.repliesMax || amount.bytes > limits.replyBytesMax) return false;

    this.owned(id, before).replies.keep(sequence, reply, acknowledgedBelow, amount);
    return true;
  }

  /**
   * Puts a session back as it was, but for the replies: `keep` takes those. False, and nothing changed, where another has
   * its nonce.
   */
  restore({ id, nonce, mark }: Opened): boolean {
    const { sessions, nonces } = this.trees;
    if (nonces.get(nonce) !== undefined) return false;
    nonces.set(nonce, id);
    sessions.set(id, { owner: this.owner, nonce, replies: new Replies(mark) });
    return true;
  }

  /** The session, to be changed. */
  private owned(id: SessionId, session: Kept): Kept {
    if (session.owner === this.owner) return session;
    const { nonce, replies } = session;
    const copy: Kept = { owner: this.owner, nonce, replies: replies.copy() };
    this.trees.sessions.set(id, copy);
    return copy;
  }
}

function shown({ nonce, replies }: Kept): Session {
  return { nonce, mark: replies.mark, replies: replies.count, replyBytes: replies.bytes };
}

export function refused(reason: RefusalReason): Outcome {
  return { kind: 'refused', reason };
}

function answer(outcome: Outcome): Verdict {
  return { kind: 'answer', outcome };
}
