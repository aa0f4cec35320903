/** A leader and an operator who is connected with it. */

import type { FailureCode } from '@raftkv/kv-protocol';
import type { KvCluster } from '../../src/index.ts';
import { ScriptedCluster, watched, type Ended } from './cluster.ts';
import { failed, type ScriptedNode } from './node.ts';

export interface Scene {
  readonly world: ScriptedCluster;
  readonly leader: ScriptedNode;
  readonly cluster: KvCluster;
  /** What a call has come to when nothing more happens by itself. */
  readonly after: (call: Promise<unknown>) => Promise<Ended>;
}

export async function scene(): Promise<Scene> {
  const world = new ScriptedCluster();
  const leader = world.node('ws://n1');
  const { cluster } = await world.client();
  const after = async (call: Promise<unknown>) => {
    const ended = watched(call);
    await world.time.settle();
    return ended;
  };
  return { world, leader, cluster, after };
}

/** The first changes are refused by these words, the others served. */
export function refuseChanges({ world, leader }: Scene, ...codes: FailureCode[]): void {
  leader.serve = (request) => {
    const code = request.kind === 'changeMembership' ? codes.shift() : undefined;
    return code === undefined ? world.store.serve(request) : failed(code);
  };
}
