/** What the host decides for one node. */

import type { NodeId } from '../basics/brands.ts';

/** Times in milliseconds, sizes in bytes; an entry counts its payload and 64 bytes. */
export interface NodeOptions {
  /** As the configuration names this node; never changed. */
  readonly id: NodeId;
  /** Any safe integer, another at each start of the process: two nodes of one seed campaign in step (R14). */
  readonly seed: number;
  /** 16 random bytes. Those of the first leader of a new cluster become the cluster's id (R27). Never changed. */
  readonly clusterIdProposal: Uint8Array;
  /** How often a leader speaks when it has nothing to say; 100. */
  readonly heartbeatMs?: number;
  /** The shortest time without a leader before a campaign; 500. */
  readonly electionTimeoutMinMs?: number;
  /** The longest; 1,000. */
  readonly electionTimeoutMaxMs?: number;
  /** How long a moved commit index waits for an append to carry it before it goes alone; 5. */
  readonly commitNoticeMs?: number;
  /** Entries of one append; one entry always fits; 1 MiB. */
  readonly appendBytesMax?: number;
  /** Appends under way to one peer; 64. */
  readonly inFlightAppendsMax?: number;
  /** The same in bytes; one append always fits; 8 MiB. */
  readonly inFlightBytesMax?: number;
  /** Entries not yet committed, beyond which a proposal is refused; one always fits; 64 MiB. */
  readonly uncommittedBytesMax?: number;
  /** Reads not yet confirmed, beyond which a read is refused; 10,000. */
  readonly waitingReadsMax?: number;
  /** How far a learner may be behind the log to become a voter, in entries; 1,024. */
  readonly catchUpEntriesMax?: number;
  /** Entries handed out and not yet applied; the next ones wait for `applied`; one entry always fits; 8 MiB. */
  readonly applyBytesMax?: number;
  /** Entries kept in memory that nothing here needs any more; 1,024. */
  readonly tailEntriesMax?: number;
  /** The same in bytes; 16 MiB. */
  readonly tailBytesMax?: number;
  /** Entries kept in memory for peers that stream but fall behind; what is older is read for them; 64 MiB. */
  readonly peerTailBytesMax?: number;
  /**
   * For how long voters are asked to elect nobody else, so that this node, where it leads, answers reads without asking
   * them; at most `electionTimeoutMinMs`. It makes fail-over slower, and rests on clocks. 0, which is off.
   */
  readonly leasePromiseMs?: number;
  /**
   * After so long without `snapshotSent`, a snapshot counts as lost and the peer is asked anew where it is. Above what the
   * largest takes on its way; 300,000.
   */
  readonly snapshotTimeoutMs?: number;
  /** For how long a leader keeps entries that a snapshot holds as well, for peers that answer and lack them; 10,000. */
  readonly compactionWaitMaxMs?: number;
  /** By how much the clocks of two nodes may drift apart within a promise, a clock that stands still included; 20. */
  readonly clockDriftMaxMs?: number;
}

export type CompleteOptions = Required<NodeOptions>;

/** The host's options, or its record of another node, do not make sense. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
  readonly code = 'RAFT_OPTIONS';
}

/** Half a heartbeat should exceed any round trip, an election timeout several of them. Source: Raft §5.6. */
const DEFAULTS = {
  heartbeatMs: 100,
  electionTimeoutMinMs: 500,
  electionTimeoutMaxMs: 1000,
  commitNoticeMs: 5,
  appendBytesMax: 1024 * 1024,
  inFlightAppendsMax: 64,
  inFlightBytesMax: 8 * 1024 * 1024,
  uncommittedBytesMax: 64 * 1024 * 1024,
  waitingReadsMax: 10_000,
  catchUpEntriesMax: 1024,
  applyBytesMax: 8 * 1024 * 1024,
  tailEntriesMax: 1024,
  tailBytesMax: 16 * 1024 * 1024,
  peerTailBytesMax: 64 * 1024 * 1024,
  leasePromiseMs: 0,
  snapshotTimeoutMs: 300_000,
  compactionWaitMaxMs: 10_000,
  clockDriftMaxMs: 20,
};

/** Bytes of a cluster's id. */
export const CLUSTER_ID_BYTES = 16;

/** @throws {OptionsError} naming the option that is out of range, and the range. */
export function completeOptions(options: NodeOptions): CompleteOptions {
  const complete = { ...DEFAULTS, ...options };
  const { id, seed, clusterIdProposal, ...limits } = complete;
  for (const [name, value] of Object.entries(limits)) {
    const least = name === 'leasePromiseMs' ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < least) {
      throw new OptionsError(`${name} must be an integer of at least ${least}, not ${value}`);
    }
  }
  if (id === '') throw new OptionsError('id must not be empty');
  if (!Number.isSafeInteger(seed)) throw new OptionsError('seed must be a safe integer');
  if (clusterIdProposal.length !== CLUSTER_ID_BYTES) {
    throw new OptionsError(`clusterIdProposal must be ${CLUSTER_ID_BYTES} random bytes`);
  }
  if (complete.heartbeatMs * 2 > complete.electionTimeoutMinMs) {
    throw new OptionsError(
      'electionTimeoutMinMs must be at least twice heartbeatMs, or a lost heartbeat elects',
    );
  }
  if (complete.electionTimeoutMaxMs <= complete.electionTimeoutMinMs) {
    throw new OptionsError(
      'electionTimeoutMaxMs must be above electionTimeoutMinMs, or votes split for ever',
    );
  }
  checkLease(complete);
  return complete;
}

function checkLease({ leasePromiseMs, clockDriftMaxMs, electionTimeoutMinMs }: CompleteOptions): void {
  if (leasePromiseMs === 0) return;
  if (leasePromiseMs > electionTimeoutMinMs) {
    throw new OptionsError(
      'leasePromiseMs must be at most electionTimeoutMinMs, or no leader is replaced in time',
    );
  }
  if (leasePromiseMs <= clockDriftMaxMs) {
    throw new OptionsError('leasePromiseMs must be above clockDriftMaxMs, or no lease is left of a promise');
  }
}
