/** Eight clients write while the process that leads is killed with `kill -9` and started again, ten times. */

import { connect, KvError, type KvClient } from '@raftkv/kv-client';
import { expect, it } from 'vitest';
import { Counter } from './support/counter.ts';
import { afterwards, PATIENCE_MS, threeProcesses } from './support/processes.ts';

const CLIENTS = 8;
const KILLS = 10;
const WRITES_BETWEEN = 40;

/** Writes one unique value after another, and remembers what it was told. */
class Writer {
  readonly acknowledged = new Map<string, string>();
  readonly unknown: string[] = [];
  private readonly name: string;
  private readonly kv: KvClient;
  private readonly onAcknowledged: () => void;

  constructor(name: string, kv: KvClient, onAcknowledged: () => void) {
    this.name = name;
    this.kv = kv;
    this.onAcknowledged = onAcknowledged;
  }

  async writeWhile(goesOn: () => boolean): Promise<void> {
    for (let number = 1; goesOn(); number += 1) {
      const [key, value] = [`${this.name}/${number}`, `value ${number} of ${this.name}`];
      try {
        await this.kv.put(key, value, { timeoutMs: 30_000 });
        this.acknowledged.set(key, value);
        this.onAcknowledged();
      } catch (error) {
        if (!(error instanceof KvError)) throw error;
        this.unknown.push(key);
      }
    }
  }
}

it('loses nothing that was acknowledged, applies nothing twice, and all nodes agree', async () => {
  const cluster = await threeProcesses();
  const acknowledged = new Counter();
  let isGoingOn = true;
  const writers = await Promise.all(
    Array.from({ length: CLIENTS }, async (_, at) => {
      const kv = await connect({ endpoints: cluster.endpoints, timeoutMs: 30_000 });
      afterwards(() => kv.close());
      return new Writer(`client-${at}`, kv, () => acknowledged.add());
    }),
  );
  const writing = Promise.all(writers.map((writer) => writer.writeWhile(() => isGoingOn)));
  for (let kill = 0; kill < KILLS; kill += 1) {
    await acknowledged.more(WRITES_BETWEEN);
    const leader = await cluster.untilLed(PATIENCE_MS);
    await leader.kill();
    await acknowledged.more(WRITES_BETWEEN);
    await leader.start();
  }
  await acknowledged.more(WRITES_BETWEEN);
  isGoingOn = false;
  await writing;
  await cluster.untilCaughtUp(PATIENCE_MS);

  const values = new Map(writers.flatMap((writer) => [...writer.acknowledged]));
  const unknown = writers.flatMap((writer) => writer.unknown);
  const keys = [...values.keys(), ...unknown];
  const [first = [], ...others] = await Promise.all(cluster.nodes.map((node) => node.held(keys)));
  for (const other of others) expect(other).toEqual(first);
  const wrong = keys.filter((key, at) => {
    const held = first[at] ?? null;
    // What was not acknowledged may have been applied or not, but never twice.
    if (held === null) return values.has(key);
    return held.version !== 1 || (values.has(key) && held.value !== values.get(key));
  });
  expect(wrong).toEqual([]);
  expect(values.size).toBeGreaterThanOrEqual(2 * KILLS * WRITES_BETWEEN);
});
