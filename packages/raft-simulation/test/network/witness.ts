/** Ends of a network that only write down what they are told, with the time. */

import { nodeId, type Message, type NodeId } from '@raftkv/core';
import type { Greeting, Transport, TransportEvents } from '@raftkv/runtime';
import { Life, SimulatedNetwork, World, type Weather } from '../../src/index.ts';
import { CALM } from '../../src/index.ts';
import { term } from '@raftkv/core';

export class Witness implements TransportEvents {
  readonly id: NodeId;
  readonly life: Life;
  readonly transport: Transport;
  readonly told: string[] = [];

  constructor(world: World, network: SimulatedNetwork, name: string) {
    this.id = nodeId(name);
    this.life = new Life(world);
    this.transport = network.transport(this.id, this.life);
    void this.transport.start(this);
  }

  greetingFor(): Greeting {
    const incarnation = new Uint8Array(16);
    return {
      processNumber: 1,
      incarnation,
      clusterId: null,
      hasLog: false,
      hasJoined: false,
      metAs: null,
      about: new Uint8Array(),
    };
  }

  onConnected(peer: NodeId): void {
    this.told.push(`${peer} connected`);
  }

  onReceived(from: NodeId, messages: readonly Message[]): void {
    for (const message of messages) this.told.push(`${from} ${message.term}`);
  }

  async onSnapshot(from: NodeId, head: Uint8Array, content: AsyncIterable<Uint8Array>): Promise<void> {
    const bytes = [...head];
    for await (const piece of content) bytes.push(...piece);
    this.told.push(`${from} snapshot ${bytes.join(' ')}`);
  }

  onDisconnected(peer: NodeId, processGone: boolean): void {
    this.told.push(`${peer} ${processGone ? 'gone' : 'lost'}`);
  }

  /** Messages that tell themselves apart by their term. */
  send(to: string, ...terms: number[]): void {
    for (const number of terms) {
      this.transport.send(nodeId(to), [{ kind: 'voteReply', term: term(number), isGranted: true }]);
    }
  }

  /** What was told since the last call. */
  news(): string[] {
    return this.told.splice(0);
  }
}

/** Nodes that have connected, and were told so. */
export async function connected(
  names: string,
  weather: Partial<Weather> = {},
): Promise<{ readonly world: World; readonly network: SimulatedNetwork; readonly ends: Witness[] }> {
  const world = new World(1);
  const network = new SimulatedNetwork(world, CALM);
  const ends = names.split(' ').map((name) => new Witness(world, network, name));
  await world.runUntil(50);
  for (const end of ends) end.news();
  network.setWeather({ ...CALM, ...weather });
  return { world, network, ends };
}
