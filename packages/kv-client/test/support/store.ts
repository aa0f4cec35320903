/** A small store with sessions, as the rules say (R35 to R37): what a cluster is to a client. */

import {
  SESSION_SEQUENCE_WINDOW,
  type Operation,
  type Outcome,
  type Request,
  type Response,
  type WritePosition,
} from '@raftkv/kv-protocol';
import { ScriptedMembers } from './members.ts';

interface Stored {
  readonly value: Uint8Array;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
}

interface StoredSession {
  mark: number;
  readonly replies: Map<number, Outcome>;
}

export class ScriptedStore {
  revision = 0;
  ttlMs = 9_000;
  /** Writes that changed something or were judged: each position once. */
  applied = 0;
  readonly members = new ScriptedMembers();
  readonly sessions = new Map<number, StoredSession>();
  private readonly byNonce = new Map<string, number>();
  private readonly entries = new Map<string, Stored>();
  private lastSession = 0;

  serve(request: Request): Response {
    switch (request.kind) {
      case 'open':
        return { kind: 'opened', session: this.open(request.nonce), ttlMs: this.ttlMs };
      case 'end':
        this.sessions.delete(request.session);
        return { kind: 'outcome', outcome: { kind: 'done' } };
      case 'keepAlive':
        return this.sessions.has(request.session)
          ? { kind: 'alive', ttlMs: this.ttlMs }
          : { kind: 'outcome', outcome: { kind: 'refused', reason: 'session-expired' } };
      case 'write':
        return { kind: 'outcome', outcome: this.write(request.position, request.operation) };
      case 'get':
        return this.get(request.key);
      case 'members':
      case 'changeMembership':
      case 'transferLeadership':
      case 'status':
        return this.members.serve(request);
    }
  }

  open(nonce: Uint8Array): number {
    const name = hex(nonce);
    const known = this.byNonce.get(name);
    if (known !== undefined && this.sessions.has(known)) return known;
    this.lastSession += 10;
    this.byNonce.set(name, this.lastSession);
    this.sessions.set(this.lastSession, { mark: 1, replies: new Map() });
    return this.lastSession;
  }

  write({ session: id, sequence, acknowledgedBelow }: WritePosition, operation: Operation): Outcome {
    const session = this.sessions.get(id);
    if (session === undefined) return { kind: 'refused', reason: 'session-expired' };
    const isBeyond = sequence >= acknowledgedBelow + SESSION_SEQUENCE_WINDOW;
    if (acknowledgedBelow > sequence || isBeyond) return { kind: 'refused', reason: 'invalid' };
    if (sequence < session.mark) return { kind: 'refused', reason: 'already-acknowledged' };
    const kept = session.replies.get(sequence);
    if (kept !== undefined) return kept;
    const outcome = this.apply(operation);
    this.applied += 1;
    session.replies.set(sequence, outcome);
    session.mark = Math.max(session.mark, acknowledgedBelow);
    for (const old of session.replies.keys()) if (old < session.mark) session.replies.delete(old);
    return outcome;
  }

  private get(key: Uint8Array): Response {
    const stored = this.entries.get(hex(key));
    const entry = stored === undefined ? null : { key, ...stored };
    return { kind: 'value', entry, revision: this.revision };
  }

  private apply(operation: Operation): Outcome {
    const name = hex(operation.key);
    const before = this.entries.get(name);
    const current = before?.modRevision ?? 0;
    const { condition } = operation;
    if (condition.kind === 'revision' && condition.revision !== current) {
      return { kind: 'conditionFailed', revision: this.revision, current };
    }
    if (operation.kind === 'delete') {
      if (this.entries.delete(name)) this.revision += 1;
      return { kind: 'deleted', revision: this.revision, isDeleted: before !== undefined };
    }
    this.revision += 1;
    const version = (before?.version ?? 0) + 1;
    const createRevision = before?.createRevision ?? this.revision;
    const stored = { value: operation.value, createRevision, modRevision: this.revision, version };
    this.entries.set(name, stored);
    return { kind: 'put', revision: this.revision, version };
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
