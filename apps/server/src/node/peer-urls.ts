/**
 * Where members reach each other, by what this node was started with: that counts before what the configuration says, since
 * addresses change. Of members that were added later the configuration alone may know.
 */

import { nodeId, type NodeId } from '@raftkv/core';
import type { CompleteOptions } from '../configuration/options.ts';

export class PeerUrls {
  private readonly name: string;
  private readonly given: ReadonlyMap<string, string>;
  /** Known once it listens, where nothing else says it. */
  private listenUrl: string | null = null;
  private readonly advertised: string | null;

  constructor({
    name,
    initialCluster,
    advertisePeer,
  }: Pick<CompleteOptions, 'name' | 'initialCluster' | 'advertisePeer'>) {
    this.name = name;
    this.given = initialCluster ?? new Map();
    this.advertised = advertisePeer ?? this.given.get(name) ?? null;
  }

  /** This node listens at `url`. Gives where the others reach it, which may be elsewhere. */
  listensAt(url: string): string {
    this.listenUrl = url;
    return this.advertised ?? url;
  }

  of(member: string): string | null {
    if (member === this.name) return this.advertised ?? this.listenUrl;
    return this.given.get(member) ?? null;
  }

  /** The others, for the transport. */
  get others(): ReadonlyMap<NodeId, string> {
    const others = [...this.given].filter(([member]) => member !== this.name);
    return new Map(others.map(([member, url]) => [nodeId(member), url]));
  }
}
