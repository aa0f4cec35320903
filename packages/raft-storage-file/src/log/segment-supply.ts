/**
 * Has the next segment ready before it is needed: filled in slices while the one before is being written, never within
 * a write.
 */

import type { FileSystem } from '../files/file-system.ts';
import { createSegment, type Segment } from './segment.ts';

export class SegmentSupply {
  readonly directory: string;
  private readonly files: FileSystem;
  private readonly segmentBytes: number;
  /** Made, or being made. Its failure is told to whoever takes it. */
  private spare: Promise<Segment> | null;

  constructor(files: FileSystem, directory: string, segmentBytes: number, spare: Segment | null) {
    this.files = files;
    this.directory = directory;
    this.segmentBytes = segmentBytes;
    this.spare = spare === null ? null : Promise.resolve(spare);
  }

  /** `segment` is written up to `end`: half full, the next one is begun. */
  onProgress(segment: Segment, end: number): void {
    if (this.spare !== null || end * 2 < segment.size) return;
    this.spare = this.make(segment.number + 1, this.segmentBytes);
    // Without a listener the failure would end the process before anyone needs the segment.
    this.spare.catch(() => {});
  }

  /** Segment `number`, with at least `bytesNeeded`. @throws if the disk refuses it, also when asked once more. */
  async take(number: number, bytesNeeded: number): Promise<Segment> {
    const spare = await this.madeAlready();
    if (spare !== null && spare.size >= bytesNeeded) return spare;
    // An entry longer than a segment gets one of its own length.
    await spare?.file.close();
    return this.make(number, Math.max(this.segmentBytes, bytesNeeded));
  }

  async close(): Promise<void> {
    const spare = await this.madeAlready();
    await spare?.file.close();
  }

  private async madeAlready(): Promise<Segment | null> {
    const { spare } = this;
    this.spare = null;
    return (await spare?.catch(() => null)) ?? null;
  }

  private make(number: number, size: number): Promise<Segment> {
    return createSegment(this.files, this.directory, number, size);
  }
}
