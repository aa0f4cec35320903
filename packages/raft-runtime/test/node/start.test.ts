/** How a node starts, and that what could not start is closed again. */

import { nodeId } from '@raftkv/core';
import { describe, expect, it } from 'vitest';
import { ABOUT_BYTES_MAX, InProcessNetwork, MemoryLogStorage, RaftNode } from '../../src/index.ts';
import type { NodeStatus, RaftNodeOptions, Transport } from '../../src/index.ts';
import { configuration } from '../support/cluster.ts';
import { bytes, Recorder } from '../support/machine.ts';

const A = nodeId('a');

/** What was closed. */
function watched(): { closed: string[]; options: RaftNodeOptions<string> } {
  const closed: string[] = [];
  const storage = new MemoryLogStorage(configuration('a'));
  const transport = new InProcessNetwork().transport(A);
  return {
    closed,
    options: {
      id: A,
      storage: {
        load: () => storage.load(),
        write: (batch, done) => storage.write(batch, done),
        bindMember: (peer, incarnation, done) => storage.bindMember(peer, incarnation, done),
        read: (from, through, bytesMax, done) => storage.read(from, through, bytesMax, done),
        writeSnapshot: (head, content) => storage.writeSnapshot(head, content),
        openSnapshot: (index) => storage.openSnapshot(index),
        close: () => {
          closed.push('storage');
          return storage.close();
        },
      },
      transport: {
        ...transport,
        close: () => {
          closed.push('transport');
          return transport.close();
        },
      },
      stateMachine: new Recorder(),
    },
  };
}

describe('a node that starts', () => {
  it('takes the machine’s time and chance where none is given', async () => {
    const { closed, options } = watched();
    const node = await new Promise<RaftNode<string>>((resolve) => {
      const observer = { onChanged: ({ role }: NodeStatus) => role === 'leader' && resolve(started) };
      const started = RaftNode.start({ ...options, observer });
    });
    await expect(node.propose(bytes('x'))).resolves.toEqual({ index: 2, term: 1, result: 'x is 1' });
    await expect(node.read()).resolves.toBe(2);
    await node.close();
    expect(closed).toEqual(['transport', 'storage']);
  });

  it('closes the storage where that cannot be loaded', async () => {
    const { closed, options } = watched();
    const storage = { ...options.storage, load: () => Promise.reject(new Error('in use')) };
    await expect(RaftNode.start({ ...options, storage })).rejects.toThrow('in use');
    expect(closed).toEqual(['storage']);
  });

  it('closes the storage where options or record make no sense', async () => {
    const { closed, options } = watched();
    const refused = { code: 'RAFT_OPTIONS' };
    await expect(RaftNode.start({ ...options, core: { heartbeatMs: 0 } })).rejects.toMatchObject(refused);
    await expect(RaftNode.start({ ...options, proposalBytesMax: 0 })).rejects.toMatchObject(refused);
    const about = new Uint8Array(ABOUT_BYTES_MAX + 1);
    await expect(RaftNode.start({ ...options, about })).rejects.toMatchObject(refused);
    await expect(RaftNode.start({ ...options, about: 'text' as never })).rejects.toMatchObject(refused);
    expect(closed).toEqual(['storage', 'storage', 'storage', 'storage']);
  });

  it('refuses a transport that takes a peer for gone within an election timeout (R13)', async () => {
    const core = { electionTimeoutMinMs: 200, electionTimeoutMaxMs: 400 };
    const { closed, options } = watched();
    const transport = { ...options.transport, silenceMsMax: 400 };
    const refused = { code: 'RAFT_OPTIONS', message: /silenceMsMax .*400.* above electionTimeoutMaxMs/ };
    await expect(RaftNode.start({ ...options, transport, core })).rejects.toMatchObject({
      code: refused.code,
    });
    await expect(RaftNode.start({ ...options, transport, core })).rejects.toThrow(refused.message);
    // The core's own default is the limit where the host names none.
    await expect(RaftNode.start({ ...options, transport })).rejects.toThrow(/\(1000\)/);
    expect(closed).toEqual(['storage', 'storage', 'storage']);
    const node = await RaftNode.start({ ...options, transport: { ...transport, silenceMsMax: 401 }, core });
    await node.close();
  });

  it('closes transport and storage where the transport cannot start', async () => {
    const { closed, options } = watched();
    const transport: Transport = {
      ...options.transport,
      start: () => Promise.reject(new Error('port taken')),
    };
    await expect(RaftNode.start({ ...options, transport })).rejects.toThrow('port taken');
    expect(closed).toEqual(['transport', 'storage']);
  });

  it('closes both where it fails before it has started', async () => {
    const { closed, options } = watched();
    const clock = {
      nowMs: () => times.shift() ?? Number.NaN,
      wallMs: () => 0,
      wakeAt: () => {},
      endOfTurn: () => {},
    };
    const times = [0];
    await expect(RaftNode.start({ ...options, clock })).rejects.toMatchObject({ code: 'RAFT_INVARIANT' });
    expect(closed).toEqual(['transport', 'storage']);
  });
});
