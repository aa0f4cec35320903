/**
 * Snapshots on their way between two nodes. A stream is as whole as its connection: it arrives later than messages, in one
 * piece or not at all, or ends in the middle; what the receiver has kept, the sender need not have heard.
 */

import type { NodeId } from '@raftkv/core';
import type { Life } from '../process/life.ts';
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

export class SnapshotStreams {
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
    const name = `${from.id}>${to}`;
    this.last.set(name, stream);
    const pieces: Uint8Array[] = [];
    try {
      for await (const piece of content) pieces.push(piece.slice());
    } catch (error) {
      return end(error instanceof Error ? error : new Error(String(error)));
    }
    const link = this.host.link(from.id, to);
    const isWhole = () =>
      connection.isOpen &&
      from.told.get(to) === connection &&
      this.last.get(name) === stream &&
      link.cuts === 0;
    this.world.after(this.durationMs(link), () => {
      if (!isWhole()) return end(new Error('the connection ended'));
      const breaksAt = link.snapshotChance.chance(BROKEN_SHARE)
        ? link.snapshotChance.below(pieces.length + 1)
        : null;
      this.arrive(
        stream,
        connection,
        breaksAt === null ? pieces : pieces.slice(0, breaksAt),
        breaksAt !== null,
        (error) => {
          const isHeard = isWhole() && this.host.link(to, from.id).cuts === 0;
          end(isHeard ? error : new Error('the connection ended'));
        },
      );
    });
  }

  private arrive(
    { from, to, head }: Stream,
    connection: Connection,
    pieces: readonly Uint8Array[],
    isBroken: boolean,
    end: (error: Error | null) => void,
  ): void {
    const receiver = connection.ends.find(({ id }) => id === to);
    if (from === null || receiver === undefined) return;
    receiver.life.run(() => {
      if (!receiver.isOpen || receiver.told.get(from.id) !== connection)
        return end(new Error('nobody is there'));
      this.world.note(`${from.id}>${to} snapshot${isBroken ? ', broken' : ''}`);
      const answer = (error: Error | null) => receiver.life.after(0, () => end(error));
      receiver.events
        .onSnapshot(from.id, head.slice(), eachOf(pieces, isBroken))
        .then(() => answer(null), answer);
    });
  }

  private durationMs({ snapshotChance }: Link): number {
    const [least, most] = this.host.weather().delayMs;
    return snapshotChance.between(least, most) * snapshotChance.pick(LENGTHS);
  }
}

async function* eachOf(pieces: readonly Uint8Array[], isBroken: boolean): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield await Promise.resolve(piece);
  if (isBroken) throw new Error('the stream ended in the middle');
}
