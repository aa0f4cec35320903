/** What runs on each simulated machine: the log in files, the node, the state machine, the service and its connections. */

import type { Configuration, NodeId } from '@raftkv/core';
import {
  PROTOCOL_VERSION,
  type Outcome,
  type Request,
  type Response,
  type ServerMessage,
} from '@raftkv/kv-protocol';
import { ClientConnection, KvService, type ConnectionHost, type ServerSocket } from '@raftkv/kv-service';
import { KeyValueMachine } from '@raftkv/kv-state-machine';
import {
  INCARNATION_BYTES,
  RaftNode,
  type Command,
  type MachineSnapshots,
  type StateMachine,
} from '@raftkv/runtime';
import type { Chance, HostPlan, ProcessPorts, Program, RunningProgram, Timeline } from '@raftkv/simulation';
import { FileLogStorage } from '@raftkv/storage-file';
import type { BrokenPromise } from './broken-promise.ts';
import type { ClientNetwork } from './client-network.ts';
import { MemberUrls } from './member-urls.ts';
import type { StackPlan } from './plan.ts';
import { ProcessTime } from './process-time.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import type { SnapshotBytes } from './snapshot-bytes.ts';
import { WitnessedStorage } from './witnessed-log.ts';

const CLUSTER = 'simulated';
const DIRECTORY = '/data';
/** How long it takes until there is a piece of a snapshot. */
const SNAPSHOT_PIECE_MS = [0, 200] as const;

export interface KeyValueProgramOptions {
  readonly configuration: Configuration;
  readonly clients: ClientNetwork;
  readonly plan: StackPlan;
  /** What the node on this machine is like. */
  readonly host: HostPlan;
  /** Of the state machine alone. */
  readonly chance: Chance;
  /** Told of what a node applies, before it does. */
  readonly onApply: (node: NodeId, life: number, commands: readonly Command[]) => void;
  /** Told of what clients ask; what it gives is told of the response. */
  readonly onRequest: (request: Request) => (response: Response) => void;
  readonly onStarted: (process: KeyValueProcess) => void;
  readonly onBroken: (broken: BrokenPromise) => void;
  /** A snapshot took the place of the machine, which stands behind the command at `index` now. */
  readonly onRestored: (id: NodeId, life: number, index: number) => void;
  /** Of the run. */
  readonly snapshotBytes: SnapshotBytes;
}

/** A node that serves clients. */
export interface KeyValueProcess extends RunningProgram {
  readonly node: RaftNode<Outcome>;
  readonly machine: KeyValueMachine;
}

type Ports = ProcessPorts<SimulatedDisk>;

export class KeyValueProgram implements Program<SimulatedDisk> {
  private readonly options: KeyValueProgramOptions;

  constructor(options: KeyValueProgramOptions) {
    this.options = options;
  }

  async start(ports: Ports): Promise<KeyValueProcess> {
    const { id, clock, timeline, transport } = ports;
    const { plan, clients } = this.options;
    const { sessionTtlMs } = plan.service;
    const machine = new KeyValueMachine();
    const urls = new MemberUrls(id);
    const connections = new Connections(this.options, ports, urls);
    let service: KvService | null = null;
    const node = await RaftNode.start({
      id,
      storage: this.storage(ports),
      transport,
      stateMachine: this.watched(machine, ports),
      clock,
      randomBytes: (count) => ports.randomBytes(count),
      core: plan.cluster.core,
      snapshotLogBytes: plan.cluster.snapshotLogBytes ?? Number.MAX_SAFE_INTEGER,
      about: urls.about,
      observer: {
        onChanged: (status) => {
          service?.onStatus(status);
          connections.tellDirectory();
        },
        onPeer: (peer, about) => {
          urls.onPeer(peer, about);
          connections.tellDirectory();
        },
        onFailed: (cause) => ports.failed(cause),
      },
    });
    const { heartbeatMs } = node.coreState().options;
    service = new KvService({
      node,
      machine,
      addresses: urls,
      clock: new ProcessTime(clock, timeline),
      sessionTtlMs,
      heartbeatMs,
    });
    connections.serve(service);
    clients.listen(urls.own, timeline, (socket) => connections.accept(socket));
    const process = { node, machine, stop: () => clients.drop(urls.own) };
    this.options.onStarted(process);
    return process;
  }

  /** Takes its time, in some runs: reads must wait for what they have to see. */
  private watched(machine: KeyValueMachine, { id, life, timeline }: Ports): StateMachine<Outcome> {
    const { onApply, onRestored, chance, host } = this.options;
    const [fromMs, toMs] = host.applyMs;
    const apply = (commands: readonly Command[]) => {
      onApply(id, life, commands);
      return machine.apply(commands);
    };
    const snapshots: MachineSnapshots = {
      take: () => slowly(machine.snapshots.take(), timeline, chance.fork(`snapshot of ${life}`)),
      restore: async (content) => {
        await machine.snapshots.restore(content);
        onRestored(id, life, machine.appliedIndex);
      },
    };
    if (toMs === 0) return { apply, snapshots };
    return {
      snapshots,
      apply: async (commands) => {
        await new Promise<void>((resolve) => {
          timeline.after(chance.between(fromMs, toMs), resolve);
        });
        return apply(commands);
      },
    };
  }

  private storage(ports: Ports): WitnessedStorage {
    const { id, clock, timeline, disk } = ports;
    const { configuration, plan, host, snapshotBytes, onBroken } = this.options;
    const storage = new FileLogStorage({
      directory: DIRECTORY,
      node: id,
      cluster: CLUSTER,
      configuration,
      ...plan.storage,
      tailEntriesMax: host.disk.tailEntriesMax,
      setTimer: new ProcessTime(clock, timeline).setTimer,
      files: disk.filesFor(timeline),
      newIncarnation: () => ports.randomBytes(INCARNATION_BYTES),
    });
    return new WitnessedStorage(storage, disk.witness, snapshotBytes, onBroken);
  }
}

/** As a large store is written down: commands are applied meanwhile, before the first piece already (R34). */
async function* slowly(
  content: AsyncIterable<Uint8Array>,
  timeline: Timeline,
  chance: Chance,
): AsyncGenerator<Uint8Array> {
  const wait = () =>
    new Promise<void>((resolve) => {
      timeline.after(chance.between(...SNAPSHOT_PIECE_MS), resolve);
    });
  await wait();
  for await (const piece of content) {
    yield piece;
    await wait();
  }
}

/** The connections of one process. */
class Connections {
  private readonly host: ConnectionHost;
  private readonly open = new Set<ClientConnection>();
  private readonly id: string;
  private service: KvService | null = null;
  private lastTold = '';

  constructor(options: KeyValueProgramOptions, { id, clock, timeline }: Ports, urls: MemberUrls) {
    const { requestsUnderWayMax } = options.plan.service;
    this.id = id;
    this.host = {
      limits: { requestsUnderWayMax, bufferedBytesMax: 64 * 1024, helloMs: 1000 },
      underWay: { begin: () => {}, end: () => {} },
      setTimer: new ProcessTime(clock, timeline).setTimer,
      hello: () => this.hello(urls),
      handle: (request, respond) => {
        const onResponse = options.onRequest(request);
        this.service?.handle(request, (response) => {
          onResponse(response);
          respond(response);
        });
      },
      whyClosed: () => null,
      onFault: () => {},
    };
  }

  serve(service: KvService): void {
    this.service = service;
  }

  accept(socket: ServerSocket): {
    onFrame: ClientConnection['onFrame'];
    onClosed: ClientConnection['onClosed'];
  } {
    const connection = new ClientConnection(socket, this.host);
    this.open.add(connection);
    return {
      onFrame: (bytes, isBinary) => connection.onFrame(bytes, isBinary),
      onClosed: (fault) => {
        this.open.delete(connection);
        connection.onClosed(fault);
      },
    };
  }

  tellDirectory(): void {
    const { service } = this;
    if (service === null) return;
    const { directory } = service;
    const text = JSON.stringify(directory);
    if (text === this.lastTold) return;
    this.lastTold = text;
    for (const connection of this.open) connection.tellDirectory(directory);
  }

  private hello(urls: MemberUrls): ServerMessage {
    const directory = this.service?.directory ?? { leaderUrl: null, urls: [] };
    return {
      kind: 'hello',
      version: PROTOCOL_VERSION,
      cluster: CLUSTER,
      node: this.id,
      clientUrl: urls.own,
      directory,
    };
  }
}
