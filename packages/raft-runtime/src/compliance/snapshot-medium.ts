/** How the cases for a log give and read snapshots. */

import { logIndex, term, type Base, type NewBase } from '@raftkv/core';
import type { SnapshotHead } from '../ports/log-storage.ts';
import { assert } from './assert.ts';
import { CONFIGURATION, entries, hardState, type LogMedium } from './log-medium.ts';

export const CLUSTER_ID: Uint8Array = new Uint8Array(16).fill(9);

/** A log as it is before anything of it is in a snapshot: a commit index is that of an earlier write (R8). */
export async function begin(
  medium: LogMedium,
  inTerm: number,
  committed: number,
  log: string,
): Promise<void> {
  await medium.open();
  await medium.write({ hardState: hardState(inTerm, 0), entries: entries(log) });
  await medium.write({ hardState: hardState(inTerm, committed) });
}

export function baseAt(index: number, inTerm: number): Base {
  return {
    index: logIndex(index),
    term: term(inTerm),
    configuration: CONFIGURATION,
    configurationIndex: logIndex(0),
  };
}

export function kept(index: number, inTerm: number): NewBase {
  return { base: baseAt(index, inTerm), isLogKept: true };
}

export function emptied(index: number, inTerm: number): NewBase {
  return { base: baseAt(index, inTerm), isLogKept: false };
}

export function headAt(index: number, inTerm: number): SnapshotHead {
  return { base: baseAt(index, inTerm), clusterId: CLUSTER_ID };
}

export function snapshot(
  medium: LogMedium,
  index: number,
  inTerm: number,
  ...pieces: Uint8Array[]
): Promise<void> {
  return medium.storage.writeSnapshot(headAt(index, inTerm), eachOf(pieces));
}

export async function* eachOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield await Promise.resolve(piece);
}

/** The bytes that `length` and `salt` stand for. */
export function bytesOf(length: number, salt: number): Uint8Array {
  return new Uint8Array(length).map((_, at) => (at * 31 + (at >> 8) + salt) % 256);
}

export async function contentOf(medium: LogMedium, index: number): Promise<Uint8Array> {
  const { content } = await medium.storage.openSnapshot(logIndex(index));
  return joined(content);
}

export async function joined(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of content) {
    pieces.push(piece.slice());
    length += piece.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

export async function refused(opening: Promise<unknown>, what: string): Promise<void> {
  const isOpen = await opening.then(
    () => true,
    () => false,
  );
  assert(!isOpen, `${what} can be opened`);
}
