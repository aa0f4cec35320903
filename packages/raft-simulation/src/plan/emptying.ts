/** Whose disk may be emptied: where the rules promise safety. Source: R28. */

import { isMember, type Configuration } from '@raftkv/core';
import type { SimulatedHost } from '../process/host.ts';
import type { FaultyDisk } from './faulty-disk.ts';

/** May the disk of this host be emptied now? */
export type EmptyingRule<D extends FaultyDisk> = (
  host: SimulatedHost<D>,
  all: readonly SimulatedHost<D>[],
) => boolean;

/**
 * Not before all others have met the host, or have a log: an emptied member and one that has neither would both be new to
 * each other, and could begin a cluster of their own where they are a majority. Nothing tells that from a first start (R28).
 */
export function isRemembered<D extends FaultyDisk>(
  host: SimulatedHost<D>,
  all: readonly SimulatedHost<D>[],
): boolean {
  return all.every(
    ({ id, disk }) => id === host.id || (disk.wipes ?? 0) > 0 || disk.remembers?.(host.id) !== false,
  );
}

/**
 * Where members change, whoever of `first` is emptied has to be known by its incarnation to all who may count on it: an
 * emptied one asks those for their word whom it began with, and they may be members no more. Any other begins no cluster, and
 * is a voter by a configuration alone, which names its incarnation.
 */
export function emptyingRuleAmong<D extends FaultyDisk>(first: Configuration): EmptyingRule<D> {
  return (host, all) =>
    !isMember(first, host.id) ||
    all.every(({ id, disk }) => {
      if (id === host.id || (disk.wipes ?? 0) > 0) return true;
      const isNew = disk.lastIndex === 0 && !isMember(first, id);
      return isNew || disk.knows?.(host.id) !== false;
    });
}
