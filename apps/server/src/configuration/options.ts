/** What a node is started with, whoever gives it: flags, or the code that embeds it. */

import { MEMBERS_MAX } from '@raftkv/kv-protocol';
import { nodeFiles, type FileSystem } from '@raftkv/storage-file';
import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { silentLog, type Log } from '../logging/log.ts';
import { formatAddress, isLoopback, isWebSocketUrl, isWildcard, type Address } from './address.ts';

/** What one node is started with; all of it has a default. */
export interface ServerOptions {
  /** Of this node, for ever: letters, digits, `.`, `_` and `-`, at most 64; `n1`. */
  readonly name?: string;
  /** `./raftkv-data`; made where it is missing. */
  readonly dataDirectory?: string;
  /** 127.0.0.1:7580. Port 0 is any that is free. */
  readonly listenClient?: Address;
  /** 127.0.0.1:7581. */
  readonly listenPeer?: Address;
  /** Where clients reach this node, `ws:` or `wss:`; where it listens, unless given. */
  readonly advertiseClient?: string;
  /** Where the other nodes reach this one; where it listens, unless given. */
  readonly advertisePeer?: string;
  /**
   * The names of all members that the cluster begins with, and their peer URLs; equal on all of them, in one order. This
   * node alone unless given. A directory that has members of its own keeps them; the URLs count at each start.
   */
  readonly initialCluster?: ReadonlyMap<string, string>;
  /**
   * Begins without members, and waits until the leader of a cluster adds this node. `initialCluster` then only says where
   * some of its members are, or is left out. A directory that has members of its own keeps them.
   */
  readonly join?: boolean;
  /** The same for all members of a cluster, another for each cluster; `raftkv`. */
  readonly clusterToken?: string;
  /** Origins of web pages that may write and open WebSockets, besides this node's own. */
  readonly allowOrigins?: readonly string[];
  /** Listen beyond loopback, where everyone who reaches the ports may read and write. */
  readonly insecure?: boolean;
  /**
   * How long a file of the log is: a multiple of 8 from 1 MiB to 1 GiB; 64 MiB. It is filled with zeros before it is used,
   * which the first start of a node waits for, and read and written again at each later start.
   */
  readonly segmentBytes?: number;
  /**
   * Once so many bytes of the log were applied, and no fewer than the last snapshot took, a snapshot is taken, and the log
   * before it goes; 64 MiB, at least 4,096.
   */
  readonly snapshotLogBytes?: number;
  /** Told what an operator has to know; nobody unless given. */
  readonly log?: Log;
  /** Times and sizes, each with its default. */
  readonly limits?: Partial<ServerLimits>;
  /** The operating system's, unless given; a test has a disk that fails. */
  readonly files?: FileSystem;
}

/** How much and how long a node lets its clients do something. */
export interface ServerLimits {
  /** Requests under way on one connection; more are answered `overloaded`. 1,024. */
  readonly requestsUnderWayMax: number;
  /** What may wait for a client to read it, in bytes; whoever leaves more is cut off. 16 MiB. */
  readonly bufferedBytesMax: number;
  /** How long a connection may take to say hello; 5,000 ms. */
  readonly helloMs: number;
  /** A client that is silent for between one and two of these, though it was pinged, is cut off; 15,000 ms. */
  readonly silenceMs: number;
  /** How long `close` waits for requests under way; 5,000 ms. */
  readonly drainMs: number;
  /** How long `/readyz` waits for a read to be confirmed; 1,000 ms. */
  readonly readyMs: number;
}

const LIMITS: ServerLimits = {
  requestsUnderWayMax: 1024,
  bufferedBytesMax: 16 * 1024 * 1024,
  helloMs: 5000,
  silenceMs: 15_000,
  drainMs: 5000,
  readyMs: 1000,
};

export interface CompleteOptions extends Required<
  Omit<ServerOptions, 'advertiseClient' | 'advertisePeer' | 'initialCluster' | 'limits'>
> {
  readonly advertiseClient: string | null;
  readonly advertisePeer: string | null;
  readonly initialCluster: ReadonlyMap<string, string> | null;
  readonly limits: ServerLimits;
}

const MIB = 1024 * 1024;
const SNAPSHOT_LOG_BYTES_MIN = 4096;
const NAME_FORM = /^[\w.-]{1,64}$/;

/** @throws {UsageError} saying what was given and what may be. */
export function completeOptions(options: ServerOptions): CompleteOptions {
  const complete: CompleteOptions = {
    name: options.name ?? 'n1',
    dataDirectory: options.dataDirectory ?? './raftkv-data',
    listenClient: options.listenClient ?? { host: '127.0.0.1', port: 7580 },
    listenPeer: options.listenPeer ?? { host: '127.0.0.1', port: 7581 },
    advertiseClient: options.advertiseClient ?? null,
    advertisePeer: options.advertisePeer ?? null,
    initialCluster: options.initialCluster ?? null,
    join: options.join ?? false,
    clusterToken: options.clusterToken ?? 'raftkv',
    allowOrigins: options.allowOrigins ?? [],
    insecure: options.insecure ?? false,
    segmentBytes: options.segmentBytes ?? 64 * MIB,
    snapshotLogBytes: options.snapshotLogBytes ?? 64 * MIB,
    log: options.log ?? silentLog,
    files: options.files ?? nodeFiles,
    limits: { ...LIMITS, ...options.limits },
  };
  checkNames(complete);
  checkListening('listen-client', complete.listenClient, complete.insecure);
  checkListening('listen-peer', complete.listenPeer, complete.insecure);
  checkAdvertised(complete);
  checkCluster(complete);
  checkSegment(complete.segmentBytes);
  checkSnapshots(complete.snapshotLogBytes);
  return { ...complete, dataDirectory: resolve(complete.dataDirectory) };
}

function checkNames({ name, clusterToken, dataDirectory }: CompleteOptions): void {
  checkName('name', name);
  if (clusterToken === '' || Buffer.byteLength(clusterToken) > 256 || /\p{Surrogate}/u.test(clusterToken)) {
    throw new UsageError(
      `cluster-token has to be well-formed text of 1 to 256 bytes, not ${quoted(clusterToken)}`,
    );
  }
  if (dataDirectory === '' || dataDirectory.includes('\0')) {
    throw new UsageError(`data-dir has to be a path, not ${quoted(dataDirectory)}`);
  }
}

function checkName(what: string, name: string): void {
  if (NAME_FORM.test(name)) return;
  throw new UsageError(`${what} has to be 1 to 64 letters, digits, ".", "_" or "-", not ${quoted(name)}`);
}

/** Nothing is encrypted and nobody is asked for a password: whoever reaches a port may read and write. */
function checkListening(flag: string, address: Address, insecure: boolean): void {
  if (insecure || isLoopback(address.host)) return;
  throw new UsageError(
    `${flag} ${formatAddress(address)} can be reached from other machines, and nothing there asks who they are: ` +
      'listen at a loopback address, or add --insecure where the network lets nobody in whom you do not trust',
  );
}

function checkAdvertised({
  listenClient,
  listenPeer,
  advertiseClient,
  advertisePeer,
  ...rest
}: CompleteOptions): void {
  const peerUrl = advertisePeer ?? rest.initialCluster?.get(rest.name);
  if (advertiseClient !== null) checkUrl('advertise-client', advertiseClient);
  else if (isWildcard(listenClient.host)) throw unreachable('client', listenClient);
  if (advertisePeer !== null) checkUrl('advertise-peer', advertisePeer);
  else if (isWildcard(listenPeer.host) && peerUrl === undefined) throw unreachable('peer', listenPeer);
}

function unreachable(side: 'client' | 'peer', address: Address): UsageError {
  return new UsageError(
    `listen-${side} ${formatAddress(address)} is no place where others can reach this node: ` +
      `say with --advertise-${side} where they do, such as ws://host.example:${address.port}`,
  );
}

function checkUrl(what: string, text: string): void {
  if (isWebSocketUrl(text)) return;
  throw new UsageError(`${what} has to be a URL such as ws://host:7580, not ${quoted(text)}`);
}

function checkCluster({ name, advertisePeer, initialCluster, join }: CompleteOptions): void {
  if (initialCluster === null) return;
  for (const [member, url] of initialCluster) {
    checkName('a name in initial-cluster', member);
    checkUrl(`the URL of ${member} in initial-cluster`, url);
  }
  const names = [...initialCluster.keys()].join(', ');
  const own = initialCluster.get(name);
  if (own === undefined && !join) {
    throw new UsageError(`initial-cluster has to name this node: it names ${names || 'nobody'}, not ${name}`);
  }
  if (advertisePeer !== null && own !== undefined && advertisePeer !== own) {
    throw new UsageError(
      `initial-cluster has ${name} at ${own}, advertise-peer at ${advertisePeer}: give one of them`,
    );
  }
  if (initialCluster.size > MEMBERS_MAX)
    throw new UsageError(`initial-cluster names more than ${MEMBERS_MAX}`);
}

function checkSegment(bytes: number): void {
  if (Number.isInteger(bytes) && bytes % 8 === 0 && bytes >= MIB && bytes <= 1024 * MIB) return;
  throw new UsageError(`segment-bytes has to be a multiple of 8 from ${MIB} to ${1024 * MIB}, not ${bytes}`);
}

function checkSnapshots(bytes: number): void {
  if (Number.isSafeInteger(bytes) && bytes >= SNAPSHOT_LOG_BYTES_MIN) return;
  throw new UsageError(`snapshot-log-bytes has to be at least ${SNAPSHOT_LOG_BYTES_MIN}, not ${bytes}`);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
