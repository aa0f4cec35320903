/** One member: log, peers, state machine and service put together. It knows no client's socket. */

import { nodeId, type Configuration, type NodeId, firstConfiguration } from '@raftkv/core';
import type { Directory, Outcome } from '@raftkv/kv-protocol';
import { KvService } from '@raftkv/kv-service';
import { KeyValueMachine } from '@raftkv/kv-state-machine';
import { RaftNode, systemClock } from '@raftkv/runtime';
import { WebSocketTransport, type TransportMetrics } from '@raftkv/transport-ws';
import { formatAddress } from '../configuration/address.ts';
import type { CompleteOptions } from '../configuration/options.ts';
import { logNodeNotice, logStorageNotice, logTransportNotice, StatusLog } from '../logging/notices.ts';
import { ClientUrls } from './client-urls.ts';
import { serverStatus, type ServerStatus } from './status.ts';
import { NodeStorage } from './storage.ts';

export interface KvNodeOptions extends CompleteOptions {
  /** Where clients reach it, now that this is known. */
  readonly clientUrl: string;
  /** Another leads, or members are elsewhere. */
  onDirectory(directory: Directory): void;
  /** Once, when it has stopped for good. */
  onFailed(cause: Error): void;
}

export interface KvNode {
  readonly node: RaftNode<Outcome>;
  readonly machine: KeyValueMachine;
  readonly service: KvService;
  /** Where it listens for peers, also where any port would do. */
  readonly peerPort: number;
  readonly peerUrl: string;
  transportMetrics(): TransportMetrics;
  status(): ServerStatus;
  close(): Promise<void>;
}

/** @throws what the storage and the transport throw when they cannot start. */
export async function startKvNode(options: KvNodeOptions): Promise<KvNode> {
  const { name, clientUrl, listenPeer, log } = options;
  const machine = new KeyValueMachine();
  const statusLog = new StatusLog(log);
  let service: KvService | null = null;
  const clientUrls = new ClientUrls(name, clientUrl);
  const directories = new DirectoryWatch(
    () => service?.directory ?? null,
    (directory) => options.onDirectory(directory),
  );
  const { storage, transport, peers } = portsOf(options);
  const node = await RaftNode.start({
    id: nodeId(name),
    storage,
    transport,
    stateMachine: machine,
    about: clientUrls.about,
    observer: {
      onChanged: (status) => {
        statusLog.onStatus(status);
        service?.onStatus(status);
        directories.look();
      },
      onPeer: (peer, about) => {
        clientUrls.onPeer(peer, about);
        directories.look();
      },
      onFailed: (cause) => options.onFailed(cause),
      onNotice: (notice) => logNodeNotice(log, notice),
    },
  });
  const running = new KvService({ node, machine, addresses: clientUrls, clock: systemClock() });
  service = running;
  directories.look();
  const peerPort = transport.port ?? listenPeer.port;
  const peerUrl = options.advertisePeer ?? `ws://${formatAddress({ ...listenPeer, port: peerPort })}`;
  return {
    node,
    machine,
    service: running,
    peerPort,
    peerUrl,
    transportMetrics: () => transport.metrics(),
    status: () => serverStatus({ name, node, machine, clientUrls, peers, peerUrl }),
    close: async () => {
      // Others go on at once, and need not notice first that nobody leads. It takes an election timeout at most.
      if (node.status().role === 'leader') await node.transferLeadership().catch(() => null);
      running.close();
      await node.close();
    },
  };
}

interface Ports {
  readonly storage: NodeStorage;
  readonly transport: WebSocketTransport;
  /** The other members, and where they are. */
  readonly peers: ReadonlyMap<NodeId, () => string | null>;
}

/** Who the members are is the record's to say; where they are, the options', since addresses change. */
function portsOf(options: CompleteOptions): Ports {
  const {
    name,
    clusterToken: cluster,
    initialCluster,
    dataDirectory: directory,
    segmentBytes,
    ...rest
  } = options;
  const { files, log } = rest;
  const id = nodeId(name);
  const configuration = configurationOf([...(initialCluster?.keys() ?? [name])]);
  // Filled when the record is read, which is before the transport starts.
  const peers = new Map<NodeId, () => string | null>();
  const storage = new NodeStorage(
    {
      directory,
      segmentBytes,
      files,
      node: id,
      cluster,
      configuration,
      onNotice: (notice) => logStorageNotice(log, notice),
    },
    (members) => {
      const others = members.filter((member) => member !== id);
      for (const peer of others) peers.set(peer, () => initialCluster?.get(peer) ?? null);
      const unknown = others.filter((peer) => initialCluster?.get(peer) === undefined);
      if (unknown.length === 0) return;
      log.warn(
        { members: unknown },
        'it is not known where these members are: name them in --initial-cluster',
      );
    },
  );
  const transport = new WebSocketTransport({
    id,
    cluster,
    configuration,
    listen: options.listenPeer,
    peers,
    onNotice: (notice) => logTransportNotice(log, notice),
  });
  return { storage, transport, peers };
}

/** In the order of the names, so that all members begin with the same bytes, in whatever order they are named. */
function configurationOf(names: readonly string[]): Configuration {
  const voters = names.toSorted().map((member) => ({ id: nodeId(member), data: new Uint8Array() }));
  return firstConfiguration(voters);
}

/** Tells each change of the directory once: of who leads, and of where members are. */
class DirectoryWatch {
  private readonly read: () => Directory | null;
  private readonly tell: (directory: Directory) => void;
  private last = '';

  constructor(read: () => Directory | null, tell: (directory: Directory) => void) {
    this.read = read;
    this.tell = tell;
  }

  look(): void {
    const directory = this.read();
    const text = JSON.stringify(directory);
    if (directory === null || text === this.last) return;
    this.last = text;
    this.tell(directory);
  }
}
