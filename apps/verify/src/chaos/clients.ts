/** Clients that read and write a few keys as fast as they are served, and remember what they were told. */

import { connect, type KvClient } from '@raftkv/kv-client';
import type { KeyValueInput, KeyValueOutput } from '@raftkv/simulation/linearizability';
import { setTimeout } from 'node:timers/promises';
import type { History } from './history.ts';
import type { Random } from './random.ts';
import { labelOf, padded } from './values.ts';

export interface LoadOptions {
  readonly endpoints: readonly string[];
  readonly clientCount: number;
  /** All keys begin with it, so that no other round has them. */
  readonly prefix: string;
  readonly history: History;
  readonly random: Random;
}

/** Few, so that clients meet at them. */
const KEYS = 24;
/** A client is given that long to find a node that answers. */
const CONNECT_MS = 30_000;
/** Some calls are given up while they may yet take effect. */
const TIMEOUTS_MS = [250, 1000, 4000] as const;
const THINK_MS = [0, 40] as const;
/** Between the reads that each client makes beside its other calls, some of which are made to a node that is paused. */
const LOOK_MS = [50, 500] as const;

export class Load {
  private readonly options: LoadOptions;
  private readonly clients: readonly KvClient[];
  private readonly working: Promise<unknown>;
  private isGoingOn = true;

  private constructor(options: LoadOptions, clients: readonly KvClient[]) {
    this.options = options;
    this.clients = clients;
    this.working = Promise.all(
      clients.flatMap((kv, client) => [this.work(client, kv), this.watch(client, kv)]),
    );
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
    /** The revision of each key's last change, as far as this client knows. */
    const revisions = new Map<string, number>();
    for (let number = 1; this.isGoingOn; number += 1) {
      const input = inputOf(random, prefix, `c${client}.${number}`, revisions);
      const output = await history.record(client, input, () => ask(kv, input, random.pick(TIMEOUTS_MS)));
      if (output !== null) revisions.set(input.key, revisionIn(output));
      await setTimeout(random.between(...THINK_MS));
    }
  }

  private async watch(client: number, kv: KvClient): Promise<void> {
    const { history, random, prefix } = this.options;
    while (this.isGoingOn) {
      const input = { kind: 'get', key: sharedKey(random, prefix) } as const;
      await history.record(client, input, () => ask(kv, input, 4000));
      await setTimeout(random.between(...LOOK_MS));
    }
  }
}

/** Keys that are written once, by one write: whether it is there, and once, shows in the key alone. */
export function isWrittenOnce(key: string): boolean {
  return key.includes('/once/');
}

/** What is read after the clients have gone, from each key that they shared. */
export function sharedKeys(prefix: string): readonly string[] {
  return Array.from({ length: KEYS }, (_, at) => `${prefix}/${at}`);
}

/** The call of the client's library that asks this. */
export async function ask(kv: KvClient, input: KeyValueInput, timeoutMs: number): Promise<KeyValueOutput> {
  const { key } = input;
  switch (input.kind) {
    case 'get': {
      const entry = await kv.get(key, { timeoutMs });
      if (entry === null) return { kind: 'value', entry: null };
      const { createRevision, modRevision, version } = entry;
      return { kind: 'value', entry: { value: labelOf(entry.text()), createRevision, modRevision, version } };
    }
    case 'put': {
      const ifRevision = input.ifRevision ?? undefined;
      return { kind: 'put', ...(await kv.put(key, padded(input.value), { ifRevision, timeoutMs })) };
    }
    case 'delete': {
      const ifRevision = input.ifRevision ?? undefined;
      const { revision, deleted: isDeleted } = await kv.delete(key, { ifRevision, timeoutMs });
      return { kind: 'deleted', revision, isDeleted };
    }
  }
}

function inputOf(
  random: Random,
  prefix: string,
  name: string,
  revisions: ReadonlyMap<string, number>,
): KeyValueInput {
  const key = sharedKey(random, prefix);
  const kind = random.between(0, 100);
  if (kind < 30) return { kind: 'get', key };
  if (kind < 60) return { kind: 'put', key, value: name, ifRevision: null };
  if (kind < 80) return { kind: 'put', key, value: name, ifRevision: revisions.get(key) ?? 0 };
  if (kind < 85) return { kind: 'delete', key, ifRevision: null };
  if (kind < 90) return { kind: 'delete', key, ifRevision: revisions.get(key) ?? 0 };
  return { kind: 'put', key: `${prefix}/once/${name}`, value: name, ifRevision: null };
}

function sharedKey(random: Random, prefix: string): string {
  return random.pick(sharedKeys(prefix));
}

function revisionIn(output: KeyValueOutput): number {
  switch (output.kind) {
    case 'value':
      return output.entry?.modRevision ?? 0;
    case 'put':
      return output.revision;
    case 'deleted':
      return 0;
    case 'conditionFailed':
      return output.current;
  }
}
