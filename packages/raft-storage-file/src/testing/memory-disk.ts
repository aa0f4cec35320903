/** The bytes of one file: in the cache, where every process reads them, and on the disk, where a power cut finds them. */

import { draw, type Chance } from './chance.ts';

const SECTOR_BYTES = 512;

/** What a power cut leaves of what was not synced. */
export type Unsynced =
  | 'lost'
  | 'kept'
  /** A prefix of the writes, the last of them in part. */
  | 'torn'
  /** Any sectors of any writes. */
  | 'reordered';

interface Write {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export class MemoryDisk {
  visible: Buffer;
  private durable: Buffer;
  private dirty: Write[] = [];

  constructor(bytes: Buffer) {
    this.visible = bytes;
    this.durable = Buffer.from(bytes);
  }

  write(bytes: Uint8Array, offset: number): void {
    const copy = Buffer.from(bytes);
    this.visible = patched(this.visible, { offset, bytes: copy });
    this.dirty.push({ offset, bytes: copy });
  }

  sync(): void {
    for (const write of this.dirty) this.durable = patched(this.durable, write);
    this.dirty = [];
  }

  /** As Linux does it: the pages count as clean from then on, and the next sync succeeds without them. */
  failSync(): void {
    this.dirty = [];
  }

  cutPower(unsynced: Unsynced, chance: Chance): void {
    for (const write of kept(this.dirty, unsynced, chance)) this.durable = patched(this.durable, write);
    this.dirty = [];
    this.visible = Buffer.from(this.durable);
  }
}

function kept(dirty: readonly Write[], unsynced: Unsynced, chance: Chance): readonly Write[] {
  switch (unsynced) {
    case 'lost':
      return [];
    case 'kept':
      return dirty;
    case 'torn': {
      const count = Math.floor(draw(chance) * (dirty.length + 1));
      const torn = dirty[count];
      if (torn === undefined) return dirty;
      const length = Math.floor(draw(chance) * (torn.bytes.length + 1));
      return [...dirty.slice(0, count), { offset: torn.offset, bytes: torn.bytes.subarray(0, length) }];
    }
    case 'reordered':
      return dirty.flatMap(sectorsOf).filter(() => draw(chance) < 0.5);
  }
}

/** A disk writes sectors whole, and in any order. */
function sectorsOf({ offset, bytes }: Write): Write[] {
  const sectors: Write[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(at + SECTOR_BYTES - ((offset + at) % SECTOR_BYTES), bytes.length);
    sectors.push({ offset: offset + at, bytes: bytes.subarray(at, end) });
    at = end;
  }
  return sectors;
}

function patched(target: Buffer, { offset, bytes }: Write): Buffer {
  const length = Math.max(target.length, bytes.length === 0 ? 0 : offset + bytes.length);
  const result =
    length > target.length ? Buffer.concat([target, Buffer.alloc(length - target.length)]) : target;
  result.set(bytes, offset);
  return result;
}
