/** Eight at once, each writing one value after another under keys that are used once. */

import type { KvClient } from '@raftkv/kv-client';

const WRITERS = 8;
/** A leader that was killed is replaced well within it. */
const TIMEOUT_MS = 20_000;

export class Writers {
  /** What was acknowledged, by key. */
  readonly acknowledged: Map<string, string> = new Map();
  private readonly kv: KvClient;
  private isWriting = false;
  private round = 0;
  private onAcknowledged: () => void = () => {};

  constructor(kv: KvClient) {
    this.kv = kv;
  }

  async write(key: string, value: string): Promise<{ revision: number; tookMs: number }> {
    const startedMs = performance.now();
    const { revision } = await this.kv.put(key, value, { timeoutMs: TIMEOUT_MS });
    this.acknowledged.set(key, value);
    this.onAcknowledged();
    return { revision, tookMs: performance.now() - startedMs };
  }

  /** All eight write until `meanwhile` has ended and then end what they are at. @returns how many they wrote */
  async during(meanwhile: () => Promise<void>): Promise<number> {
    const before = this.acknowledged.size;
    this.round += 1;
    this.isWriting = true;
    const writers = Array.from({ length: WRITERS }, (_, writer) => this.keepWriting(writer));
    try {
      await Promise.race([meanwhile(), Promise.all(writers)]);
    } finally {
      this.isWriting = false;
    }
    await Promise.all(writers);
    return this.acknowledged.size - before;
  }

  /** Resolves when `count` writes have been acknowledged in all. */
  async untilAcknowledged(count: number): Promise<void> {
    while (this.acknowledged.size < count) {
      await new Promise<void>((resolve) => {
        this.onAcknowledged = resolve;
      });
    }
  }

  private async keepWriting(writer: number): Promise<void> {
    for (let number = 1; this.isWriting; number += 1) {
      await this.write(`round-${this.round}/writer-${writer}/${number}`, `value ${number}`);
    }
  }
}
