/** Transports under test, and nodes that remember what they were told by them. */

import { nodeId, type Message, type NodeId } from '@raftkv/core';
import { INCARNATION_BYTES } from '../ports/log-storage.ts';
import { ABOUT_BYTES_MAX, type Greeting, type Transport, type TransportEvents } from '../ports/transport.ts';
import { assert, assertEqual } from './assert.ts';

/** Transports under test that can reach each other. */
export interface TransportHarness {
  /** The transport of one start of node `id`, which is `a` or `b`; the two can reach each other. */
  transport(id: NodeId): Transport;
  /** Resolves when what is under way has arrived, and what is to be noticed was noticed. */
  settle(): Promise<void>;
  /** Called once at the end of each case. */
  dispose(): Promise<void>;
}

export const A: NodeId = nodeId('a');
export const B: NodeId = nodeId('b');

/** One start of a node: what it says, and what it was told. */
export class Witness implements TransportEvents {
  readonly id: NodeId;
  readonly events: string[] = [];
  readonly greetings: Greeting[] = [];
  readonly frames: (readonly Message[])[] = [];
  readonly transport: Transport;
  isWithinCall = false;
  /** What it does with a snapshot; a case that sends one says so. */
  take: (head: Uint8Array, content: AsyncIterable<Uint8Array>) => Promise<void> = () =>
    Promise.reject(new Error('nobody asked for a snapshot'));
  private readonly processNumber: number;

  constructor(harness: TransportHarness, id: NodeId, processNumber: number) {
    this.id = id;
    this.processNumber = processNumber;
    this.transport = harness.transport(id);
  }

  greetingFor(): Greeting {
    return greetingOf(this.processNumber);
  }

  onConnected(peer: NodeId, greeting: Greeting): void {
    this.note(`${peer} connected`);
    this.greetings.push(greeting);
  }

  onReceived(from: NodeId, messages: readonly Message[]): void {
    this.note(`${from} spoke`);
    this.frames.push(messages);
  }

  onSnapshot(from: NodeId, head: Uint8Array, content: AsyncIterable<Uint8Array>): Promise<void> {
    this.note(`${from} sends a snapshot`);
    return this.take(head, content);
  }

  onDisconnected(peer: NodeId, processGone: boolean): void {
    this.note(`${peer} ${processGone ? 'gone' : 'disconnected'}`);
  }

  private note(event: string): void {
    assert(!this.isWithinCall, `${event}, within a call`);
    this.events.push(event);
  }
}

/** Both started and connected. */
export async function connected(harness: TransportHarness): Promise<readonly [Witness, Witness]> {
  const [a, b] = [new Witness(harness, A, 1), new Witness(harness, B, 2)];
  await a.transport.start(a);
  await b.transport.start(b);
  await harness.settle();
  assertEqual([a.events, b.events], [['b connected'], ['a connected']], 'events');
  return [a, b];
}

/** Each field depends on the number, and both kinds of `null` occur. */
export function greetingOf(processNumber: number): Greeting {
  const isOdd = processNumber % 2 === 1;
  return {
    processNumber,
    incarnation: new Uint8Array(INCARNATION_BYTES).fill(processNumber),
    clusterId: isOdd ? new Uint8Array(16).fill(processNumber + 10) : null,
    hasLog: isOdd,
    hasJoined: !isOdd,
    metAs: isOdd ? null : new Uint8Array(INCARNATION_BYTES).fill(processNumber + 20),
    // As long as it may be, and none.
    about: new Uint8Array(isOdd ? ABOUT_BYTES_MAX : 0).fill(processNumber + 30),
  };
}
