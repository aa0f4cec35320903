/** What of a log is on disk at this moment, for those who check. */

import {
  logIndex,
  membersOf,
  type Base,
  type Configuration,
  type Entry,
  type HardState,
  type LogIndex,
  type NodeId,
} from '@raftkv/core';
import { decodeMemberRecord } from '@raftkv/runtime';

/** A disk that checks can look at. */
export interface DurableLog {
  /** Rises whenever what is durable changes. */
  readonly version: number;
  /** How often it was emptied: what was acknowledged before that counts for it no more. */
  readonly wipes: number;
  /** Term, vote and commit index, as they are on disk. */
  readonly hardState: HardState;
  /** Of the log on disk; 0 for an empty one. */
  readonly lastIndex: number;
  /** Up to it, a snapshot holds all that there was. */
  readonly base: Pick<Base, 'index' | 'configuration'>;
  /** `null` where there is none, also at or before the base. */
  entryAt(index: LogIndex): Entry | null;
}

/** Does the last configuration that `log` holds as committed say under which incarnation `peer` is a member, if it is one? */
export function isNamedIn(log: DurableLog, peer: NodeId): boolean {
  const configuration = committedIn(log);
  if (configuration === null) return false;
  const member = membersOf(configuration).find(({ id }) => id === peer);
  return member === undefined || decodeMemberRecord(member.data).incarnation !== null;
}

/** `null` for the first one of a cluster, which names no incarnations. */
function committedIn(log: DurableLog): Configuration | null {
  for (let index: number = log.hardState.commitIndex; index > log.base.index; index -= 1) {
    const entry = log.entryAt(logIndex(index));
    if (entry?.kind === 'configuration') return entry.configuration;
  }
  return log.base.index === 0 ? null : log.base.configuration;
}
