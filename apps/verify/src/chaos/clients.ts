/** Clients that read and write a few keys as fast as they are served, and remember what they were told. */

import { connect, KvError, type KvClient } from '@raftkv/kv-client';
import { setTimeout } from 'node:timers/promises';
import { ask, inputOf, revisionIn, sharedKeys } from '../workload/calls.ts';
import type { History } from '../workload/history.ts';
import type { Random } from './random.ts';

export interface LoadOptions {
  readonly endpoints: readonly string[];
  readonly clientCount: number;
  /** All keys begin with it, so that no other round has them. */
  readonly prefix: string;
  /** One of the clients writes so much besides that logs go over many files, and nobody remembers that. */
  readonly isFilling: boolean;
  readonly history: History;
  readonly random: Random;
}

/** A client is given that long to find a node that answers. */
const CONNECT_MS = 30_000;
/** Some calls are given up while they may yet take effect. */
const TIMEOUTS_MS = [250, 1000, 4000] as const;
const THINK_MS = [0, 40] as const;
/** Between the reads that each client makes beside its other calls, some of which are made to a node that is paused. */
const LOOK_MS = [50, 500] as const;
/** Of a value that fills the log; there is one at a time, so that snapshots stay small. */
const FILLER_BYTES = [10_000, 60_000] as const;
const FILLER_KEY = 'filler';
const FILLED_EVERY_MS = [10, 100] as const;

export class Load {
  private readonly options: LoadOptions;
  private readonly clients: readonly KvClient[];
  private readonly working: Promise<unknown>;
  private isGoingOn = true;

  private constructor(options: LoadOptions, clients: readonly KvClient[]) {
    this.options = options;
    this.clients = clients;
    const works = clients.flatMap((kv, client) => [this.work(client, kv), this.watch(client, kv)]);
    const [first] = clients;
    if (options.isFilling && first !== undefined) works.push(this.fill(first));
    this.working = Promise.all(works);
    // Heard when it is waited for.
    this.working.catch(() => {});
  }

  static async start(options: LoadOptions): Promise<Load> {
    const { endpoints, clientCount } = options;
    const clients = await Promise.all(
      Array.from({ length: clientCount }, () => connect({ endpoints, timeoutMs: CONNECT_MS })),
    );
    return new Load(options, clients);
  }

  /** Resolves when every call has ended, by itself unless `isHasty`. */
  async stop(isHasty: boolean): Promise<void> {
    this.isGoingOn = false;
    if (isHasty) await Promise.all(this.clients.map((kv) => kv.close()));
    await this.working;
    await Promise.all(this.clients.map((kv) => kv.close()));
  }

  private async work(client: number, kv: KvClient): Promise<void> {
    const { history, random, prefix } = this.options;
    const keys = sharedKeys(prefix);
    /** The revision of each key's last change, as far as this client knows. */
    const revisions = new Map<string, number>();
    for (let number = 1; this.isGoingOn; number += 1) {
      const input = inputOf(random, keys, prefix, `c${client}.${number}`, revisions);
      const output = await history.record(client, input, () => ask(kv, input, random.pick(TIMEOUTS_MS)));
      if (output !== null) revisions.set(input.key, revisionIn(output));
      await setTimeout(random.between(...THINK_MS));
    }
  }

  private async watch(client: number, kv: KvClient): Promise<void> {
    const { history, random, prefix } = this.options;
    while (this.isGoingOn) {
      const input = { kind: 'get', key: random.pick(sharedKeys(prefix)) } as const;
      await history.record(client, input, () => ask(kv, input, 4000));
      await setTimeout(random.between(...LOOK_MS));
    }
  }

  private async fill(kv: KvClient): Promise<void> {
    const { random } = this.options;
    while (this.isGoingOn) {
      try {
        await fill(kv, random, 1000);
      } catch (error) {
        if (!(error instanceof KvError)) throw error;
      }
      await setTimeout(random.between(...FILLED_EVERY_MS));
    }
  }
}

/** Writes a value that takes much of the log, and that nobody looks at. */
export function fill(kv: KvClient, random: Random, timeoutMs: number): Promise<unknown> {
  return kv.put(FILLER_KEY, '~'.repeat(random.between(...FILLER_BYTES)), { timeoutMs });
}
