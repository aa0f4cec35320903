/**
 * How long clients were told that their sessions live, and whether anybody ended one sooner. A node counts in time of its own
 * clock, which may be fast; nothing else shortens what it said. Source: R38, R39.
 */

import { decodeCommand, type Request, type Response, type SessionId } from '@raftkv/kv-protocol';
import type { Command } from '@raftkv/runtime';
import { BrokenPromise } from './broken-promise.ts';

/** No clock of a plan is faster. */
const RATE_MAX = 1.06;

/** A clock goes ahead, and nothing in the world does. */
interface Jump {
  readonly atMs: number;
  readonly byMs: number;
}

interface Promised {
  readonly askedMs: number;
  readonly untilMs: number;
}

export class SessionPromises {
  private readonly nowMs: () => number;
  private readonly jumps: readonly Jump[];
  private readonly kept = new Map<SessionId, Promised>();
  /** By their clients: no promise binds any more. */
  private readonly ended = new Set<SessionId>();

  /** `jumps` of any node's clock that are no stall by the rules: they take from what was said. */
  constructor(nowMs: () => number, jumps: readonly Jump[]) {
    this.nowMs = nowMs;
    this.jumps = jumps;
  }

  /** A client has asked; gives whom to tell of the response. */
  onRequest(request: Request): (response: Response) => void {
    if (request.kind === 'end') this.ended.add(request.session);
    const askedMs = this.nowMs();
    return (response) => {
      if (response.kind === 'opened') this.promise(response.session, askedMs, response.ttlMs);
      if (response.kind !== 'alive' || request.kind !== 'keepAlive') return;
      this.promise(request.session, askedMs, response.ttlMs);
    };
  }

  /** @throws {BrokenPromise} if one of these ends a session that has to live. */
  onApply(commands: readonly Command[]): void {
    for (const { index, data } of commands) {
      const command = decodeCommand(data);
      if (command.kind !== 'endSessions') continue;
      for (const session of command.sessions) this.onEnd(session, index);
    }
  }

  private promise(session: SessionId, askedMs: number, ttlMs: number): void {
    const untilMs = askedMs + ttlMs / RATE_MAX;
    if (untilMs > (this.kept.get(session)?.untilMs ?? 0)) this.kept.set(session, { askedMs, untilMs });
  }

  private untilMs(session: SessionId): number {
    const promised = this.kept.get(session);
    if (promised === undefined) return 0;
    const jumps = this.jumps.filter(({ atMs }) => atMs >= promised.askedMs && atMs <= this.nowMs());
    return jumps.reduce((untilMs, { byMs }) => untilMs - byMs, promised.untilMs);
  }

  private onEnd(session: SessionId, index: number): void {
    const untilMs = this.untilMs(session);
    // Whoever applies it later, and whatever is said by a node that has not applied it yet, it has ended here.
    const isFirst = !this.ended.has(session);
    this.ended.add(session);
    if (!isFirst || this.nowMs() >= untilMs) return;
    throw new BrokenPromise(
      'session-kept',
      `${session} was to live until ${untilMs}, and is ended by entry ${index}`,
    );
  }
}
