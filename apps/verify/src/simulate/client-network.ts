/** The way of clients to nodes: who listens where, and what befalls the connections. */

import type { ClientSocket } from '@raftkv/kv-client';
import type { ServerSocket } from '@raftkv/kv-service';
import type { Chance, Timeline } from '@raftkv/simulation';
import { ClientLine, type ServerEnd } from './client-line.ts';

/** A frame's way within a data centre, and the seldom detour. */
const DELAY_MS = [0.1, 2] as const;
const SELDOM_DELAY_MS = [5, 80] as const;
const SELDOM = 0.02;
/** When an end that is not told learns of a broken line: by a keep-alive of its own. */
const LATE_MS = [100, 3000] as const;

/** A process that listens. */
interface Listener {
  readonly node: Timeline;
  readonly accept: (socket: ServerSocket) => ServerEnd;
}

/** One client's way to the nodes. */
export interface Dialer {
  dial(url: string): ClientSocket;
  /** The client's machine is gone: nothing of it arrives any more, and nothing says so. */
  vanish(): void;
}

/** How an address cannot be reached for a while. */
export interface Closure {
  /** Whoever dials hears nothing, and has to give up by itself. */
  readonly isSilent: boolean;
  /** Of all clients, for how many; always the same ones. */
  readonly share: number;
  /** Do their connections that are there break, too? */
  readonly doesBreak: boolean;
}

export class ClientNetwork {
  private readonly world: Timeline;
  private readonly chance: Chance;
  private readonly listeners = new Map<string, Listener>();
  private readonly lines = new Map<string, Set<ClientLine>>();
  /** By address: until when dials are refused, or lead nowhere. */
  private readonly closed = new Map<string, Closure & { readonly untilMs: number }>();

  constructor(world: Timeline, chance: Chance) {
    this.world = world;
    this.chance = chance;
  }

  /** `node` is the timeline of the process; a process that listened there before is gone. */
  listen(url: string, node: Timeline, accept: (socket: ServerSocket) => ServerEnd): void {
    this.listeners.set(url, { node, accept });
  }

  /** The process at `url` is gone; its clients are told, some of them late. */
  drop(url: string): void {
    this.listeners.delete(url);
    for (const line of this.linesOf(url)) this.break(line);
  }

  /** What one client connects by. */
  dialer(): Dialer {
    const lines = new Set<ClientLine>();
    const luck = this.chance.next();
    let isGone = false;
    return {
      dial: (url) => {
        const line = this.dial(url, luck, isGone, (ended) => lines.delete(ended));
        lines.add(line);
        return line.client;
      },
      vanish: () => {
        isGone = true;
        for (const line of lines) this.break(line);
      },
    };
  }

  /** Dials to `url` are refused, or lead nowhere, for so long. */
  close(url: string, forMs: number, closure: Closure): void {
    this.closed.set(url, { ...closure, untilMs: this.world.nowMs + forMs });
    if (!closure.doesBreak) return;
    for (const line of this.linesOf(url)) if (line.luck < closure.share) this.break(line);
  }

  /** What is said in one direction on all connections to `url` arrives after `forMs` at the earliest. */
  stall(url: string, direction: 'requests' | 'answers', forMs: number): void {
    const untilMs = this.world.nowMs + forMs;
    for (const line of this.linesOf(url)) {
      const one = direction === 'requests' ? line.toNode : line.toClient;
      one.quietUntilMs = Math.max(one.quietUntilMs, untilMs);
    }
  }

  /** A `share` of the connections to `url` break within the next frame of one direction, or at once. */
  cut(url: string, share: number): void {
    for (const line of this.linesOf(url)) {
      if (!this.chance.chance(share)) continue;
      const where = this.chance.pick(['requests', 'answers', 'now'] as const);
      if (where === 'requests') line.toNode.isCut = true;
      else if (where === 'answers') line.toClient.isCut = true;
      else this.break(line);
    }
  }

  /** All that is under way comes as it should from now on. */
  heal(): void {
    this.closed.clear();
  }

  private break(line: ClientLine): void {
    const lateMs = (): number =>
      this.chance.chance(0.25) ? this.chance.between(...LATE_MS) : this.delayMs();
    line.break(lateMs(), lateMs());
  }

  private dial(url: string, luck: number, isGone: boolean, onEnded: (line: ClientLine) => void): ClientLine {
    const listener = this.listeners.get(url);
    const lines = this.linesOf(url);
    const line = new ClientLine({
      luck,
      world: this.world,
      node: listener?.node ?? this.world,
      delayMs: () => this.delayMs(),
      onEnded: (ended) => {
        lines.delete(ended);
        onEnded(ended);
      },
    });
    const closed = this.closed.get(url);
    const isClosed = closed !== undefined && closed.untilMs > this.world.nowMs && luck < closed.share;
    // Silence: whoever dialled has to give up by itself.
    if (isGone || (isClosed && closed.isSilent)) return line;
    if (isClosed || listener === undefined) {
      line.refuse();
    } else {
      lines.add(line);
      line.connect(listener.accept);
    }
    return line;
  }

  private linesOf(url: string): Set<ClientLine> {
    const lines = this.lines.get(url) ?? new Set();
    this.lines.set(url, lines);
    return lines;
  }

  private delayMs(): number {
    const [from, to] = this.chance.chance(SELDOM) ? SELDOM_DELAY_MS : DELAY_MS;
    return this.chance.between(from, to);
  }
}
