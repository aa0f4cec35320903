/** What the network in process does beyond the suite that every transport runs. */

import { nodeId, term, type Message, type NodeId } from '@raftkv/core';
import { describe, expect, it } from 'vitest';
import { InProcessNetwork, type Greeting, type Transport } from '../../src/index.ts';
import { World } from '../support/world.ts';

const [A, B] = [nodeId('a'), nodeId('b')];
const VOTE: Message = { kind: 'voteReply', term: term(1), isGranted: true };

/** Starts a transport and notes what it tells. */
async function started(network: InProcessNetwork, id: NodeId): Promise<[Transport, string[]]> {
  const events: string[] = [];
  const transport = network.transport(id);
  await transport.start({
    greetingFor: (): Greeting => ({
      processNumber: 1,
      incarnation: new Uint8Array(16),
      clusterId: null,
      hasLog: false,
      hasJoined: false,
      metAs: null,
      about: new Uint8Array(),
    }),
    onConnected: (peer) => events.push(`${peer} connected`),
    onReceived: (from) => events.push(`${from} spoke`),
    onSnapshot: () => Promise.resolve(),
    onDisconnected: (peer, processGone) => events.push(`${peer} ${processGone ? 'gone' : 'disconnected'}`),
  });
  return [transport, events];
}

describe('the network in process', () => {
  it('loses frames beyond those that may be under way to one node', async () => {
    const world = new World();
    const network = new InProcessNetwork({ schedule: world.schedule, framesMax: 3 });
    const [a] = await started(network, A);
    const [, events] = await started(network, B);
    await world.settle();
    for (let nth = 0; nth < 5; nth += 1) a.send(B, [VOTE]);
    await world.settle();
    expect(events).toEqual(['a connected', 'a spoke', 'a spoke', 'a spoke']);
    a.send(B, [VOTE]);
    await world.settle();
    expect(events).toHaveLength(5);
  });

  it('breaks a connection after what was under way, tells both, and makes it again when healed', async () => {
    const world = new World();
    const network = new InProcessNetwork({ schedule: world.schedule });
    const [a, eventsOfA] = await started(network, A);
    const [, eventsOfB] = await started(network, B);
    await world.settle();
    a.send(B, [VOTE]);
    network.cut(A, B);
    a.send(B, [VOTE]);
    await world.settle();
    expect(eventsOfA).toEqual(['b connected', 'b disconnected']);
    expect(eventsOfB).toEqual(['a connected', 'a spoke', 'a disconnected']);
    network.heal(B, A);
    await world.settle();
    a.send(B, [VOTE]);
    await world.settle();
    expect(eventsOfB.slice(3)).toEqual(['a connected', 'a spoke']);
  });

  it('connects nodes that are cut off from each other only when healed', async () => {
    const world = new World();
    const network = new InProcessNetwork({ schedule: world.schedule });
    network.cut(A, B);
    await started(network, A);
    const [, events] = await started(network, B);
    await world.settle();
    expect(events).toEqual([]);
    network.heal(A, B);
    await world.settle();
    expect(events).toEqual(['a connected']);
  });

  it('tells a removed node nothing more, and lets it come back', async () => {
    const world = new World();
    const network = new InProcessNetwork({ schedule: world.schedule });
    const [, eventsOfA] = await started(network, A);
    const [, eventsOfB] = await started(network, B);
    await world.settle();
    network.remove(A);
    network.remove(A);
    await world.settle();
    expect(eventsOfA).toEqual(['b connected']);
    expect(eventsOfB).toEqual(['a connected', 'a gone']);
    await started(network, A);
    await world.settle();
    expect(eventsOfB.at(-1)).toBe('a connected');
  });

  it('refuses a second node of the same name', async () => {
    const network = new InProcessNetwork();
    await started(network, A);
    await expect(started(network, A)).rejects.toThrow('a is connected already');
  });
});
