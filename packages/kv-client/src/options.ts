/** What a client can be told, and what it does untold. */

import { SESSION_REPLIES_MAX } from '@raftkv/kv-protocol';
import { systemRandom, type BackoffLimits, type RandomBytes } from './chance.ts';
import { systemClock, type ClientClock } from './clock.ts';
import { InvalidArgumentError } from './errors.ts';
import type { Notice } from './notice.ts';
import type { SocketFactory } from './socket.ts';

/** What a client can be told; only `endpoints` has to be. */
export interface ConnectOptions {
  /** Addresses of some nodes (`ws://` or `wss://`); the others are learned. */
  readonly endpoints: readonly string[];
  /** How long a call, or `connect` itself, may take unless it says otherwise: 5,000. */
  readonly timeoutMs?: number;
  /** Calls at work at once: 256, at most 1,024. */
  readonly maxInFlight?: number;
  /** Calls that wait for one of those to end: 1,024. One more is refused. */
  readonly maxWaiting?: number;
  /** Bytes of keys and values of all calls that have not ended: 64 MiB. A call beyond is refused. */
  readonly pendingBytesMax?: number;
  /** How long a call waits while no node can be reached: 3,000. */
  readonly offlineWaitMs?: number;
  /** How long a node may take from the dialling to its hello: 2,000. */
  readonly helloTimeoutMs?: number;
  /** How long a node may be silent while requests are under way: 3,000. */
  readonly silenceMs?: number;
  /** The first wait before something is tried again is at most this long (25), and each doubles it … */
  readonly backoffMs?: number;
  /** … up to this: 1,000. */
  readonly backoffMaxMs?: number;
  /** Ends `connect`; once that has resolved it does nothing more. */
  readonly signal?: AbortSignal;
  /** What the connection goes through: for logs. */
  readonly onNotice?: (notice: Notice) => void;
  /** The default: `ws` in Node, the global `WebSocket` elsewhere. */
  readonly socketFactory?: SocketFactory;
  /** What time is read from and waited by; the machine's unless given. */
  readonly clock?: ClientClock;
  /** What nonces and waits are drawn from; `crypto.getRandomValues` unless given. */
  readonly random?: RandomBytes;
}

export interface Settings extends BackoffLimits {
  readonly endpoints: readonly string[];
  readonly timeoutMs: number;
  readonly maxInFlight: number;
  readonly maxWaiting: number;
  readonly pendingBytesMax: number;
  readonly offlineWaitMs: number;
  readonly helloTimeoutMs: number;
  readonly silenceMs: number;
  readonly onNotice: (notice: Notice) => void;
  readonly socketFactory: SocketFactory;
  readonly clock: ClientClock;
  readonly random: RandomBytes;
}

/** @throws {InvalidArgumentError} naming the option and its range. */
export function settingsFrom(options: ConnectOptions, socketFactory: SocketFactory): Settings {
  return {
    endpoints: checkedEndpoints(options.endpoints),
    timeoutMs: checkedTimeout(options.timeoutMs ?? 5_000),
    maxInFlight: checkedCount('maxInFlight', options.maxInFlight ?? 256, 1, SESSION_REPLIES_MAX),
    maxWaiting: checkedCount('maxWaiting', options.maxWaiting ?? 1_024, 0),
    pendingBytesMax: checkedCount('pendingBytesMax', options.pendingBytesMax ?? 64 * 1024 * 1024, 1),
    offlineWaitMs: checkedMs('offlineWaitMs', options.offlineWaitMs ?? 3_000),
    helloTimeoutMs: checkedMs('helloTimeoutMs', options.helloTimeoutMs ?? 2_000),
    silenceMs: checkedMs('silenceMs', options.silenceMs ?? 3_000),
    backoffMs: checkedMs('backoffMs', options.backoffMs ?? 25),
    backoffMaxMs: checkedMs('backoffMaxMs', options.backoffMaxMs ?? 1_000),
    onNotice: options.onNotice ?? (() => {}),
    socketFactory: options.socketFactory ?? socketFactory,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  };
}

/** @throws {InvalidArgumentError} for what would let a call wait for ever. */
export function checkedTimeout(timeoutMs: number): number {
  return checkedMs('timeoutMs', timeoutMs);
}

function checkedMs(name: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError(`${name} is ${value}: it is a number of milliseconds above 0`);
}

function checkedCount(name: string, value: number, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new InvalidArgumentError(`${name} is ${value}: it is an integer from ${min} to ${max}`);
}

function checkedEndpoints(endpoints: unknown): readonly string[] {
  if (!Array.isArray(endpoints) || endpoints.length === 0) {
    throw new InvalidArgumentError(
      'endpoints is a list of at least one address, such as ws://127.0.0.1:7580',
    );
  }
  return [...new Set(endpoints.map(checkedEndpoint))];
}

function checkedEndpoint(endpoint: unknown): string {
  if (typeof endpoint === 'string' && /^wss?:\/\/./.test(endpoint) && URL.canParse(endpoint)) return endpoint;
  throw new InvalidArgumentError(
    `${String(endpoint)} is no address of a node: one is ws://HOST:PORT or wss://…`,
  );
}
