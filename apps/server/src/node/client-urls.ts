/**
 * Where clients reach the members: each tells the others when they connect. A member that is gone is still known by what
 * it said last, since it may come back; one that is no member any more is not told of.
 */

import type { Addresses } from '@raftkv/kv-service';
import { URL_BYTES_MAX } from '@raftkv/kv-protocol';
import { isWebSocketUrl } from '../configuration/address.ts';

export class ClientUrls implements Addresses {
  readonly own: string;
  private readonly urls: Map<string, string>;
  private readonly isMember: (name: string) => boolean;

  constructor(name: string, own: string, isMember: (name: string) => boolean) {
    this.own = own;
    this.isMember = isMember;
    this.urls = new Map([[name, own]]);
  }

  /** What this node tells its peers about itself. */
  get about(): Uint8Array {
    return new TextEncoder().encode(this.own);
  }

  /** What `peer` tells about itself; a release that says something else says nothing that counts. */
  onPeer(peer: string, about: Uint8Array): void {
    const url = about.length > URL_BYTES_MAX ? '' : new TextDecoder().decode(about);
    if (isWebSocketUrl(url)) this.urls.set(peer, url);
  }

  of(member: string): string | null {
    return this.urls.get(member) ?? null;
  }

  all(): readonly string[] {
    return [...this.urls].filter(([name]) => this.isMember(name)).map(([, url]) => url);
  }
}
