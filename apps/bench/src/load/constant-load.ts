/** Writes that go on until they are told to end. */

import type { Connection } from '../stores/store.ts';
import { atRandom, keysOf } from './keys.ts';
import { Pace } from './pace.ts';
import type { Pressure } from './settings.ts';

export class ConstantLoad {
  /** Rejects where a write fails; resolves once all have ended. */
  readonly ended: Promise<unknown>;
  private readonly pace: Pace;
  private readonly value: Buffer;
  private readonly nextKey: () => string;
  private begun = 0;
  private acknowledgedCount = 0;
  private isOver = false;
  private look: (() => void) | null = null;

  constructor(connections: readonly Connection[], { clients, valSize, keySpaceSize, rate }: Pressure) {
    this.pace = new Pace(rate);
    this.value = Buffer.alloc(valSize, 'x');
    const keys = keysOf(keySpaceSize);
    const order = atRandom(keySpaceSize);
    this.nextKey = () => keys[order(this.begun)] ?? '';
    this.ended = Promise.all(
      Array.from({ length: clients }, (_, number) => this.write(connections[number % connections.length])),
    );
    // Whoever waits for it hears of it; before that it is no reason to end the program.
    this.ended.catch(() => {});
  }

  get acknowledged(): number {
    return this.acknowledgedCount;
  }

  /** Resolves when `count` more are acknowledged. Rejects where one fails. */
  async more(count: number): Promise<void> {
    const wanted = this.acknowledgedCount + count;
    const enough = async (): Promise<void> => {
      while (this.acknowledgedCount < wanted) {
        await new Promise<void>((resolve) => {
          this.look = resolve;
        });
      }
    };
    await Promise.race([enough(), this.ended]);
  }

  async end(): Promise<void> {
    this.isOver = true;
    await this.ended;
  }

  private async write(connection: Connection | undefined): Promise<void> {
    while (!this.isOver) {
      const nth = this.begun;
      this.begun += 1;
      await this.pace.turn(nth);
      await connection?.put(this.nextKey(), this.value);
      this.acknowledgedCount += 1;
      this.look?.();
    }
  }
}
