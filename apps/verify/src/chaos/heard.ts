/** What the nodes of a cluster say and do by themselves, as it happens. */

import type { LocalNodeEvent } from '@raftkv/server/local-cluster';
import { Leaders } from './leaders.ts';

/** A process that ended though nobody told it to. */
interface End {
  readonly name: string;
  readonly reason: string;
}

export class Heard {
  readonly leaders: Leaders = new Leaders();
  /** All that ever were. */
  readonly names: Set<string> = new Set();
  private readonly ended: End[] = [];
  private readonly end = new AbortController();

  /** Aborted where one has ended: there is something to tell then, and nothing to wait for. */
  get endSignal(): AbortSignal {
    return this.end.signal;
  }

  get hasEnds(): boolean {
    return this.ended.length > 0;
  }

  onEvent(name: string, event: LocalNodeEvent): void {
    this.names.add(name);
    if (event.kind === 'changed') this.leaders.heard(name, event.part);
    if (event.kind !== 'ended' || event.isExpected) return;
    this.ended.push({ name, reason: event.reason });
    this.end.abort();
  }

  /** Each is told once. */
  takeEnds(): readonly End[] {
    return this.ended.splice(0);
  }
}
