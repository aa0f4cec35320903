/** Writes that go on all the time, so many at once. */

import type { KvClient } from '@raftkv/kv-client';

const VALUE = 'x'.repeat(256);
const KEYS = 1000;

export class Load {
  private readonly kv: KvClient;
  private readonly writers: readonly Promise<void>[];
  private acknowledged = 0;
  private isOver = false;
  private look: (() => void) | null = null;

  constructor(kv: KvClient, atOnce: number) {
    this.kv = kv;
    this.writers = Array.from({ length: atOnce }, (_, writer) => this.write(writer));
  }

  /** Resolves when `count` more are acknowledged. Rejects where one fails. */
  async more(count: number): Promise<void> {
    const wanted = this.acknowledged + count;
    const enough = async (): Promise<void> => {
      while (this.acknowledged < wanted) {
        await new Promise<void>((resolve) => {
          this.look = resolve;
        });
      }
    };
    await Promise.race([enough(), Promise.all(this.writers)]);
  }

  async end(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.writers);
  }

  private async write(writer: number): Promise<void> {
    for (let number = 0; !this.isOver; number += 1) {
      await this.kv.put(`load/${writer}/${number % KEYS}`, VALUE);
      this.acknowledged += 1;
      this.look?.();
    }
  }
}
