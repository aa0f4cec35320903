/** A closed loop: each client begins its next operation when the last one has ended, or when the rate lets it. */

import { reasonOf } from '../reason.ts';
import type { Connection } from '../stores/store.ts';
import { atRandom, keysOf, type Order } from './keys.ts';
import { Latencies, type Quantiles } from './latencies.ts';
import { Pace } from './pace.ts';
import type { Settings } from './settings.ts';

export interface LoadResult extends Quantiles {
  /** That succeeded. */
  readonly operations: number;
  readonly failed: number;
  /** Why the first that failed did. */
  readonly failure: string | null;
  readonly perSecond: number;
}

export async function runLoad(
  connections: readonly Connection[],
  settings: Settings,
  ordered: Order = atRandom,
): Promise<LoadResult> {
  const { clients, total } = settings;
  const latencies = new Latencies(total);
  const keys = keysOf(settings.keySpaceSize);
  const order = ordered(keys.length);
  const operation = operationOf(settings);
  const pace = new Pace(settings.rate);
  let begun = 0;
  let failed = 0;
  let failure: string | null = null;
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
      } catch (error) {
        failed += 1;
        failure ??= reasonOf(error);
      }
    }
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  const seconds = (performance.now() - startMs) / 1000;
  const operations = total - failed;
  return { operations, failed, failure, perSecond: operations / seconds, ...latencies.quantiles() };
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
