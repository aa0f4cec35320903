/** Connections are cut when a node has answered and before its answer is heard, 200 times. */

import { connect } from '@raftkv/kv-client';
import { expect, it } from 'vitest';
import { Counter } from './support/counter.ts';
import { CuttingProxy } from './support/cutting-proxy.ts';
import { afterwards, PATIENCE_MS, threeProcesses } from './support/processes.ts';

const CUTS = 200;
const CLIENTS = 4;
/** One answer in so many is lost, with the connection that it came by. */
const LOST_OF = 4;

it('leads to no write that is applied twice, and to none that is lost', async () => {
  const cuts = new Counter();
  const answers = new Counter();
  const mayCut = (): boolean => {
    answers.add();
    if (cuts.count >= CUTS || answers.count % LOST_OF !== 0) return false;
    cuts.add();
    return true;
  };
  const proxies = new Map<string, CuttingProxy>();
  for (const name of ['n1', 'n2', 'n3']) {
    const proxy = await CuttingProxy.listen(mayCut);
    afterwards(() => proxy.close());
    proxies.set(name, proxy);
  }
  const cluster = await threeProcesses({
    // Clients that follow the leader come by its proxy too.
    advertise: (name, clientUrl) => {
      const proxy = proxies.get(name);
      proxy?.passTo(Number(new URL(clientUrl).port));
      return proxy?.url ?? clientUrl;
    },
  });
  await cluster.untilLed(PATIENCE_MS);

  const endpoints = [...proxies.values()].map(({ url }) => url);
  const counts = await Promise.all(
    Array.from({ length: CLIENTS }, async (_, at) => {
      const kv = await connect({ endpoints, timeoutMs: 60_000 });
      afterwards(() => kv.close());
      let count = 0;
      while (cuts.count < CUTS) {
        const { version } = await kv.put(`client-${at}`, `write ${count + 1}`);
        count += 1;
        // Each write counts one: a second application of any would show in the next answer.
        expect(version).toBe(count);
      }
      return count;
    }),
  );
  await cluster.untilCaughtUp(PATIENCE_MS);
  const keys = counts.map((_, at) => `client-${at}`);
  const expected = counts.map(
    (count) => expect.objectContaining({ value: `write ${count}`, version: count }) as unknown,
  );
  for (const node of cluster.nodes) expect(await node.held(keys)).toEqual(expected);
  expect(cuts.count).toBe(CUTS);
});
