/** What is asked of a store, and how hard: the flags of a load, with the names that etcd's benchmark tool has for them. */

import { countOf, flagsFrom, UsageError } from '../usage.ts';

export type Kind =
  | 'put'
  /** A read that sees every acknowledged write. */
  | 'get'
  /** A read of what one node has applied, perhaps old. */
  | 'get-serializable';

export interface Settings {
  readonly kind: Kind;
  /** Each does one thing after another. */
  readonly clients: number;
  /** That the clients share. */
  readonly conns: number;
  readonly total: number;
  readonly valSize: number;
  readonly keySpaceSize: number;
  /** Operations a second in all; `null` for as many as there can be. */
  readonly rate: number | null;
}

export const LOAD_FLAGS = [
  'clients',
  'conns',
  'total',
  'val-size',
  'key-space-size',
  'rate',
  'consistency',
] as const;

/** @throws {UsageError} */
export function settingsFrom(kind: 'put' | 'get', flags: ReturnType<typeof flagsFrom>): Settings {
  const clients = countOf(flags, 'clients', 256);
  const { consistency = 'l', rate } = flags;
  if (consistency !== 'l' && consistency !== 's') {
    throw new UsageError(`--consistency is l (linearizable) or s (serializable), not '${consistency}'`);
  }
  return {
    kind: kind === 'get' && consistency === 's' ? 'get-serializable' : kind,
    clients,
    conns: Math.min(countOf(flags, 'conns', 16), clients),
    total: countOf(flags, 'total', 100_000),
    valSize: countOf(flags, 'val-size', 256),
    keySpaceSize: countOf(flags, 'key-space-size', 10_000),
    rate: rate === undefined ? null : countOf(flags, 'rate', 1),
  };
}

export function described({ kind, clients, conns, valSize, keySpaceSize, rate }: Settings): string {
  const load = rate === null ? '' : `, ${rate} a second`;
  return `${kind}: ${clients} clients on ${conns} connections, values of ${valSize} B, ${keySpaceSize} keys${load}`;
}
