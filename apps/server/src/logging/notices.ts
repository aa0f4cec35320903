/** What storage, peers and node notice, as lines of the log: what happened, and what to do. */

import type { NodeStatus, Notice } from '@raftkv/runtime';
import type { StorageNotice } from '@raftkv/storage-file';
import type { TransportNotice } from '@raftkv/transport-ws';
import type { Log } from './log.ts';

export function logStorageNotice(log: Log, notice: StorageNotice): void {
  switch (notice.kind) {
    case 'torn-tail-cut':
      return log.warn(
        notice,
        'the last batch was not on disk whole when the process ended, and was cut: nothing that was acknowledged is lost',
      );
    case 'configuration-ignored':
      return log.warn(
        notice,
        'the members are those that the data directory knows: the names in initial-cluster are ignored, its URLs are not',
      );
    case 'not-removed':
      return log.warn(
        notice,
        'files of the log or snapshots that nobody needs any more could not be removed; it is tried again: look at the disk',
      );
    default:
      notice satisfies never;
  }
}

export function logTransportNotice(log: Log, notice: TransportNotice): void {
  switch (notice.kind) {
    case 'connected':
      return log.info(notice, 'a peer is connected');
    case 'disconnected':
      return log.info(notice, 'a peer is not connected any more; it is tried again');
    case 'unreachable':
      return log.warn(
        notice,
        'a peer cannot be reached; it is tried again: look whether it runs, and at its address',
      );
    case 'refused':
      return log.warn(notice, 'a peer and this node do not fit: the reason says what to look at');
    case 'stranger':
      return log.warn(notice, 'someone at the peer port is no node: look at what connects there');
    case 'snapshot-ended':
      return log.warn(
        notice,
        'a snapshot was not delivered: the reason says why; another is sent if it has to be',
      );
    case 'bad-frame':
      return log.warn(notice, 'a peer sent what no peer sends: look at which release it runs');
    case 'queue-full':
      return log.warn(notice, 'a peer reads more slowly than it is sent to; what is lost is repeated');
    case 'unsendable':
      return log.error(notice, 'messages cannot be sent to a peer: please report this');
    default:
      notice satisfies never;
  }
}

export function logNodeNotice(log: Log, notice: Notice): void {
  switch (notice.kind) {
    case 'peer-ignored':
      return log.warn(notice, IGNORED[notice.reason]);
    case 'probation-began':
      return log.warn(
        notice,
        'this node is empty and met one that is not: it waits until all others have said that it was never a member before',
      );
    case 'probation-ended':
      return log.info(notice, 'all others have said that this node was never a member before: it takes part');
    case 'snapshot-taken':
      return log.info(notice, 'a snapshot is on disk: the log before it goes');
    case 'snapshot-failed':
      return log.error(
        { ...notice, cause: String(notice.cause) },
        'a snapshot could not be taken: the log grows until the next one; look at the disk',
      );
    default:
      notice satisfies never;
  }
}

const IGNORED = {
  'not-a-member': 'a peer that is no member is ignored: look at its name and at initial-cluster',
  'other-cluster': 'a peer of another cluster is ignored: look at its address and its data directory',
  'other-incarnation':
    'a peer that was met with another data directory is ignored: put its old directory back, or remove it and add it under a new name',
} as const;

const REMOVED =
  'this node was removed from the cluster, and takes no part any more: stop it; its name is never used again';

/** What is worth a line in a change of the node's status. */
export class StatusLog {
  private readonly log: Log;
  private last = '';
  private faults = 0;
  private wasRemoved = false;
  private configurationIndex = 0;
  /** As an operator reads them; `null` while the node starts. */
  private readonly members: () => readonly string[] | null;

  constructor(log: Log, members: () => readonly string[] | null) {
    this.log = log;
    this.members = members;
  }

  onStatus({ role, currentTerm: term, leader, peerFault, isRemoved, configurationIndex }: NodeStatus): void {
    const line = JSON.stringify([role, term, leader]);
    if (line !== this.last) this.log.info({ role, term, leader }, 'role, term or leader changed');
    this.last = line;
    const members = configurationIndex === this.configurationIndex ? null : this.members();
    if (members !== null) {
      this.configurationIndex = configurationIndex;
      this.log.info({ configurationIndex, members }, 'these are the members now');
    }
    if (isRemoved && !this.wasRemoved) this.log.warn({ configurationIndex }, REMOVED);
    this.wasRemoved = isRemoved;
    if (peerFault === null || peerFault.count === this.faults) return;
    this.faults = peerFault.count;
    this.log.warn(
      peerFault,
      'a peer says what no correct peer says; it is ignored: look at which release it runs',
    );
  }
}
