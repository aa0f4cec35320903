/**
 * Snapshots on their way between two nodes. A stream is as whole as its connection: it arrives later than messages, in one
 * piece or not at all, or ends in the middle; what the receiver has kept, the sender need not have heard.
 */

import type { NodeId } from '@raftkv/core';
import type { Life } from '../process/life.ts';
import type { Chance } from '../world/chance.ts';
import type { World } from '../world/world.ts';
import type { Connection, Endpoint } from './connection.ts';
import type { Link } from './link.ts';
import type { Weather } from './weather.ts';

/** A stream that was asked for. */
export interface Stream {
  /** `null` where the sender was never started. */
  readonly from: Endpoint | null;
  /** Of the sender. */
  readonly life: Life;
  readonly to: NodeId;
  readonly head: Uint8Array;
  readonly content: AsyncIterable<Uint8Array>;
  readonly done: (error: Error | null) => void;
}

/** One that left. */
interface Sending {
  readonly from: Endpoint;
  readonly to: NodeId;
  readonly head: Uint8Array;
  readonly connection: Connection;
  readonly end: (error: Error | null) => void;
}

export interface StreamsHost {
  /** The connection that `from` has with `to` at present. */
  openBetween(from: Endpoint, to: NodeId): Connection | null;
  link(from: NodeId, to: NodeId): Link;
  weather(): Weather;
}

/** How many messages a snapshot takes as long as. */
const LENGTHS = [1, 5, 20, 100] as const;
/** Of streams that break, though the connection for messages does not. */
const BROKEN_SHARE = 0.05;

const ENDED = 'the stream has ended with its connection';

export class SnapshotStreams {
  /** How many came whole. */
  arrived = 0;
  private readonly world: World;
  private readonly host: StreamsHost;
  /** The last one between two nodes: it ends the one before. */
  private readonly last = new Map<string, Stream>();

  constructor(world: World, host: StreamsHost) {
    this.world = world;
    this.host = host;
  }

  async send(stream: Stream): Promise<void> {
    const { from, to, content, life, done } = stream;
    const end = (error: Error | null) => life.after(0, () => done(error));
    const connection = from === null ? null : this.host.openBetween(from, to);
    if (from === null || connection === null) return end(new Error(`${to} is not connected`));
    this.last.set(nameOf(from.id, to), stream);
    const pieces: Uint8Array[] = [];
    try {
      for await (const piece of content) pieces.push(piece.slice());
    } catch (error) {
      return end(error instanceof Error ? error : new Error(String(error)));
    }
    const sending = { from, to, head: stream.head, connection, end };
    const isLast = () => this.last.get(nameOf(from.id, to)) === stream;
    const { snapshotChance: chance } = this.host.link(from.id, to);
    this.world.after(this.durationMs(chance), () => {
      if (!isLast() || !this.isWhole(sending, from.id, to)) return end(new Error(ENDED));
      const breaksAt = chance.chance(BROKEN_SHARE) ? chance.below(pieces.length + 1) : null;
      this.arrive(sending, pieces.slice(0, breaksAt ?? Infinity), breaksAt !== null, (error) => {
        end(isLast() && this.isWhole(sending, to, from.id) ? error : new Error(ENDED));
      });
    });
  }

  private arrive(
    { from, to, head, connection, end }: Sending,
    pieces: readonly Uint8Array[],
    isBroken: boolean,
    answered: (error: Error | null) => void,
  ): void {
    const receiver = connection.ends.find(({ id }) => id === to);
    receiver?.life.run(() => {
      if (!receiver.isOpen || receiver.told.get(from.id) !== connection) return end(new Error(ENDED));
      this.world.note(`${from.id}>${to} snapshot${isBroken ? ', broken' : ''}`);
      if (!isBroken) this.arrived += 1;
      const answer = (error: Error | null) => receiver.life.after(0, () => answered(error));
      const events = receiver.events.onSnapshot(from.id, head.slice(), eachOf(pieces, isBroken));
      events.then(() => answer(null), answer);
    });
  }

  /** Can a stream go on that way? */
  private isWhole({ from, to, connection }: Sending, sender: NodeId, receiver: NodeId): boolean {
    const isKnown = connection.isOpen && from.told.get(to) === connection;
    return isKnown && this.host.link(sender, receiver).cuts === 0;
  }

  private durationMs(chance: Chance): number {
    return chance.between(...this.host.weather().delayMs) * chance.pick(LENGTHS);
  }
}

async function* eachOf(pieces: readonly Uint8Array[], isBroken: boolean): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield await Promise.resolve(piece);
  if (isBroken) throw new Error('the stream ended in the middle');
}

function nameOf(from: NodeId, to: NodeId): string {
  return `${from}>${to}`;
}
