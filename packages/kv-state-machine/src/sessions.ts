/**
 * Sessions: a write that stands in the log more than once is applied once. Each session keeps the replies that its
 * client may still ask for, and a mark below which the client waits for nothing any more. Source: Diss. §6.3; rules R35
 * to R37.
 */

import { ByteWriter } from '@raftkv/codec';
import {
  writeOutcome,
  type Outcome,
  type RefusalReason,
  type SessionId,
  type WritePosition,
} from '@raftkv/kv-protocol';
import { invariant } from './invariants.ts';
import { latin1 } from './latin1.ts';
import type { Limits } from './limits.ts';
import { compareNumbers, compareText, treeBy, type Tree } from './tree.ts';

/** Never changed, only replaced: clones share them. */
export interface Session {
  /** What it was opened with, one character a byte. */
  readonly nonce: string;
  /** The client waits for no reply below it. */
  readonly mark: number;
  /** Replies that are kept, all at or above the mark. */
  readonly replies: number;
  /** Their bytes. */
  readonly replyBytes: number;
}

/** What a write's position says before the write is looked at. */
export type Verdict =
  | { readonly kind: 'answer'; readonly outcome: Outcome }
  | { readonly kind: 'run'; readonly session: Session };

interface ReplyKey {
  readonly session: SessionId;
  readonly sequence: number;
}

interface Reply {
  readonly outcome: Outcome;
  /** As many as the outcome takes on the wire. */
  readonly bytes: number;
}

interface Trees {
  readonly sessions: Tree<SessionId, Session>;
  readonly replies: Tree<ReplyKey, Reply>;
  readonly nonces: Tree<string, SessionId>;
}

/** The number of a session's first write. */
const FIRST_SEQUENCE = 1;

export class Sessions {
  private readonly trees: Trees;

  private constructor(trees: Trees) {
    this.trees = trees;
  }

  static empty(): Sessions {
    return new Sessions({
      sessions: treeBy(compareNumbers),
      replies: treeBy(compareReplyKeys),
      nonces: treeBy(compareText),
    });
  }

  clone(): Sessions {
    const { sessions, replies, nonces } = this.trees;
    return new Sessions({
      sessions: sessions.clone(),
      replies: replies.clone(),
      nonces: nonces.clone(),
    });
  }

  get(id: SessionId): Session | null {
    return this.trees.sessions.get(id) ?? null;
  }

  *ids(): IterableIterator<SessionId> {
    for (const [id] of this.trees.sessions.entries()) yield id;
  }

  reply(session: SessionId, sequence: number): Outcome | null {
    return this.trees.replies.get({ session, sequence })?.outcome ?? null;
  }

  /** Those that are kept for a session, by sequence. */
  *replies(session: SessionId): IterableIterator<[number, Outcome]> {
    for (const [key, { outcome }] of this.trees.replies.entries({ session, sequence: 0 })) {
      if (key.session !== session) return;
      yield [key.sequence, outcome];
    }
  }

  /** `index` is that of the entry that asks: it becomes the id of a session that is new, and never comes again (R36). */
  open(index: SessionId, nonceBytes: Uint8Array, limits: Limits): Outcome {
    const { sessions, nonces } = this.trees;
    const nonce = latin1(nonceBytes);
    const opened = nonces.get(nonce);
    if (opened !== undefined) return { kind: 'opened', session: opened };
    if (sessions.size >= limits.sessionsMax) return refused('too-many-sessions');
    nonces.set(nonce, index);
    sessions.set(index, { nonce, mark: FIRST_SEQUENCE, replies: 0, replyBytes: 0 });
    return { kind: 'opened', session: index };
  }

  /** One that is not there has ended before: nothing is left to do. */
  end(id: SessionId): void {
    const { sessions, replies, nonces } = this.trees;
    const session = sessions.get(id);
    if (session === undefined) return;
    const kept = replies.deleteRange({ session: id, sequence: 0 }, { session: id + 1, sequence: 0 }, false);
    invariant(
      kept === session.replies,
      'replies-counted',
      () => `${session.replies}, and there were ${kept}`,
    );
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
    if (sequence < session.mark) return answer(refused('already-acknowledged'));
    const kept = this.trees.replies.get({ session: id, sequence });
    return kept === undefined ? { kind: 'run', session } : answer(kept.outcome);
  }

  /**
   * Keeps the reply to a write that `judge` let run, raises the mark and drops the replies below it. False, and nothing
   * changed, where there is no room (R37). What counts is what stays when the mark has risen: else a full session
   * could never say that it has seen its replies.
   */
  keep(
    { session: id, sequence, acknowledgedBelow }: WritePosition,
    before: Session,
    outcome: Outcome,
    limits: Limits,
  ): boolean {
    const mark = Math.max(before.mark, acknowledgedBelow);
    const bytes = bytesOf(outcome);
    const dropped = this.measure(id, before.mark, mark);
    const replies = before.replies - dropped.replies + 1;
    const replyBytes = before.replyBytes - dropped.replyBytes + bytes;
    if (replies > limits.repliesMax || replyBytes > limits.replyBytesMax) return false;

    if (dropped.replies > 0) {
      this.trees.replies.deleteRange(
        { session: id, sequence: before.mark },
        { session: id, sequence: mark },
        false,
      );
    }
    this.trees.replies.set({ session: id, sequence }, { outcome, bytes });
    this.trees.sessions.set(id, { nonce: before.nonce, mark, replies, replyBytes });
    return true;
  }

  /** The replies from `from` to before `to`. */
  private measure(session: SessionId, from: number, to: number): Pick<Session, 'replies' | 'replyBytes'> {
    if (from === to) return { replies: 0, replyBytes: 0 };
    let replyBytes = 0;
    const replies = this.trees.replies.forRange(
      { session, sequence: from },
      { session, sequence: to },
      false,
      (_, reply) => {
        replyBytes += reply.bytes;
      },
    );
    return { replies, replyBytes };
  }
}

export function refused(reason: RefusalReason): Outcome {
  return { kind: 'refused', reason };
}

function answer(outcome: Outcome): Verdict {
  return { kind: 'answer', outcome };
}

function compareReplyKeys(one: ReplyKey, other: ReplyKey): number {
  return one.session === other.session ? one.sequence - other.sequence : one.session - other.session;
}

function bytesOf(outcome: Outcome): number {
  const writer = new ByteWriter();
  writeOutcome(writer, outcome);
  return writer.length;
}
