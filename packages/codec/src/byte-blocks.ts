/**
 * Memory for many short pieces of bytes, which share blocks: a piece with memory of its own costs, to get and to give
 * back, many times what its bytes do. A piece that is kept keeps its whole block, so that this is for pieces that go
 * about as they came.
 */

/** Pieces of one user; of at most so many bytes that few of them waste the end of a block. */
export class ByteBlocks {
  private readonly blockBytes: number;
  private block = new Uint8Array(0);
  private taken = 0;

  /** @param blockBytes of one block; a piece has at most as many. */
  constructor(blockBytes: number) {
    this.blockBytes = blockBytes;
  }

  /**
   * At least `count` bytes to write to, good until the next call. They belong to nobody before `take`.
   *
   * @throws {RangeError} if that is more than a block.
   */
  reserve(count: number): Uint8Array<ArrayBuffer> {
    if (count > this.blockBytes)
      throw new RangeError(`${count} bytes are more than a block of ${this.blockBytes}`);
    if (this.taken + count > this.block.length) {
      this.block = new Uint8Array(this.blockBytes);
      this.taken = 0;
    }
    return this.block.subarray(this.taken);
  }

  /** The first `count` bytes of what was reserved, and of no other piece. */
  take(count: number): Uint8Array<ArrayBuffer> {
    const from = this.taken;
    this.taken += count;
    return this.block.subarray(from, this.taken);
  }
}
