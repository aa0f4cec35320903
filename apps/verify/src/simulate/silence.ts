/** Who was removed asks for no votes any more, once it was told, or knows it by itself. Source: Raft §6; R24, R26. */

import { configurationOf, isMember, membersOf, type Configuration, type NodeId } from '@raftkv/core';
import type { SimulatedHost, SimulatedNetwork, World } from '@raftkv/simulation';
import { BrokenPromise } from './broken-promise.ts';
import type { SimulatedDisk } from './simulated-disk.ts';

type Host = SimulatedHost<SimulatedDisk>;

export class Silence {
  private readonly world: World;
  /** When each node asked for votes last. */
  private readonly askedMs = new Map<NodeId, number>();

  constructor(world: World, network: SimulatedNetwork) {
    this.world = world;
    network.onSend((from, _, messages) => {
      const isAsking = messages.some(({ kind }) => kind === 'voteRequest' || kind === 'preVoteRequest');
      if (isAsking) this.askedMs.set(from, world.nowMs);
    });
  }

  /**
   * To be called when each of `hosts` has had the time to campaign once and to be answered since `sinceMs`. Who knows none of
   * `serving` can be told by nobody.
   *
   * @throws {BrokenPromise} if one of `hosts` that `last` does not name has asked for votes since then.
   */
  check(hosts: readonly Host[], serving: readonly Host[], last: Configuration, sinceMs: number): void {
    for (const { id, running } of hosts) {
      if (running === null || isMember(last, id)) continue;
      const known = membersOf(configurationOf(running.node.coreState())).map((member) => member.id);
      const isHeard = serving.some((host) => known.includes(host.id));
      if (!isHeard || (this.askedMs.get(id) ?? 0) < sinceMs) continue;
      throw new BrokenPromise('removed-are-silent', `${id} asks for votes at ${this.world.nowMs} ms`);
    }
  }
}
