/** `node member-main.js ID IDS DIRECTORY`: one member, in a process that may be killed at any time. */

import { nodeId } from '@raftkv/core';
import { RaftNode, type Command } from '@raftkv/runtime';
import { FileLogStorage } from '@raftkv/storage-file';
import { IpcTransport } from './ipc-transport.ts';
import type { Order, Word } from './protocol.ts';

const [, , name = '', names = '', directory = ''] = process.argv;

/** Small, so that a run passes through many. */
const SEGMENT_BYTES = 256 * 1024;
const NUMBER_BYTES = 8;

/** Every command that took effect, with its index. */
const commands: [number, number][] = [];

const transport = new IpcTransport(say);
const voters = names.split(',').map((id) => ({ id: nodeId(id), data: new Uint8Array(0) }));
const storage = new FileLogStorage({
  directory,
  node: nodeId(name),
  cluster: 'chaos',
  configuration: { kind: 'simple', voters },
  segmentBytes: SEGMENT_BYTES,
  sealAfterMs: 5,
});

process.on('message', (order: Order) => onOrder(order));
process.on('disconnect', () => process.exit(1));

const starting = RaftNode.start({
  id: nodeId(name),
  storage,
  transport,
  stateMachine: { apply: (batch) => batch.map(apply) },
  observer: {
    onChanged: (status) => say({ kind: 'status', status }),
    onFailed: (error) => say({ kind: 'failed', error: String(error.stack) }),
  },
});

function apply({ index, data }: Command): void {
  commands.push([index, Buffer.from(data.buffer, data.byteOffset).readDoubleLE()]);
}

function onOrder(order: Order): void {
  if (order.kind === 'propose') propose(order.command, order.bytes);
  else if (order.kind === 'report') void report();
  else if (order.kind === 'close') void close();
  else transport.onOrder(order);
}

function propose(command: number, bytes: number): void {
  const data = Buffer.alloc(NUMBER_BYTES + bytes, command & 0xff);
  data.writeDoubleLE(command);
  void submit(command, data);
}

async function submit(command: number, data: Uint8Array): Promise<void> {
  const node = await starting;
  node.submit(data, (answer) => {
    if (answer.error === null) say({ kind: 'applied', command, index: answer.value.index });
    else say({ kind: 'refused', command, outcome: answer.error.outcome });
  });
}

/** Also where it is asked for while the node still starts: whoever asked waits for it. */
async function report(): Promise<void> {
  const node = await starting;
  say({ kind: 'report', status: node.status(), commands });
}

async function close(): Promise<void> {
  const node = await starting;
  await node.close();
  process.disconnect();
}

function say(word: Word): void {
  process.send?.(word);
}
