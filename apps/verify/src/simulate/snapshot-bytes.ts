/** Snapshots of all members at one index are equal byte for byte (R34), on whatever way they came to a disk. */

import { crc32 } from 'node:zlib';
import { BrokenPromise } from './broken-promise.ts';

/** Of the pieces that pass through, put together. */
export class ContentDigest {
  private checksum = 0;
  private length = 0;

  /** Of what has passed so far. */
  get value(): string {
    return `${this.length} bytes ${this.checksum.toString(16)}`;
  }

  async *through(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of content) {
      this.checksum = crc32(piece, this.checksum);
      this.length += piece.length;
      yield piece;
    }
  }
}

/** Of one run, all of its members. */
export class SnapshotBytes {
  private readonly known = new Map<number, string>();

  /** @throws {BrokenPromise} if a snapshot at `index` had other bytes before. */
  agree(index: number, digest: string): void {
    const known = this.known.get(index) ?? digest;
    this.known.set(index, known);
    if (known === digest) return;
    throw new BrokenPromise('snapshots-equal', `the one at ${index} is ${digest}, and was ${known}`);
  }
}
