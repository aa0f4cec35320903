/** What hosts say about their nodes, and who is told. */

import { nodeId, type NodeId } from '@raftkv/core';
import { describe, expect, it } from 'vitest';
import { ABOUT_BYTES_MAX } from '../../src/index.ts';
import type { Greeting, TransportEvents } from '../../src/index.ts';
import { Cluster } from '../support/cluster.ts';
import { greeting } from '../support/greeting.ts';
import { bytes } from '../support/machine.ts';

const [A, B] = [nodeId('a'), nodeId('b')];

/** Each says `at` and its name. */
async function announced(...names: readonly string[]): Promise<Cluster> {
  const cluster = new Cluster();
  for (const name of names) await cluster.start(name, { about: bytes(`at ${name}`) });
  return cluster;
}

/** A node of this name connects, with this greeting. */
async function visit(cluster: Cluster, name: NodeId, fields: Partial<Greeting>): Promise<void> {
  const incarnation = new Uint8Array(16).fill(99);
  const greeted = greeting({ processNumber: 9, incarnation, about: bytes('at nowhere'), ...fields });
  const events: TransportEvents = {
    greetingFor: () => greeted,
    onConnected: () => {},
    onReceived: () => {},
    onSnapshot: () => Promise.resolve(),
    onDisconnected: () => {},
  };
  await cluster.network.transport(name).start(events);
  await cluster.world.settle();
}

describe('what a host says about its node', () => {
  it('is told to each peer that listens to it, with each connection', async () => {
    const cluster = await announced('a', 'b', 'c');
    expect(cluster.member('a').peers).toEqual(['b at b', 'c at c']);
    expect(cluster.member('c').peers).toEqual(['a at a', 'b at b']);
    cluster.network.cut(A, B);
    cluster.network.heal(A, B);
    await cluster.world.settle();
    expect(cluster.member('a').peers).toEqual(['b at b', 'c at c', 'b at b']);
  });

  it('is what it says now, where it comes back and says something else', async () => {
    const cluster = await announced('a', 'b');
    await cluster.restart('b', { about: bytes('elsewhere') });
    expect(cluster.member('a').peers).toEqual(['b at b', 'b elsewhere']);
  });

  it('is empty where it says nothing, and may be as long as its limit', async () => {
    const cluster = new Cluster();
    await cluster.start('a', { about: new Uint8Array(ABOUT_BYTES_MAX).fill(120) });
    await cluster.start('b');
    expect(cluster.member('a').peers).toEqual(['b ']);
    expect(cluster.member('b').peers).toEqual([`a ${'x'.repeat(ABOUT_BYTES_MAX)}`]);
  });

  it('is copied: neither host can change what the other one sees', async () => {
    const cluster = new Cluster();
    const about = Buffer.from('at a');
    const told: Uint8Array[] = [];
    await cluster.start('a', { about });
    about.fill(0);
    await cluster.start('b', { observer: { onPeer: (_, bytesOfPeer) => told.push(bytesOfPeer) } });
    told[0]?.fill(0);
    await cluster.start('c');
    expect(cluster.member('c').peers).toEqual(['a at a', 'b ']);
    // Of a and of c, and no part of a buffer that others share.
    expect(told.map(({ buffer }) => buffer.byteLength)).toEqual([4, 0]);
  });

  it('is not told while the peer’s incarnation is not remembered, and then once (R28)', async () => {
    const cluster = new Cluster();
    const { peers } = await cluster.start('a');
    cluster.storage('a').hold();
    await cluster.start('b', { about: bytes('at b') });
    cluster.network.cut(A, B);
    cluster.network.heal(A, B);
    await cluster.world.settle();
    expect(peers).toEqual([]);
    cluster.storage('a').release();
    await cluster.world.settle();
    expect(peers).toEqual(['b at b']);
  });

  it('is not told of a peer that went before its incarnation was remembered', async () => {
    const cluster = new Cluster();
    const { peers } = await cluster.start('a');
    cluster.storage('a').hold();
    await cluster.start('b', { about: bytes('at b') });
    cluster.network.cut(A, B);
    await cluster.world.settle();
    cluster.storage('a').release();
    await cluster.world.settle();
    expect(peers).toEqual([]);
  });

  it('is not told of strangers, nor of members that are ignored', async () => {
    const cluster = await announced('a', 'b');
    await cluster.elect('a');
    await cluster.kill('b');
    const { peers, notices } = cluster.member('a');
    await visit(cluster, nodeId('z'), {});
    await visit(cluster, nodeId('b'), {});
    await visit(cluster, nodeId('c'), { clusterId: new Uint8Array(16).fill(200) });
    expect(notices.map((notice) => notice.kind === 'peer-ignored' && notice.reason)).toEqual([
      'not-a-member',
      'other-incarnation',
      'other-cluster',
    ]);
    expect(peers).toEqual(['b at b']);
  });
});
