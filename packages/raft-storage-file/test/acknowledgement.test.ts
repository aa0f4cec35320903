/** Nothing is acknowledged, voted or counted before its sync has returned: nodes over real files, whose syncs are held. */

import { nodeId, type Message, type NodeId, firstConfiguration } from '@raftkv/core';
import { InProcessNetwork, RaftNode, type Transport } from '@raftkv/runtime';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileLogStorage, nodeFiles, type Done, type FileSystem, type OpenFile } from '../src/index.ts';

let root = '';
let nodes: RaftNode<number>[] = [];
let heldFiles: HeldFiles[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'acknowledgement-test-'));
});

afterEach(async () => {
  for (const files of heldFiles) files.letGo();
  await Promise.all(nodes.map((node) => node.close()));
  nodes = [];
  heldFiles = [];
  await rm(root, { recursive: true, force: true });
});

/** The operating system's files; while it holds, nobody hears that a sync has returned. */
class HeldFiles implements FileSystem {
  isHolding = false;
  /** Syncs that have returned, unheard. */
  private waiting: (() => void)[] = [];

  makeDirectory = (path: string) => nodeFiles.makeDirectory(path);
  list = (directory: string) => nodeFiles.list(directory);
  rename = (from: string, to: string) => nodeFiles.rename(from, to);
  remove = (path: string) => nodeFiles.remove(path);
  syncDirectory = (path: string) => nodeFiles.syncDirectory(path);
  lock = (directory: string) => nodeFiles.lock(directory);
  create = async (path: string): Promise<OpenFile> => this.held(await nodeFiles.create(path));
  open = async (path: string): Promise<OpenFile> => this.held(await nodeFiles.open(path));

  get isWaiting(): boolean {
    return this.waiting.length > 0;
  }

  letGo(): void {
    this.isHolding = false;
    for (const tell of this.waiting.splice(0)) tell();
  }

  private held(file: OpenFile): OpenFile {
    return {
      path: file.path,
      size: () => file.size(),
      read: (offset, count) => file.read(offset, count),
      write: (bytes, offset) => file.write(bytes, offset),
      sync: () => file.sync(),
      close: () => file.close(),
      writeSynced: (bytes: Uint8Array, offset: number, done: Done) => {
        file.writeSynced(bytes, offset, (error) => {
          if (this.isHolding) this.waiting.push(() => done(error));
          else done(error);
        });
      },
    };
  }
}

interface Member {
  readonly node: RaftNode<number>;
  readonly files: HeldFiles;
  /** All that it has sent. */
  readonly sent: Message[];
  /** Whom it has met, and remembers on disk. */
  readonly met: ReadonlySet<NodeId>;
}

async function member(id: string, ids: readonly string[], network: InProcessNetwork): Promise<Member> {
  const files = new HeldFiles();
  heldFiles.push(files);
  const sent: Message[] = [];
  const met = new Set<NodeId>();
  const storage = new FileLogStorage({
    directory: join(root, id),
    node: nodeId(id),
    cluster: 'test',
    configuration: firstConfiguration(ids.map((one) => ({ id: nodeId(one), data: new Uint8Array(0) }))),
    segmentBytes: 64 * 1024,
    sealAfterMs: null,
    files,
  });
  const node = await RaftNode.start({
    id: nodeId(id),
    storage,
    transport: recorded(network.transport(nodeId(id)), sent),
    stateMachine: { apply: (commands) => commands.map(({ index }) => index) },
    // Nobody campaigns but who is told to.
    core: { heartbeatMs: 1000, electionTimeoutMinMs: 50_000, electionTimeoutMaxMs: 60_000 },
    observer: { onPeer: (peer) => met.add(peer) },
  });
  nodes.push(node);
  return { node, files, sent, met };
}

function recorded(transport: Transport, sent: Message[]): Transport {
  return {
    start: (events) => transport.start(events),
    close: () => transport.close(),
    send: (to: NodeId, messages: readonly Message[]) => {
      sent.push(...messages);
      transport.send(to, messages);
    },
    sendSnapshot: (to, head, content, done) => transport.sendSnapshot(to, head, content, done),
  };
}

/** Waits for `condition`, a turn of the event loop at a time. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

/** Long enough for whatever does not wait for a disk. */
async function turns(): Promise<void> {
  for (let nth = 0; nth < 20; nth += 1) await turn();
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

async function cluster(): Promise<readonly [Member, Member, Member]> {
  const network = new InProcessNetwork();
  const ids = ['a', 'b', 'c'];
  const [a, b, c] = [
    await member('a', ids, network),
    await member('b', ids, network),
    await member('c', ids, network),
  ];
  // Else what is held first is the sync of who was met.
  await until(() => [a, b, c].every(({ met }) => met.size === ids.length - 1));
  return [a, b, c];
}

describe('one node alone', () => {
  it('leads once its vote is on disk, and acknowledges a command once that is', async () => {
    const { node, files } = await member('a', ['a'], new InProcessNetwork());
    await until(() => node.status().role === 'leader' && node.status().appliedIndex === 1);

    files.isHolding = true;
    const answers: number[] = [];
    const proposal = node.propose(Uint8Array.of(1)).then(({ index }) => answers.push(index));
    await until(() => files.isWaiting);
    await turns();
    expect(answers).toEqual([]);
    expect(node.status()).toMatchObject({ commitIndex: 1, appliedIndex: 1, lastIndex: 2, durableIndex: 1 });

    files.letGo();
    await proposal;
    expect(answers).toEqual([2]);
    expect(node.status()).toMatchObject({ commitIndex: 2, appliedIndex: 2, durableIndex: 2 });
  });
});

describe('three nodes', () => {
  it('ask for votes, and count their own, only when it is on disk', async () => {
    const [a, b] = await cluster();
    a.files.isHolding = true;
    a.node.campaign();
    await until(() => a.files.isWaiting);
    await turns();
    expect(a.node.status().role).toBe('candidate');
    expect(a.sent.map(({ kind }) => kind)).not.toContain('voteRequest');
    expect(b.node.status().currentTerm).toBe(0);
    a.files.letGo();
    await until(() => a.node.status().role === 'leader');
  });

  it('grant a vote only when it is on disk', async () => {
    const [a, b, c] = await cluster();
    b.files.isHolding = true;
    c.files.isHolding = true;
    a.node.campaign();
    await until(() => b.files.isWaiting && c.files.isWaiting);
    await turns();
    expect([...b.sent, ...c.sent].map(({ kind }) => kind)).not.toContain('voteReply');
    expect(a.node.status().role).toBe('candidate');
    b.files.letGo();
    await until(() => a.node.status().role === 'leader');
    expect(c.sent.map(({ kind }) => kind)).not.toContain('voteReply');
  });

  it('acknowledge an entry only when it is on their disk, and commit it on a majority’s', async () => {
    const [a, b, c] = await cluster();
    a.node.campaign();
    await until(() => [a, b, c].every(({ node }) => node.status().appliedIndex === 1));
    for (const { files } of [a, b, c]) files.isHolding = true;
    const answers: number[] = [];
    const proposal = a.node.propose(Uint8Array.of(1)).then(({ index }) => answers.push(index));
    await until(() => [a, b, c].every(({ files }) => files.isWaiting));
    await turns();
    const acknowledged = () =>
      [...b.sent, ...c.sent].filter((message) => message.kind === 'appendReply' && message.matched >= 2);
    expect(acknowledged()).toEqual([]);

    // One disk of three is no majority, also where it is the leader's own.
    a.files.letGo();
    await until(() => a.node.status().durableIndex === 2);
    await turns();
    expect(answers).toEqual([]);
    expect(a.node.status().commitIndex).toBe(1);

    b.files.letGo();
    await proposal;
    expect(answers).toEqual([2]);
    expect(c.node.status().durableIndex).toBe(1);
  });
});
