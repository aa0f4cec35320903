/**
 * A state as JSON and back, for keeping, comparing and replaying. What JSON cannot say carries a tag: bytes are
 * `{ "$bytes": base64 }`, shared lists `{ "$list": [...] }`.
 */

import { fromBase64, toBase64 } from './basics/base64.ts';
import { SharedList } from './basics/shared-list.ts';
import { copyState, type NodeState } from './state/node-state.ts';

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What `load` was given is not what `dump` gave. */
export class DumpError extends Error {
  override readonly name = 'DumpError';
  readonly code = 'RAFT_DUMP';
}

const FORMAT = 'raftkv-core-state';
const VERSION = 2;

/** Equal states give equal JSON, keys in the same order. Shows nothing that a later state appended. */
export function dump(state: NodeState): Json {
  return { format: FORMAT, version: VERSION, state: encode(state) };
}

/**
 * The state that `dump` was given. Trusts the values within: it is for what this package wrote itself.
 *
 * @throws {DumpError} if `json` is something else, or of a version that this package does not know.
 */
export function load(json: unknown): NodeState {
  if (!isObject(json) || json['format'] !== FORMAT)
    throw new DumpError(`not a dump: "format" is not ${FORMAT}`);
  if (json['version'] !== VERSION)
    throw new DumpError(`version ${String(json['version'])} is not ${VERSION}`);
  const decoded = decode(json['state'], 'state');
  if (!isObject(decoded)) throw new DumpError('state is missing');
  // The copy names every field that a state has.
  const state = copyState(decoded as unknown as NodeState);
  for (const [field, value] of Object.entries(state)) {
    if (value === undefined) throw new DumpError(`state.${field} is missing`);
  }
  return state;
}

function encode(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (value instanceof Uint8Array) return { $bytes: toBase64(value) };
  if (value instanceof SharedList) return { $list: value.slice().map(encode) };
  if (Array.isArray(value)) return value.map(encode);
  if (!isObject(value)) throw new TypeError(`a state holds no ${typeof value}, and no number without an end`);
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, encode(field)]));
}

function decode(json: unknown, path: string): unknown {
  if (Array.isArray(json)) return json.map((item, at) => decode(item, `${path}[${at}]`));
  if (!isObject(json)) return json;
  if ('$bytes' in json) return decodeBytes(json['$bytes'], path);
  if ('$list' in json) return SharedList.of(decodeItems(json['$list'], path));
  return Object.fromEntries(
    Object.entries(json).map(([key, field]) => [key, decode(field, `${path}.${key}`)]),
  );
}

function decodeBytes(text: unknown, path: string): Uint8Array {
  const bytes = typeof text === 'string' ? fromBase64(text) : null;
  if (bytes === null) throw new DumpError(`${path} holds bytes that are not base64`);
  return bytes;
}

function decodeItems(items: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(items)) throw new DumpError(`${path} holds a list that is none`);
  return items.map((item, at) => decode(item, `${path}[${at}]`));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
