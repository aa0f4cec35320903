/** What is asked of a store, and how hard: the flags of a load, with the names that etcd's benchmark tool has for them. */

import { Option, type Command } from 'commander';
import { count, SEGMENT_BYTES, segmentBytes } from '../arguments.ts';

export type Kind =
  | 'put'
  /** A read that sees every acknowledged write. */
  | 'get'
  /** A read of what one node has applied, perhaps old. */
  | 'get-serializable';

/** How writes, or reads, go on. */
export interface Pressure {
  /** Each does one thing after another. */
  readonly clients: number;
  /** That the clients share. */
  readonly conns: number;
  readonly valSize: number;
  readonly keySpaceSize: number;
  /** Operations a second in all; `null` for as many as there can be. */
  readonly rate: number | null;
}

export interface Settings extends Pressure {
  readonly kind: Kind;
  readonly total: number;
}

/** As the command line gives them. */
export interface PressureFlags {
  readonly clients: number;
  readonly conns: number;
  readonly valSize: number;
  readonly keySpaceSize: number;
  readonly rate?: number;
}

/** Of the nodes that are started. */
export interface NodeFlags {
  readonly segmentBytes: number;
}

export interface LoadFlags extends PressureFlags {
  readonly total: number;
  readonly consistency?: 'l' | 's';
}

const CLIENTS_MAX = 100_000;
const CONNS_MAX = 10_000;
export const TOTAL_MAX = 100_000_000;
const KEYS_MAX = 10_000_000;
const RATE_MAX = 10_000_000;
/** What a value may have in both stores. */
const VALUE_BYTES_MAX = 1_572_864;

export function addPressureFlags(command: Command, clients: number): Command {
  return command
    .option('--clients <n>', 'each does one thing after another', count(CLIENTS_MAX), clients)
    .option('--conns <n>', 'connections that they share', count(CONNS_MAX), 16)
    .option('--val-size <bytes>', 'of each value', count(VALUE_BYTES_MAX), 256)
    .option('--key-space-size <n>', 'how many keys there are', count(KEYS_MAX), 10_000);
}

export function addRate(command: Command, unlessGiven?: number): Command {
  const option = new Option(
    '--rate <n>',
    `a second, in all${unlessGiven === undefined ? ' (default: as many as can be)' : ''}`,
  ).argParser(count(RATE_MAX));
  return command.addOption(unlessGiven === undefined ? option : option.default(unlessGiven));
}

export function addNodeFlags(command: Command): Command {
  return command.option('--segment-bytes <n>', 'of a file of their logs', segmentBytes, SEGMENT_BYTES);
}

export function addConsistency(command: Command): Command {
  return command.addOption(
    new Option('--consistency <l|s>', 'l: linearizable; s: what one node has applied')
      .choices(['l', 's'])
      .default('l'),
  );
}

export function pressureOf({ clients, conns, valSize, keySpaceSize, rate }: PressureFlags): Pressure {
  return { clients, conns: Math.min(conns, clients), valSize, keySpaceSize, rate: rate ?? null };
}

export function settingsOf(kind: 'put' | 'get', flags: LoadFlags): Settings {
  const isStale = kind === 'get' && flags.consistency === 's';
  return { ...pressureOf(flags), kind: isStale ? 'get-serializable' : kind, total: flags.total };
}

export function described({ clients, conns, valSize, keySpaceSize, rate }: Pressure): string {
  const load = rate === null ? '' : `, ${rate} a second`;
  return `${clients} clients on ${conns} connections, values of ${valSize} B, ${keySpaceSize} keys${load}`;
}
