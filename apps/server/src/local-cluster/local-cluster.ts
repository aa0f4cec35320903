/** Some nodes in processes of their own, on loopback ports of this machine: to try, to test against, and to hurt. */

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { LocalNodeError, UsageError } from '../errors.ts';
import type { ServerStatus } from '../node/status.ts';
import type { LocalNodeEvent } from './local-node-event.ts';
import { LocalNode } from './local-node.ts';
import { freeNodePorts, portsFrom, takenPorts, type NodePorts } from './ports.ts';

/** How many nodes, where they keep what they hold, and at which ports. */
export interface LocalClusterOptions {
  /** Holds a directory for each node, and beside it the node's log; made where it is missing. */
  readonly directory: string;
  /** To begin with, named `n1`, `n2`, …: 3. A directory that was used before keeps the nodes it began with. */
  readonly nodeCount?: number;
  /** The first of two ports for each node, one after another; any that are free, unless given. */
  readonly firstPort?: number;
  /** How long a file of their logs is: 4 MiB, which a start is soon done with; 64 MiB is what a node in service has. */
  readonly segmentBytes?: number;
  /** As `ServerOptions.snapshotLogBytes`; what a node in service has, unless given. */
  readonly snapshotLogBytes?: number;
  /** Where clients are told to reach a node, such as a proxy before it; where it listens, unless given. */
  advertise?(name: string, clientUrl: string): string;
  /**
   * Where the node `from` is told that the node `to` is reached, such as a proxy before it; where that listens, unless given.
   * Of itself it is told too: members that join later hear it.
   */
  peerUrl?(from: string, to: string, url: string): string;
  /** What the nodes' processes get before the program, such as `--import=…`; nothing, unless given. */
  readonly execArgv?: readonly string[];
  /** Told what becomes of a node, as it happens. */
  onEvent?(name: string, event: LocalNodeEvent): void;
}

const HOST = '127.0.0.1';
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
  const { nodeCount = 3, firstPort } = options;
  if (!Number.isInteger(nodeCount) || nodeCount < 1 || nodeCount > NODES_MAX) {
    throw new UsageError(`nodeCount is ${nodeCount}: it is an integer from 1 to ${NODES_MAX}`);
  }
  await mkdir(path.resolve(options.directory), { recursive: true });
  const wanted = firstPort === undefined ? [] : portsFrom(firstPort, nodeCount);
  const takenWhenPrepared = await takenPorts(wanted);
  const isWantedFree = wanted.length > 0 && takenWhenPrepared.length === 0;
  const ports = isWantedFree ? wanted : await freeNodePorts(nodeCount);
  return new LocalCluster(options, ports, takenWhenPrepared);
}

/** A node by its name, and where it listens. */
interface Place extends NodePorts {
  readonly name: string;
}

function nameOf(number: number): string {
  return `n${number}`;
}

/** Nodes in processes of their own on this machine, which end with this process. */
export class LocalCluster implements AsyncDisposable {
  /** Ports that were asked for and that others listen at; where there is one, free ones were taken for all nodes. */
  readonly portsTaken: readonly number[];

  private readonly options: LocalClusterOptions;
  private readonly known: LocalNode[] = [];
  private places: readonly Place[];
  /** How many names were ever given. */
  private nameCount: number;
  private readonly waiting = new Set<() => void>();

  /** @internal */
  constructor(options: LocalClusterOptions, ports: readonly NodePorts[], portsTaken: readonly number[]) {
    this.options = options;
    this.places = ports.map((each, at) => ({ name: nameOf(at + 1), ...each }));
    this.nameCount = ports.length;
    this.portsTaken = portsTaken;
    for (const place of this.places) this.known.push(this.nodeAt(place, false));
  }

  /** All of them, in the order in which they came, running or not. */
  get nodes(): readonly LocalNode[] {
    return this.known;
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

  /**
   * One node more, with a name that none had before; it is not started yet. Once started, it waits until an operator adds it
   * to the members, as one that is reached at its `peerUrl`.
   */
  async join(): Promise<LocalNode> {
    const [ports] = await freeNodePorts(1);
    if (ports === undefined) throw new LocalNodeError('there are no free ports');
    this.nameCount += 1;
    const place = { name: nameOf(this.nameCount), ...ports };
    this.places = [...this.places, place];
    const node = this.nodeAt(place, true);
    this.known.push(node);
    return node;
  }

  /** Of one that an operator removed, or that is gone for good. What becomes of its process is left to whoever asks. */
  forget(node: LocalNode): void {
    const at = this.known.indexOf(node);
    if (at >= 0) this.known.splice(at, 1);
    this.places = this.places.filter(({ name }) => name !== node.name);
  }

  private nodeAt({ name, client, peer }: Place, isJoining: boolean): LocalNode {
    const { options } = this;
    const directory = path.resolve(options.directory);
    const clientUrl = `ws://${HOST}:${client}`;
    const urlOf = (to: Place): string => {
      const url = `ws://${HOST}:${to.peer}`;
      return options.peerUrl?.(name, to.name, url) ?? url;
    };
    return new LocalNode({
      name,
      isJoining,
      dataDirectory: path.join(directory, name),
      logFile: path.join(directory, `${name}.log`),
      clientPort: client,
      peerPort: peer,
      initialCluster: new Map(this.places.map((to) => [to.name, urlOf(to)])),
      segmentBytes: options.segmentBytes ?? SEGMENT_BYTES,
      snapshotLogBytes: options.snapshotLogBytes ?? null,
      advertisedUrl: options.advertise?.(name, clientUrl) ?? clientUrl,
      execArgv: options.execArgv ?? [],
      onEvent: (event) => {
        options.onEvent?.(name, event);
        for (const look of this.waiting) look();
      },
    });
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
