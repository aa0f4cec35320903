/** The snapshots on their way in a network. */

import type { NodeId } from '@raftkv/core';
import type { Life } from '../process/life.ts';
import type { World } from '../world/world.ts';
import type { Connection, Endpoint } from './connection.ts';
import type { Link } from './link.ts';
import { SnapshotStream } from './snapshot-stream.ts';
import type { Weather } from './weather.ts';

/** A snapshot that is to be sent. */
export interface Sending {
  /** `null` where the sender was never started. */
  readonly from: Endpoint | null;
  /** Of the sender. */
  readonly life: Life;
  readonly to: NodeId;
  readonly head: Uint8Array;
  readonly content: AsyncIterable<Uint8Array>;
  readonly done: (error: Error | null) => void;
}

export interface StreamsHost {
  link(from: NodeId, to: NodeId): Link;
  weather(): Weather;
}

interface OpenStream {
  readonly stream: SnapshotStream;
  readonly connection: Connection;
  readonly from: Endpoint;
  readonly to: Endpoint;
}

export class SnapshotStreams {
  /** How many were read to their ends, or were not needed. */
  arrived = 0;
  private readonly world: World;
  private readonly host: StreamsHost;
  private open: OpenStream[] = [];

  constructor(world: World, host: StreamsHost) {
    this.world = world;
    this.host = host;
  }

  send({ from, life, to, head, content, done }: Sending): void {
    const end = (error: Error | null) => life.after(0, () => done(error));
    const connection = from?.told.get(to);
    const receiver = connection?.ends.find(({ id }) => id === to);
    if (from === null || connection?.isOpen !== true || receiver === undefined) {
      void content[Symbol.asyncIterator]().return?.();
      return end(new Error(`${to} is not connected`));
    }
    this.endWhere((one) => one.from === from && one.to.id === to);
    const stream = new SnapshotStream(this.path(from.id, to), receiver, content, (error) => {
      this.open = this.open.filter((one) => one.stream !== stream);
      if (error === null) this.arrived += 1;
      end(error);
    });
    const begun = { stream, connection, from, to: receiver };
    this.open.push(begun);
    const { snapshotChance } = this.host.link(from.id, to);
    this.world.after(this.delayMs(snapshotChance), () => receiver.life.run(() => this.begin(begun, head)));
  }

  /** Has this node one under way? */
  isOf(endpoint: Endpoint): boolean {
    return this.open.some(({ from }) => from === endpoint);
  }

  /** The connection is gone, and with it what was under way. */
  onDisconnected(connection: Connection): void {
    this.endWhere((one) => one.connection === connection);
  }

  private begin(begun: OpenStream, head: Uint8Array): void {
    const { stream, connection, from, to } = begun;
    if (!this.open.includes(begun)) return;
    if (!to.isOpen || to.told.get(from.id) !== connection) return stream.end();
    this.world.note(`${from.id}>${to.id} snapshot`);
    const answer = (error: Error | null) => stream.answer(error);
    to.events.onSnapshot(from.id, head.slice(), stream.content()).then(() => answer(null), answer);
  }

  private endWhere(isMeant: (stream: OpenStream) => boolean): void {
    for (const { stream } of this.open.filter(isMeant)) stream.end();
  }

  private path(from: NodeId, to: NodeId): ConstructorParameters<typeof SnapshotStream>[0] {
    const { snapshotChance: chance } = this.host.link(from, to);
    const [there, back] = [this.host.link(from, to), this.host.link(to, from)];
    return {
      world: this.world,
      chance,
      delayMs: () => this.delayMs(chance),
      isClear: (direction) => {
        const { cuts, clogs } = direction === 'there' ? there : back;
        return cuts === 0 && clogs === 0;
      },
    };
  }

  private delayMs(chance: Link['snapshotChance']): number {
    return chance.between(...this.host.weather().delayMs);
  }
}
