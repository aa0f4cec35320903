/** One direction between two nodes. */

import type { Message, NodeId } from '@raftkv/core';
import type { Chance } from '../world/chance.ts';
import type { Connection } from './connection.ts';

export interface Frame {
  readonly connection: Connection;
  readonly messages: readonly Message[];
}

export class Link {
  readonly from: NodeId;
  readonly to: NodeId;
  /** Of this link alone: what happens to others leaves its draws as they are. */
  readonly chance: Chance;
  /** Of the snapshots on it alone. */
  readonly snapshotChance: Chance;
  /** How many faults cut it at present. */
  cuts = 0;
  /** How many faults clog it at present. */
  clogs = 0;
  /** Rises with each cut, so that an old one is not taken for a later one. */
  cutNumber = 0;
  /** What came while it was clogged. */
  held: Frame[] = [];
  framesUnderWay = 0;
  /** What is sent later and keeps its order does not arrive before. */
  lastArrivalMs = 0;

  constructor(from: NodeId, to: NodeId, chance: Chance) {
    this.from = from;
    this.to = to;
    this.chance = chance;
    this.snapshotChance = chance.fork('snapshots');
  }
}
