/** Peers by way of the attacker's process, which passes frames on while both ends live. */

import type { Message, NodeId } from '@raftkv/core';
import type { Transport, TransportEvents } from '@raftkv/runtime';
import type { Order, Word } from './protocol.ts';

export class IpcTransport implements Transport {
  private readonly say: (word: Word) => void;
  private events: TransportEvents | null = null;

  constructor(say: (word: Word) => void) {
    this.say = say;
  }

  start(events: TransportEvents): Promise<void> {
    this.events = events;
    this.say({ kind: 'ready' });
    return Promise.resolve();
  }

  send(to: NodeId, messages: readonly Message[]): void {
    if (this.events !== null) this.say({ kind: 'frame', to, messages });
  }

  close(): Promise<void> {
    this.events = null;
    return Promise.resolve();
  }

  onOrder(order: Order): void {
    const { events } = this;
    if (events === null) return;
    if (order.kind === 'greet') {
      this.say({ kind: 'greeting', peer: order.peer, greeting: events.greetingFor(order.peer) });
    }
    if (order.kind === 'connected') events.onConnected(order.peer, order.greeting);
    if (order.kind === 'disconnected') events.onDisconnected(order.peer, true);
    if (order.kind === 'frame') events.onReceived(order.from, order.messages);
  }
}
