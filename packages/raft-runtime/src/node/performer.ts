/** Does what the core decides, in its order: what a turn sends leaves at the end of it, and what it applies comes last. */

import type { Effect, NodeState } from '@raftkv/core';
import { clusterIdOf } from '../bytes/cluster-id.ts';
import type { Transport } from '../ports/transport.ts';
import type { Applier } from './applier.ts';
import type { DiskWork } from './disk-work.ts';
import type { Ending } from './ending.ts';
import type { Outbox } from './outbox.ts';
import type { Peers } from './peers.ts';
import type { Requests } from './requests.ts';
import type { Snapshots } from './snapshots.ts';

export interface PerformerHost {
  state(): NodeState;
  ending(): Ending | null;
  /** The status is another. */
  onChanged(): void;
}

/** Who does it. */
interface Parts<Result> {
  readonly disk: DiskWork;
  readonly outbox: Outbox;
  readonly peers: Peers;
  readonly applier: Applier<Result>;
  readonly requests: Requests<Result>;
  readonly snapshots: Snapshots;
  readonly transport: Transport;
}

export class Performer<Result> {
  private readonly parts: Parts<Result>;
  private readonly host: PerformerHost;

  constructor(parts: Parts<Result>, host: PerformerHost) {
    this.parts = parts;
    this.host = host;
  }

  perform(effects: readonly Effect[]): void {
    const { applier, outbox, peers, transport } = this.parts;
    peers.follow();
    for (const effect of effects) {
      // The configuration may have shown that the node is an emptied one, or a caller that was answered have closed it.
      if (this.host.ending() !== null) return;
      this.performOne(effect);
    }
    if (this.host.ending() !== null) return;
    outbox.empty(
      (peer) => peers.isAdmitted(peer),
      (to, messages) => transport.send(to, messages),
    );
    // Last: by now each result knows its caller, and the disks and the peers work while the machine does.
    applier.run();
  }

  private performOne(effect: Effect): void {
    const { disk, outbox, peers, applier, requests, snapshots } = this.parts;
    switch (effect.kind) {
      case 'persist':
        return disk.write(effect);
      case 'send':
        return outbox.post(effect);
      case 'apply':
        if (peers.clusterId === null) peers.learnClusterId(clusterIdOf(effect.entries));
        snapshots.count(effect.entries);
        return applier.add(effect.entries);
      case 'fetch':
        return disk.fetch(effect);
      case 'sendSnapshot':
        return snapshots.send(effect);
      case 'installSnapshot':
        return snapshots.install(effect);
      case 'readable':
        return requests.onReadable(effect.ref, effect.index, this.host.state().appliedIndex);
      case 'result':
        return requests.onOutcome(effect.ref, effect);
      case 'changed':
        return this.host.onChanged();
    }
  }
}
