/**
 * The rules of keys and sessions said once more, as plainly as can be: everything is kept for ever in maps, and nothing
 * is ever dropped. What the machine does cleverly has to look like this from outside.
 */

import type { Operation, Outcome, WritePosition } from '@raftkv/kv-protocol';

interface Entry {
  readonly value: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
}

export class NaiveStore {
  readonly entries: Map<string, Entry> = new Map();
  revision = 1;
  private readonly replies: Map<string, Outcome> = new Map();
  private readonly marks: Map<number, number> = new Map();

  open(session: number): void {
    this.marks.set(session, 1);
  }

  end(session: number): void {
    this.marks.delete(session);
  }

  write({ session, sequence, acknowledgedBelow }: WritePosition, operation: Operation): Outcome {
    const mark = this.marks.get(session);
    if (mark === undefined) return { kind: 'refused', reason: 'session-expired' };
    if (sequence < mark) return { kind: 'refused', reason: 'already-acknowledged' };
    const name = `${session} ${sequence}`;
    const reply = this.replies.get(name) ?? this.change(operation);
    if (!this.replies.has(name)) this.marks.set(session, Math.max(mark, acknowledgedBelow));
    this.replies.set(name, reply);
    return reply;
  }

  private change(operation: Operation): Outcome {
    const key = operation.key.join();
    const before = this.entries.get(key);
    const { condition } = operation;
    const current = before?.modRevision ?? 0;
    if (condition.kind === 'revision' && condition.revision !== current) {
      return { kind: 'conditionFailed', revision: this.revision, current };
    }
    if (operation.kind === 'delete' && before === undefined) {
      return { kind: 'deleted', revision: this.revision, isDeleted: false };
    }
    this.revision += 1;
    const modRevision = this.revision;
    if (operation.kind === 'delete') {
      this.entries.delete(key);
      return { kind: 'deleted', revision: modRevision, isDeleted: true };
    }
    const version = (before?.version ?? 0) + 1;
    const createRevision = before?.createRevision ?? modRevision;
    this.entries.set(key, { value: operation.value.join(), createRevision, modRevision, version });
    return { kind: 'put', revision: modRevision, version };
  }
}
