/** What a user's code says of the packages that need Node, and of the client there. */

import { firstConfiguration } from '@raftkv/core';
import { connect, type KvClient } from '@raftkv/kv-client';
import { KvService, type Answer, type KvServiceOptions } from '@raftkv/kv-service';
import { nodeId, RaftNode, type StateMachine } from '@raftkv/runtime';
import { startServer, ServerError, type Server, type ServerOptions } from '@raftkv/server';
import { startLocalCluster, type LocalCluster } from '@raftkv/server/local-cluster';
import { DamagedError, FileLogStorage, nodeFiles, type FileSystem } from '@raftkv/storage-file';
import { MemoryFiles, type Unsynced } from '@raftkv/storage-file/testing';
import { WebSocketTransport, type TransportNotice } from '@raftkv/transport-ws';
import { createServer } from 'node:http';

const id = nodeId('a');
const cluster = 'sums';
const configuration = firstConfiguration([{ id, data: new Uint8Array() }]);

export async function member(directory: string, stateMachine: StateMachine<number>): Promise<number> {
  const files: FileSystem = directory === '' ? new MemoryFiles({ seed: 1 }) : nodeFiles;
  const notices: TransportNotice[] = [];
  const node: RaftNode<number> = await RaftNode.start({
    id,
    stateMachine,
    storage: new FileLogStorage({ directory, node: id, cluster, configuration, files }),
    transport: new WebSocketTransport({
      id,
      cluster,
      configuration,
      listen: { server: createServer() },
      peers: new Map(),
      onNotice: (notice) => notices.push(notice),
    }),
  });
  await node.close();
  return notices.length;
}

export function isDamaged(error: unknown): error is DamagedError {
  return error instanceof DamagedError && error.code === 'STORAGE_DAMAGED';
}

export function cutPower(files: MemoryFiles, unsynced: Unsynced): void {
  files.cutPower(unsynced);
}

export async function serve(options: ServerOptions): Promise<string> {
  const server: Server & AsyncDisposable = await startServer(options);
  try {
    const kv: KvClient = await connect({ endpoints: [server.clientUrl] });
    await kv.close();
    return server.status().role;
  } catch (error) {
    return error instanceof ServerError ? error.code : 'unknown';
  } finally {
    await server.close();
  }
}

export async function trial(directory: string): Promise<readonly string[]> {
  const trialCluster: LocalCluster = await startLocalCluster({ directory, nodeCount: 3 });
  const { endpoints } = trialCluster;
  await trialCluster.close();
  return endpoints;
}

export function service(options: KvServiceOptions, done: (answer: Answer<unknown>) => void): KvService {
  const made = new KvService(options);
  const key = Uint8Array.of(1);
  made.writeDirectly({ kind: 'delete', key, condition: { kind: 'none' } }, done);
  return made;
}
