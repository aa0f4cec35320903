/** What a program holds of a cluster. */

import type { Consistency } from '@raftkv/kv-protocol';
import {
  checkedConsistency,
  conditionOf,
  keyBytes,
  valueBytes,
  type Bytes,
  type ConditionOptions,
} from './arguments.ts';
import type { Answer, Plan } from './call.ts';
import { Calls, type CallOptions } from './calls.ts';
import { Cluster, type KvCluster } from './cluster.ts';
import { Entry } from './entry.ts';
import { ConditionFailedError, ProtocolError, type KvError } from './errors.ts';
import { settingsFrom, type ConnectOptions, type Settings } from './options.ts';
import type { SocketFactory } from './socket.ts';

/** When to give a write up, and what has to be true of the key. */
export interface WriteOptions extends CallOptions, ConditionOptions {}

/** As `WriteOptions`, without asking for the absence of what is to be deleted. */
export interface DeleteOptions extends CallOptions {
  /** Only if this is the revision of the key's last change; 0 stands for a key that is absent. */
  readonly ifRevision?: number | undefined;
}

/** When to give a read up, and what it has to see. */
export interface GetOptions extends CallOptions {
  /** `linearizable` unless given: sees every write that was acknowledged before the call. */
  readonly consistency?: Consistency | undefined;
}

/**
 * Any number of calls may be under way at once. Writes that are not awaited are concurrent: they may take effect in any
 * order. Every method rejects with a `KvError`, or with the reason of an aborted signal.
 */
export interface KvClient extends AsyncDisposable {
  /** Writes `value`. The write is applied once, however often it had to be sent. */
  put(key: Bytes, value: Bytes, options?: WriteOptions): Promise<{ revision: number; version: number }>;
  /** What `key` holds, or null. */
  get(key: Bytes, options?: GetOptions): Promise<Entry | null>;
  /** Removes `key`; `deleted` says whether it was there. */
  delete(key: Bytes, options?: DeleteOptions): Promise<{ revision: number; deleted: boolean }>;
  /** For operators: who takes part, who leads, and how the cluster is. */
  readonly cluster: KvCluster;
  /** Ends what is under way with a `ClosedError`, then the session and the connection. Never rejects. */
  close(): Promise<void>;
}

/**
 * Resolves once a node answers.
 *
 * @throws {KvError} if none does in time, or an option is out of range.
 */
export async function connectThrough(
  socketFactory: SocketFactory,
  options: ConnectOptions,
): Promise<KvClient> {
  const settings = settingsFrom(options, socketFactory);
  options.signal?.throwIfAborted();
  const calls = new Calls(settings);
  try {
    await calls.run(() => ({ kind: 'reach' }), { signal: options.signal });
  } catch (error) {
    await calls.close();
    throw error;
  }
  return new Client(settings, calls);
}

/** No `async` functions here: they would add a tenth to what a call costs. What a call throws is caught in `run`. */
class Client implements KvClient {
  readonly cluster: KvCluster;
  private readonly calls: Calls;
  private closing: Promise<void> | null = null;

  constructor(settings: Settings, calls: Calls) {
    this.calls = calls;
    this.cluster = new Cluster(settings, calls);
  }

  put(key: Bytes, value: Bytes, options: WriteOptions = {}): Promise<{ revision: number; version: number }> {
    return this.calls.run(() => putPlan(key, value, options), options).then(putResult);
  }

  get(key: Bytes, options: GetOptions = {}): Promise<Entry | null> {
    return this.calls.run(() => getPlan(key, options), options).then(getResult);
  }

  delete(key: Bytes, options: DeleteOptions = {}): Promise<{ revision: number; deleted: boolean }> {
    return this.calls.run(() => deletePlan(key, options), options).then(deleteResult);
  }

  close(): Promise<void> {
    this.closing ??= this.calls.close();
    return this.closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function putPlan(key: Bytes, value: Bytes, options: WriteOptions): Plan {
  const operation = {
    kind: 'put',
    key: keyBytes(key),
    value: valueBytes(value),
    condition: conditionOf(options),
  } as const;
  return { kind: 'write', operation };
}

function putResult(answer: Answer): { revision: number; version: number } {
  if (answer.kind !== 'put') throw notDone(answer);
  return { revision: answer.revision, version: answer.version };
}

function getPlan(key: Bytes, options: GetOptions): Plan {
  const consistency = checkedConsistency(options.consistency ?? 'linearizable');
  return { kind: 'get', key: keyBytes(key), consistency };
}

function getResult(answer: Answer): Entry | null {
  if (answer.kind !== 'value') throw notDone(answer);
  return answer.entry === null ? null : new Entry(answer.entry);
}

function deletePlan(key: Bytes, { ifRevision }: DeleteOptions): Plan {
  const operation = { kind: 'delete', key: keyBytes(key), condition: conditionOf({ ifRevision }) } as const;
  return { kind: 'write', operation };
}

function deleteResult(answer: Answer): { revision: number; deleted: boolean } {
  if (answer.kind !== 'deleted') throw notDone(answer);
  return { revision: answer.revision, deleted: answer.isDeleted };
}

function notDone(answer: Answer): KvError {
  if (answer.kind === 'conditionFailed') return new ConditionFailedError(answer.current);
  return new ProtocolError(`${answer.kind} is no answer to the call`, 'unknown');
}
