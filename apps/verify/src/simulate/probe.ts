/** The last client: writes until the cluster serves again while the others end, and reads everything once more. */

import { connect, KvError, type KvClient } from '@raftkv/kv-client';
import type { Chance, Timeline } from '@raftkv/simulation';
import { ask } from '../workload/calls.ts';
import type { History } from '../workload/history.ts';
import type { ClientNetwork } from './client-network.ts';
import { portsOf } from './simulated-client.ts';

export interface ProbeOptions {
  readonly world: Timeline;
  readonly chance: Chance;
  readonly network: ClientNetwork;
  readonly endpoints: readonly string[];
  readonly keys: readonly string[];
  readonly number: number;
  readonly history: History;
  /** Resolves when no other client has a call under way. */
  readonly untilOthersEnd: () => Promise<unknown>;
  onError(error: unknown): void;
}

const TIMEOUT_MS = 2000;

export class Probe {
  /** What it does, for the report of a cluster that does not serve. */
  waitsFor = 'nobody could connect';
  isDone = false;
  private readonly options: ProbeOptions;
  private calls = 0;

  constructor(options: ProbeOptions) {
    this.options = options;
  }

  begin(): void {
    this.run().catch((error: unknown) => this.options.onError(error));
  }

  private async run(): Promise<void> {
    const { untilOthersEnd, keys } = this.options;
    const othersEnded = untilOthersEnd();
    const kv = await this.connected();
    this.waitsFor = 'no write was acknowledged';
    for (const key of keys) await this.untilWritten(kv, key);
    this.waitsFor = 'calls of clients did not end';
    await othersEnded;
    this.waitsFor = 'a read was not answered';
    for (const key of keys) await this.untilRead(kv, key);
    this.waitsFor = 'the client did not close';
    await kv.close();
    this.isDone = true;
  }

  private async connected(): Promise<KvClient> {
    const { world, chance, network, endpoints } = this.options;
    for (;;) {
      try {
        return await connect({
          ...portsOf(world, chance, network.dialer()),
          endpoints,
          timeoutMs: TIMEOUT_MS,
        });
      } catch (error) {
        if (!(error instanceof KvError)) throw error;
      }
    }
  }

  private async untilWritten(kv: KvClient, key: string): Promise<void> {
    const { history, number } = this.options;
    for (let isDone = false; !isDone;) {
      this.calls += 1;
      const input = { kind: 'put', key, value: `c${number}.${this.calls}`, ifRevision: null } as const;
      isDone = (await history.record(number, input, () => ask(kv, input, TIMEOUT_MS))) !== null;
    }
  }

  private async untilRead(kv: KvClient, key: string): Promise<void> {
    const { history, number } = this.options;
    const input = { kind: 'get', key } as const;
    while ((await history.record(number, input, () => ask(kv, input, TIMEOUT_MS))) === null);
  }
}
