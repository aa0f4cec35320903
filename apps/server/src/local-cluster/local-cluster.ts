/** Some nodes in processes of their own, on loopback ports of this machine: to try, to test against, and to hurt. */

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { LocalNodeError, UsageError } from '../errors.ts';
import type { ServerStatus } from '../node/status.ts';
import type { LocalNodeEvent } from './local-node-event.ts';
import { LocalNode, type LocalNodeOptions } from './local-node.ts';
import { freeNodePorts, portsFrom, takenPorts } from './ports.ts';

/** How many nodes, where they keep what they hold, and at which ports. */
export interface LocalClusterOptions {
  /** Holds a directory for each node, and beside it the node's log; made where it is missing. */
  readonly directory: string;
  /** Named `n1`, `n2`, …: 3. A directory that was used before keeps the nodes it began with. */
  readonly nodeCount?: number;
  /** The first of two ports for each node, one after another; any that are free, unless given. */
  readonly firstPort?: number;
  /** How long a file of their logs is: 4 MiB, which a start is soon done with; 64 MiB is what a node in service has. */
  readonly segmentBytes?: number;
  /** Where clients are told to reach a node, such as a proxy before it; where it listens, unless given. */
  advertise?(name: string, clientUrl: string): string;
  /** Where the node `from` is told to reach the node `to`, such as a proxy between the two; where that listens, unless given. */
  peerUrl?(from: string, to: string, url: string): string;
  /** What the nodes' processes get before the program, such as `--import=…`; nothing, unless given. */
  readonly execArgv?: readonly string[];
  /** Told what becomes of a node, as it happens. */
  onEvent?(name: string, event: LocalNodeEvent): void;
}

const NODES_MAX = 9;
const SEGMENT_BYTES = 4 * 1024 * 1024;
/** How often nodes are asked what they have applied. */
const ASKED_EVERY_MS = 10;

/**
 * Starts all nodes; resolves when all of them take part. There may be no leader yet.
 *
 * @throws {UsageError} if an option is out of range.
 * @throws {LocalNodeError} if a node does not start, with what it said; those that did are stopped.
 */
export async function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const cluster = await prepareLocalCluster(options);
  try {
    await cluster.start();
    return cluster;
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

/** As `startLocalCluster`, with no node started yet. */
export async function prepareLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const { nodeCount = 3, firstPort, segmentBytes = SEGMENT_BYTES } = options;
  if (!Number.isInteger(nodeCount) || nodeCount < 1 || nodeCount > NODES_MAX) {
    throw new UsageError(`nodeCount is ${nodeCount}: it is an integer from 1 to ${NODES_MAX}`);
  }
  const directory = path.resolve(options.directory);
  await mkdir(directory, { recursive: true });
  const wanted = firstPort === undefined ? [] : portsFrom(firstPort, nodeCount);
  const takenWhenPrepared = await takenPorts(wanted);
  const isWantedFree = wanted.length > 0 && takenWhenPrepared.length === 0;
  const ports = isWantedFree ? wanted : await freeNodePorts(nodeCount);
  const peers = ports.map(({ peer }, at) => ({ name: `n${at + 1}`, url: `ws://127.0.0.1:${peer}` }));
  const urlFor = (from: string, { name, url }: (typeof peers)[number]): string =>
    (name === from ? null : options.peerUrl?.(from, name, url)) ?? url;
  const settings = ports.map(({ client, peer }, at) => {
    const name = `n${at + 1}`;
    const clientUrl = `ws://127.0.0.1:${client}`;
    const advertisedUrl = options.advertise?.(name, clientUrl) ?? clientUrl;
    const dataDirectory = path.join(directory, name);
    const logFile = path.join(directory, `${name}.log`);
    const initialCluster = peers.map((to) => `${to.name}=${urlFor(name, to)}`).join(',');
    return {
      name,
      dataDirectory,
      logFile,
      clientPort: client,
      peerPort: peer,
      initialCluster,
      segmentBytes,
      advertisedUrl,
      execArgv: options.execArgv ?? [],
    };
  });
  return new LocalCluster(settings, takenWhenPrepared, (name, event) => options.onEvent?.(name, event));
}

/** Nodes in processes of their own on this machine, which end with this process. */
export class LocalCluster implements AsyncDisposable {
  /** All of them, in the order of their names, running or not. */
  readonly nodes: readonly LocalNode[];
  /** Ports that were asked for and that others listen at; where there is one, free ones were taken for all nodes. */
  readonly portsTaken: readonly number[];

  private readonly waiting = new Set<() => void>();

  /** @internal */
  constructor(
    settings: readonly Omit<LocalNodeOptions, 'onEvent'>[],
    portsTaken: readonly number[],
    onEvent: (name: string, event: LocalNodeEvent) => void,
  ) {
    this.portsTaken = portsTaken;
    this.nodes = settings.map((each) => {
      const tell = (event: LocalNodeEvent): void => {
        onEvent(each.name, event);
        for (const look of this.waiting) look();
      };
      return new LocalNode({ ...each, onEvent: tell });
    });
  }

  /** What `connect` of `@raftkv/kv-client` takes. */
  get endpoints(): readonly string[] {
    return this.nodes.map(({ clientUrl }) => clientUrl);
  }

  /** `null` where none has the name. */
  node(name: string): LocalNode | null {
    return this.nodes.find((node) => node.name === name) ?? null;
  }

  /** The node that says that it leads the highest term; `null` where none says so. */
  get leader(): LocalNode | null {
    const leaders = this.nodes.filter(({ part }) => part?.role === 'leader');
    return leaders.toSorted((one, other) => (other.part?.term ?? 0) - (one.part?.term ?? 0))[0] ?? null;
  }

  /**
   * Resolves with what `look` finds, which is asked now and whenever something has become of a node.
   *
   * @throws {LocalNodeError} naming `what`, if it finds nothing in time.
   */
  async until<Found>(look: () => Found | null, timeoutMs: number, what: string): Promise<Found> {
    const timeout = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const found = look();
      if (found !== null) return found;
      if (timeout.aborted) throw new LocalNodeError(`after ${timeoutMs} ms not yet: ${what}`);
      await this.nextEvent(timeout);
    }
  }

  /**
   * Resolves when one node leads and all others that run follow it, with that node.
   *
   * @throws {LocalNodeError} if that does not come to hold in time.
   */
  untilLed(timeoutMs: number): Promise<LocalNode> {
    const led = (): LocalNode | null => {
      const { leader } = this;
      const running = this.nodes.filter(({ state }) => state === 'running');
      return leader !== null && running.every(({ part }) => part?.leader === leader.name) ? leader : null;
    };
    return this.until(led, timeoutMs, 'one node leads and the others follow it');
  }

  /**
   * Resolves when all nodes run and each has applied what any of them knew to be committed just before: all hold the same
   * then, if nobody writes.
   *
   * @throws {LocalNodeError} if that does not come to hold in time.
   */
  async untilCaughtUp(timeoutMs: number): Promise<void> {
    const endMs = performance.now() + timeoutMs;
    while (performance.now() < endMs) {
      const committed = Math.max(...(await this.statuses()).map((status) => status?.commitIndex ?? Infinity));
      const applied = (await this.statuses()).map((status) => status?.appliedIndex ?? -1);
      if (applied.every((index) => index >= committed)) return;
      await setTimeout(ASKED_EVERY_MS);
    }
    throw new LocalNodeError(`after ${timeoutMs} ms not yet: all nodes have caught up`);
  }

  private statuses(): Promise<readonly (ServerStatus | null)[]> {
    return Promise.all(this.nodes.map((node) => node.status()));
  }

  private nextEvent(timeout: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.waiting.delete(end);
        timeout.removeEventListener('abort', end);
        resolve();
      };
      this.waiting.add(end);
      timeout.addEventListener('abort', end);
    });
  }

  /** Starts the nodes that do not run. @throws {LocalNodeError} if one does not start, once all have started or not. */
  async start(): Promise<void> {
    const starts = await Promise.allSettled(this.nodes.map((node) => node.start()));
    for (const start of starts) if (start.status === 'rejected') throw start.reason;
  }

  /** Stops all nodes, each in good order. */
  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  /** As `close`: by `await using` the nodes are stopped at the end of the block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
