/** Where clients reach the members, as each tells the others when they connect. */

import type { Addresses } from '@raftkv/kv-service';

export function urlOf(node: string): string {
  return `ws://${node}`;
}

export class MemberUrls implements Addresses {
  readonly own: string;
  private readonly urls: Map<string, string>;

  constructor(node: string) {
    this.own = urlOf(node);
    this.urls = new Map([[node, this.own]]);
  }

  get about(): Uint8Array {
    return new TextEncoder().encode(this.own);
  }

  onPeer(peer: string, about: Uint8Array): void {
    this.urls.set(peer, new TextDecoder().decode(about));
  }

  of(member: string): string | null {
    return this.urls.get(member) ?? null;
  }

  all(): readonly string[] {
    return [...this.urls.values()];
  }
}
