/** The second phase of a run: all has healed, and then fewer than half are lost for good. The others have to serve. */

import type { NodeId } from '@raftkv/core';
import type { SimulatedNetwork } from '../network/network.ts';
import { CALM, type Weather } from '../network/weather.ts';
import type { FaultyDisk } from '../plan/faulty-disk.ts';
import type { LostHost } from '../plan/plan.ts';
import type { SimulatedHost } from '../process/host.ts';
import type { Supervisor } from './supervisor.ts';

/** Longer than any run, in milliseconds. */
const FOR_EVER_MS = 600_000;

/** Who may be lost, and who knows of it. */
export interface Losses<D extends FaultyDisk> {
  /** Whose links are cut. */
  readonly network: SimulatedNetwork;
  /** All of the cluster. */
  readonly hosts: readonly SimulatedHost<D>[];
  /** Must not start again who is lost. */
  readonly supervisor: Supervisor<D>;
}

/**
 * What a network of `weather` is once all heals. A link that is open one way only is not given up: else there would soon be
 * no way of being lost left but one.
 */
export function peaceOf({ delayMs }: Weather): Weather {
  return { ...CALM, delayMs, silenceMs: FOR_EVER_MS };
}

/**
 * Has each of `hosts` taken part? An empty member that meets a log waits until all others have vouched for it (R28): until it
 * has a log itself, the others must not be lost. If one of them was emptied it may wait for ever.
 */
export function areAdmitted<D extends FaultyDisk>(hosts: readonly SimulatedHost<D>[]): boolean {
  return hosts.every(({ running }) => {
    const status = running?.node.status();
    return status !== undefined && status.lastIndex > 0 && !status.isOnProbation;
  });
}

/** From now on each of `lost` is lost in its way, and nobody starts it again. */
export function lose<D extends FaultyDisk>(lost: readonly LostHost[], losses: Losses<D>): void {
  const { hosts, supervisor } = losses;
  const survivor = hosts.find((host) => lost.every(({ id }) => id !== host.id));
  for (const { id, how } of lost) {
    supervisor.giveUp(id);
    const host = hosts.find((one) => one.id === id);
    // A plan that was shortened may name one that is no more.
    if (host === undefined) continue;
    if (how === 'down') host.crash();
    else if (how === 'stalled') host.disk.stall?.(FOR_EVER_MS);
    else if (how !== 'as it is')
      cutOff(host.id, how, how === 'at the edge' ? survivor?.id : undefined, losses);
  }
}

function cutOff<D extends FaultyDisk>(
  id: NodeId,
  how: 'cut off' | 'at the edge' | 'deaf' | 'mute',
  companion: NodeId | undefined,
  { network, hosts }: Losses<D>,
): void {
  for (const { id: other } of hosts) {
    if (other === id || other === companion) continue;
    if (how !== 'deaf') network.cut(id, other);
    if (how !== 'mute') network.cut(other, id);
  }
}
