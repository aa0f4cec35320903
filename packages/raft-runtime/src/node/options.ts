/** What a host gives a node. */

import { OptionsError, type LogIndex, type NodeId, type NodeOptions } from '@raftkv/core';
import { ENTRY_DATA_BYTES_MAX } from '../bytes/entry.ts';
import type { Clock } from '../ports/clock.ts';
import type { LogStorage } from '../ports/log-storage.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import { ABOUT_BYTES_MAX, type Transport } from '../ports/transport.ts';
import { systemClock } from '../system-clock.ts';
import type { IgnoreReason } from './admission.ts';
import type { NodeStatus } from './status.ts';

/** The core's times and limits; its defaults hold where one is left out. */
export type CoreLimits = Omit<NodeOptions, 'id' | 'seed' | 'clusterIdProposal'>;

/** What an operator wants to know, and what is no error of this node. */
export type Notice =
  /** What this peer says is dropped; when it connects again, it is judged again. */
  | { readonly kind: 'peer-ignored'; readonly peer: NodeId; readonly reason: IgnoreReason }
  /** This node is empty and met a peer that is not: it waits until all other voters have vouched for it (R28). */
  | { readonly kind: 'probation-began'; readonly waitsFor: readonly NodeId[] }
  | { readonly kind: 'probation-ended' }
  /** A snapshot of all up to `index` is on disk: the log may forget what it holds. */
  | { readonly kind: 'snapshot-taken'; readonly index: LogIndex; readonly bytes: number }
  /** One could not be taken or kept, and there is nothing of it; the log goes on growing until the next one. */
  | { readonly kind: 'snapshot-failed'; readonly index: LogIndex; readonly cause: unknown };

/**
 * What a host may watch. An exception out of these is thrown again from a microtask. All of them may be told while
 * `RaftNode.start` is under way: peers connect from when the transport starts.
 */
export interface NodeObserver {
  /** Role, term, leader or the last fault of a peer changed. */
  onChanged?(status: NodeStatus): void;
  /** Once, when the node has stopped for good. */
  onFailed?(cause: Error): void;
  /** What an operator may want to know, and nobody has to act on. */
  onNotice?(notice: Notice): void;
  /**
   * A peer that is listened to has connected, and this is what its host says about it: a copy, empty where it says
   * nothing. Told for each connection, and not for peers that are ignored; of a peer that is met for the first time,
   * once its incarnation is remembered (R28).
   */
  onPeer?(peer: NodeId, about: Uint8Array): void;
}

/** Who a node is, and the ports through which it acts. */
export interface RaftNodeOptions<Result> {
  /** As the configuration in the storage names this node. */
  readonly id: NodeId;
  /** The node's own until it is closed, like `transport`. */
  readonly storage: LogStorage;
  /** Closed with the node; it has to be that of `id`. */
  readonly transport: Transport;
  /** Empty: what the log holds is applied to it from its beginning. */
  readonly stateMachine: StateMachine<Result>;
  /** Of this node alone; the machine's time unless given. */
  readonly clock?: Clock;
  /** Chance that nobody can guess; `crypto.getRandomValues` unless given. */
  readonly randomBytes?: (count: number) => Uint8Array;
  /** Times and sizes that the core goes by, each with its default. */
  readonly core?: CoreLimits;
  /** The longest command that `propose` takes; 8 MiB. At most 64 MiB, which is the longest that a log can hold. */
  readonly proposalBytesMax?: number;
  /**
   * Once so many bytes of the log were applied, and no fewer than the last snapshot took, a snapshot is taken, and the log
   * forgets what it holds; 64 MiB. An entry counts its command and 64 bytes.
   */
  readonly snapshotLogBytes?: number;
  /**
   * What this node's peers are told about it whenever they connect, as opaque bytes: where clients reach it, for example.
   * Copied; at most `ABOUT_BYTES_MAX`, which is 1,024; none unless given. Not encrypted, and never a secret.
   */
  readonly about?: Uint8Array;
  /** What it throws is thrown again outside of the node, as if the event loop had called it. */
  readonly observer?: NodeObserver;
}

/** Where and how fresh a read may be. */
export interface ReadOptions {
  /** A node that does not lead asks who does, in place of refusing; without an answer it refuses (R17). */
  readonly asksLeader?: boolean;
  /**
   * With `asksLeader`, and above 0: a node that does not lead need not ask if what it read last was asked for at most so
   * long ago. Then the read sees what was acknowledged before that.
   */
  readonly maxStalenessMs?: number;
}

const PROPOSAL_BYTES_MAX = 8 * 1024 * 1024;
const SNAPSHOT_LOG_BYTES = 64 * 1024 * 1024;

/** @throws {OptionsError} if `proposalBytesMax` or `snapshotLogBytes` is out of range, or `about` is no bytes or too many. */
export function completeOptions<Result>(options: RaftNodeOptions<Result>): Required<RaftNodeOptions<Result>> {
  const bytesMax = options.proposalBytesMax ?? PROPOSAL_BYTES_MAX;
  if (!Number.isSafeInteger(bytesMax) || bytesMax < 1 || bytesMax > ENTRY_DATA_BYTES_MAX) {
    const range = `an integer from 1 to ${ENTRY_DATA_BYTES_MAX}`;
    throw new OptionsError(`proposalBytesMax must be ${range}, not ${bytesMax}`);
  }
  const snapshotLogBytes = options.snapshotLogBytes ?? SNAPSHOT_LOG_BYTES;
  if (!Number.isSafeInteger(snapshotLogBytes) || snapshotLogBytes < 1) {
    throw new OptionsError(`snapshotLogBytes must be an integer of at least 1, not ${snapshotLogBytes}`);
  }
  const about = options.about ?? new Uint8Array();
  if (!(about instanceof Uint8Array) || about.length > ABOUT_BYTES_MAX) {
    throw new OptionsError(`about must be a Uint8Array of at most ${ABOUT_BYTES_MAX} bytes`);
  }
  return {
    ...options,
    // Not `slice`, which on a Buffer of Node shares the memory.
    about: new Uint8Array(about),
    clock: options.clock ?? systemClock(),
    randomBytes: options.randomBytes ?? ((count) => crypto.getRandomValues(new Uint8Array(count))),
    core: options.core ?? {},
    proposalBytesMax: bytesMax,
    snapshotLogBytes,
    observer: options.observer ?? {},
  };
}

/** @throws {OptionsError} if the transport takes peers for gone within the time that an election timeout may last (R13). */
export function checkSilence({ silenceMsMax }: Transport, electionTimeoutMaxMs: number): void {
  if (silenceMsMax === undefined || silenceMsMax > electionTimeoutMaxMs) return;
  throw new OptionsError(
    `silenceMsMax of the transport (${silenceMsMax}) must be above electionTimeoutMaxMs (${electionTimeoutMaxMs}), or a ` +
      'slow network looks like a broken one',
  );
}
