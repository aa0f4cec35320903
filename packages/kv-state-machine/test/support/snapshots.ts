/** Snapshots as bytes, and machines from bytes. */

import { KeyValueMachine } from '../../src/index.ts';

export async function snapshot(machine: KeyValueMachine): Promise<Uint8Array> {
  return joined(machine.snapshots.take());
}

export async function joined(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

/** In pieces of the given lengths, one after another and over again. */
export async function* inPieces(content: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, nth = 0; at < content.length; nth += 1) {
    const until = at + lengths[nth % lengths.length]!;
    yield content.subarray(at, until);
    at = until;
  }
}

/** A new machine that is made from `content`, which comes in one piece unless `lengths` says otherwise. */
export async function restored(
  content: Uint8Array,
  lengths: readonly number[] = [Math.max(1, content.length)],
): Promise<KeyValueMachine> {
  const machine = new KeyValueMachine();
  await machine.snapshots.restore(inPieces(content, lengths));
  return machine;
}
