/** A closed loop: each client begins its next operation when the last one has ended, or when the rate lets it. */

import type { Connection } from '../stores/store.ts';
import { Latencies, type Quantiles } from './latencies.ts';
import type { Settings } from './settings.ts';

export interface LoadResult extends Quantiles {
  readonly operations: number;
  readonly failed: number;
  readonly seconds: number;
  readonly perSecond: number;
}

export async function runLoad(
  connections: readonly Connection[],
  settings: Settings,
  ordered: Order = atRandom,
): Promise<LoadResult> {
  const { clients, total } = settings;
  const latencies = new Latencies(total);
  const keys = keysOf(settings);
  const order = ordered(keys.length);
  const operation = operationOf(settings);
  const pace = new Pace(settings.rate);
  let begun = 0;
  let failed = 0;
  const client = async (number: number): Promise<void> => {
    const connection = connections[number % connections.length];
    if (connection === undefined) return;
    while (begun < total) {
      const nth = begun;
      begun += 1;
      const dueMs = await pace.turn(nth);
      const startMs = performance.now();
      try {
        await operation(connection, keys[order(nth)] ?? '');
        // Under a rate, what waits because an operation before was late is late too.
        latencies.add(performance.now() - (dueMs ?? startMs));
      } catch {
        failed += 1;
      }
    }
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  const seconds = (performance.now() - startMs) / 1000;
  const operations = total - failed;
  return { operations, failed, seconds, perSecond: operations / seconds, ...latencies.quantiles() };
}

/** Which key comes when; of `count` keys. */
export type Order = (count: number) => (nth: number) => number;
/** As etcd's benchmark tool does, unless it is asked for keys in their order. */
const atRandom: Order = (count) => () => Math.floor(Math.random() * count);
export const oneAfterAnother: Order = (count) => (nth) => nth % count;

function keysOf({ keySpaceSize }: Settings): string[] {
  return Array.from({ length: keySpaceSize }, (_, at) => `key-${String(at).padStart(8, '0')}`);
}

function operationOf({ kind, valSize }: Settings): (connection: Connection, key: string) => Promise<unknown> {
  const value = Buffer.alloc(valSize, 'x');
  switch (kind) {
    case 'put':
      return (connection, key) => connection.put(key, value);
    case 'get':
      return (connection, key) => connection.get(key, 'linearizable');
    case 'get-serializable':
      return (connection, key) => connection.get(key, 'serializable');
    default:
      return kind satisfies never;
  }
}

/** When the nth operation may begin. */
class Pace {
  private readonly everyMs: number | null;
  private readonly startMs = performance.now();

  constructor(rate: number | null) {
    this.everyMs = rate === null ? null : 1000 / rate;
  }

  /** Resolves when it is due, with when that was; `null` where there is no rate. */
  async turn(nth: number): Promise<number | null> {
    if (this.everyMs === null) return null;
    const dueMs = this.startMs + nth * this.everyMs;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) {
      await new Promise((resolve) => {
        setTimeout(resolve, waitMs);
      });
    }
    return dueMs;
  }
}
