/** One member: log, peers, state machine and service put together. It knows no client's socket. */

import { firstConfiguration, noConfiguration, nodeId, type Configuration } from '@raftkv/core';
import type { Directory, Outcome } from '@raftkv/kv-protocol';
import { KvService } from '@raftkv/kv-service';
import { KeyValueMachine } from '@raftkv/kv-state-machine';
import { RaftNode, systemClock, type NodeMember } from '@raftkv/runtime';
import { WebSocketTransport, type TransportMetrics } from '@raftkv/transport-ws';
import { formatAddress } from '../configuration/address.ts';
import type { CompleteOptions } from '../configuration/options.ts';
import { logNodeNotice, logStorageNotice, logTransportNotice, StatusLog } from '../logging/notices.ts';
import type { Log } from '../logging/log.ts';
import { ClientUrls } from './client-urls.ts';
import { PeerUrls } from './peer-urls.ts';
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
  let service: KvService | null = null;
  let node: RaftNode<Outcome> | null = null;
  const statusLog = new StatusLog(log, () => (node === null ? null : wordsOf(node.members().members)));
  const clientUrls = new ClientUrls(name, clientUrl, (member) => isMember(node, member));
  const peerUrls = new PeerUrls(options);
  const directories = new DirectoryWatch(
    () => service?.directory ?? null,
    (directory) => options.onDirectory(directory),
  );
  const { storage, transport } = portsOf(options, peerUrls);
  const started = await RaftNode.start({
    id: nodeId(name),
    storage,
    transport,
    stateMachine: machine,
    about: clientUrls.about,
    snapshotLogBytes: options.snapshotLogBytes,
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
  node = started;
  const peerPort = transport.port ?? listenPeer.port;
  const peerUrl = peerUrls.listensAt(`ws://${formatAddress({ ...listenPeer, port: peerPort })}`);
  const running = new KvService({
    node: started,
    machine,
    addresses: clientUrls,
    peerUrlOf: (member) => peerUrls.of(member),
    clock: systemClock(),
  });
  service = running;
  directories.look();
  logMembers(log, started.members().members, peerUrls);
  return {
    node: started,
    machine,
    service: running,
    peerPort,
    peerUrl,
    transportMetrics: () => transport.metrics(),
    status: () => serverStatus({ name, node: started, machine, clientUrls, peerUrls }),
    close: async () => {
      // Others go on at once, and need not notice first that nobody leads. It takes an election timeout at most.
      if (started.status().role === 'leader') await started.transferLeadership().catch(() => null);
      running.close();
      await started.close();
    },
  };
}

function wordsOf(members: readonly NodeMember[]): readonly string[] {
  return members.map(({ id, role }) => (role === 'voter' ? id : `${id} (learner)`));
}

/** Until the members are known, everyone who is met may be one. */
function isMember(node: RaftNode<Outcome> | null, name: string): boolean {
  const members = node?.members().members ?? [];
  return members.length === 0 || members.some(({ id }) => id === name);
}

function logMembers(log: Log, members: readonly NodeMember[], peerUrls: PeerUrls): void {
  if (members.length === 0) {
    log.info({}, 'this node has no members yet: it waits until the leader of a cluster adds it as a learner');
  }
  const unknown = members.filter(({ id, address }) => address === null && peerUrls.of(id) === null);
  if (unknown.length === 0) return;
  log.warn(
    { members: unknown.map(({ id }) => id) },
    'it is not known where these members are: name them in --initial-cluster',
  );
}

interface Ports {
  readonly storage: NodeStorage;
  readonly transport: WebSocketTransport;
}

/** Who the members are is the record's to say; where they are, first the options', since addresses change. */
function portsOf(options: CompleteOptions, peerUrls: PeerUrls): Ports {
  const { name, clusterToken: cluster, initialCluster, dataDirectory: directory, segmentBytes } = options;
  const { files, log, join, listenPeer: listen } = options;
  const id = nodeId(name);
  const configuration = join ? noConfiguration() : configurationOf([...(initialCluster?.keys() ?? [name])]);
  const storage = new NodeStorage({
    directory,
    segmentBytes,
    files,
    node: id,
    cluster,
    configuration,
    onNotice: (notice) => logStorageNotice(log, notice),
  });
  const transport = new WebSocketTransport({
    id,
    cluster,
    configuration,
    listen,
    peers: peerUrls.others,
    onNotice: (notice) => logTransportNotice(log, notice),
  });
  return { storage, transport };
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
