/** What leaves a node: each message not before the write that it rests on, and one frame a peer and turn. Source: R2. */

import { writeNumber, type Message, type NodeId, type Send, type WriteNumber } from '@raftkv/core';
import type { Counters } from './metrics.ts';

/**
 * Messages that wait for a write. While a disk stands still each heartbeat is owed one more answer; beyond this the oldest
 * are lost, as messages may be: what came later says as much, or is asked for again.
 */
const HELD_MAX = 4096;

export class Outbox {
  private readonly counters: Counters;
  /** Those that wait for a write, in order; a later one never waits for an earlier write. */
  private held: Send[] = [];
  private doneWrite: WriteNumber = writeNumber(0);
  /** What leaves at the end of this turn. */
  private readonly frames = new Map<NodeId, Message[]>();

  constructor(counters: Counters) {
    this.counters = counters;
  }

  post(send: Send): void {
    if (send.afterWrite > this.doneWrite) this.hold(send);
    else this.addToFrame(send);
  }

  /** All writes up to `write` are on disk: what waited for them may leave. */
  release(write: WriteNumber): void {
    this.doneWrite = write;
    const free = this.held.findIndex((send) => send.afterWrite > write);
    const released = this.held.splice(0, free === -1 ? this.held.length : free);
    for (const send of released) this.addToFrame(send);
  }

  /** Hands each peer's frame to `send`, but for peers that `isAdmitted` does not know: theirs are lost. */
  empty(
    isAdmitted: (peer: NodeId) => boolean,
    send: (to: NodeId, messages: readonly Message[]) => void,
  ): void {
    for (const [to, messages] of this.frames) {
      if (!isAdmitted(to)) {
        this.counters.sendsDropped += messages.length;
        continue;
      }
      this.counters.framesSent += 1;
      this.counters.messagesSent += messages.length;
      send(to, messages);
    }
    this.frames.clear();
  }

  private hold(send: Send): void {
    this.held.push(send);
    if (this.held.length <= HELD_MAX) return;
    // Half at once: to move all of them up for each one would cost more with each.
    this.counters.sendsDropped += this.held.splice(0, HELD_MAX / 2).length;
  }

  private addToFrame({ to, message }: Send): void {
    const frame = this.frames.get(to);
    if (frame === undefined) this.frames.set(to, [message]);
    else frame.push(message);
  }
}
