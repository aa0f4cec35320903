/** Where to dial next: towards the leader where one is known, else around all nodes that are known. */

import type { Directory } from '@raftkv/kv-protocol';

/** An address that was announced and cannot be reached from here is not followed for this long, doubled each time. */
const AVOID_MS = 500;
const AVOID_MAX_MS = 5_000;

interface Avoided {
  readonly untilMs: number;
  readonly forMs: number;
}

export class Route {
  private readonly endpoints: readonly string[];
  private readonly isSecure: boolean;
  private learned: readonly string[] = [];
  private leaderUrl: string | null = null;
  private turn = 0;
  /** The last dialled was the leader that someone named, not one in turn. */
  private isFollowing = false;
  private readonly avoided = new Map<string, Avoided>();

  constructor(endpoints: readonly string[]) {
    this.endpoints = endpoints;
    this.isSecure = endpoints.every((url) => url.startsWith('wss:'));
  }

  learn({ leaderUrl, urls }: Directory): void {
    this.learned = urls.filter((url) => this.isAllowed(url) && !this.endpoints.includes(url));
    this.learnLeader(leaderUrl);
  }

  learnLeader(url: string | null): void {
    this.leaderUrl = url !== null && this.isAllowed(url) ? url : null;
  }

  /** The leader's address, if it is none of `urls`, by which the node is known that is there, and has not just failed. */
  leaderElsewhere(urls: readonly string[], nowMs: number): string | null {
    const { leaderUrl } = this;
    if (leaderUrl === null || urls.some((url) => normal(leaderUrl) === normal(url))) return null;
    return nowMs < (this.avoided.get(leaderUrl)?.untilMs ?? 0) ? null : leaderUrl;
  }

  /** The leader if one is known, else the next in turn. */
  next(nowMs: number): string {
    const leader = this.leaderElsewhere([], nowMs);
    // Dialled once: where that leads nowhere, the others are asked what they know.
    this.leaderUrl = null;
    this.isFollowing = leader !== null;
    if (leader !== null) return leader;
    const all = [...this.endpoints, ...this.learned];
    const url = all[this.turn % all.length] ?? '';
    this.turn += 1;
    return url;
  }

  reached(url: string): void {
    this.avoided.delete(url);
  }

  failed(url: string, nowMs: number): void {
    if (!this.isFollowing) return;
    for (const [other, { untilMs, forMs }] of this.avoided) {
      if (untilMs + forMs < nowMs) this.avoided.delete(other);
    }
    const forMs = Math.min((this.avoided.get(url)?.forMs ?? AVOID_MS / 2) * 2, AVOID_MAX_MS);
    this.avoided.set(url, { untilMs: nowMs + forMs, forMs });
  }

  /** Whoever asked for encryption does not lose it by an announcement. */
  private isAllowed(url: string): boolean {
    return url.startsWith('wss://') || (!this.isSecure && url.startsWith('ws://'));
  }
}

/** `ws://a:1` and `ws://a:1/` are one node. */
function normal(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}
