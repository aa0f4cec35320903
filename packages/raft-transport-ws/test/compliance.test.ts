/** The transport over real sockets, held against the suite that every implementation runs. */

import { nodeId, type Message, type NodeId } from '@raftkv/core';
import type { Greeting, Transport, TransportEvents } from '@raftkv/runtime';
import { transportCases, type TransportHarness } from '@raftkv/runtime/compliance';
import { describe, expect, it } from 'vitest';
import { WebSocketTransport } from '../src/index.ts';
import { configurationOf } from './support/stage.ts';

/** One start of a node, and what is known of it from outside. */
class Watched implements Transport {
  readonly id: string;
  isOpen = false;
  /** Frames sent and received in the present connection with each. */
  readonly sent = new Map<string, number>();
  readonly received = new Map<string, number>();
  /** Those it knows to be away. */
  readonly missed = new Set<string>();
  private readonly transport: WebSocketTransport;
  private readonly urls: Map<string, string>;
  private readonly changed: () => void;

  constructor(id: string, urls: Map<string, string>, changed: () => void) {
    this.id = id;
    this.urls = urls;
    this.changed = changed;
    const other = id === 'a' ? 'b' : 'a';
    this.transport = new WebSocketTransport({
      id: nodeId(id),
      cluster: 'compliance',
      configuration: configurationOf('a', 'b'),
      listen: { host: '127.0.0.1', port: 0 },
      peers: new Map([[nodeId(other), () => urls.get(other) ?? null]]),
      onNotice: (notice) => {
        if (notice.kind !== 'unreachable' && notice.kind !== 'disconnected') return;
        this.missed.add(notice.peer);
        // The event is told in the same turn, after the notice.
        setImmediate(changed);
      },
    });
  }

  async start(events: TransportEvents): Promise<void> {
    this.isOpen = true;
    await this.transport.start(this.watch(events));
    this.urls.set(this.id, `ws://127.0.0.1:${this.transport.port}`);
    this.changed();
  }

  send(to: NodeId, messages: readonly Message[]): void {
    this.sent.set(to, (this.sent.get(to) ?? 0) + 1);
    this.transport.send(to, messages);
  }

  sendSnapshot(...args: Parameters<Transport['sendSnapshot']>): void {
    this.transport.sendSnapshot(...args);
  }

  close(): Promise<void> {
    this.isOpen = false;
    return this.transport.close();
  }

  private watch(events: TransportEvents): TransportEvents {
    return {
      greetingFor: (peer) => events.greetingFor(peer),
      onConnected: (peer, greeting: Greeting) => {
        this.sent.set(peer, 0);
        this.received.set(peer, 0);
        events.onConnected(peer, greeting);
        this.changed();
      },
      onReceived: (from, messages) => {
        this.received.set(from, (this.received.get(from) ?? 0) + 1);
        events.onReceived(from, messages);
        this.changed();
      },
      onSnapshot: (from, head, content) => events.onSnapshot(from, head, content),
      onDisconnected: (peer, processGone) => {
        this.received.delete(peer);
        events.onDisconnected(peer, processGone);
        this.changed();
      },
    };
  }
}

function makeHarness(): Promise<TransportHarness> {
  const urls = new Map<string, string>();
  const all: Watched[] = [];
  const waiting = new Set<() => void>();
  const isSettled = (): boolean =>
    all.every((one) => {
      const [other] = all.filter(({ id, isOpen }) => id !== one.id && isOpen);
      if (!one.isOpen) return true;
      const { received, missed } = one;
      if (other === undefined) return received.size === 0 && missed.size > 0;
      return received.get(other.id) === (other.sent.get(one.id) ?? 0) && other.received.has(one.id);
    });
  return Promise.resolve({
    transport: (id) => {
      const one = new Watched(id, urls, () => waiting.forEach((look) => look()));
      all.push(one);
      return one;
    },
    settle: () =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (!isSettled()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    dispose: async () => {
      await Promise.all(all.map((one) => one.close()));
    },
  });
}

describe('compliance of the transport over WebSocket', () => {
  for (const one of transportCases(makeHarness)) {
    it(`rule: ${one.name}`, async () => {
      await expect(one.run()).resolves.toBeUndefined();
    });
  }
});
