/** What is under way, messages and snapshots: each stays where it is until it is delivered, dropped or repeated. */

import type { Base, Message, NodeId } from '@raftkv/core';
import type { Link, Selection } from './command.ts';

/** A snapshot on its way. No message of the core: its host streams it. */
export interface SnapshotStream {
  readonly kind: 'snapshot';
  /** What it stands for. */
  readonly base: Base;
}

/** A message, or a snapshot, between two nodes. */
export interface Frame extends Link {
  readonly message: Message | SnapshotStream;
}

/** All that is under way, and the pairs of nodes between which nothing passes. */
export class ScenarioNetwork {
  private frames: readonly Frame[] = [];
  /** By both names: does who sends a snapshot notice that it is lost? */
  private readonly cutPairs = new Map<string, boolean>();

  /** Sends a frame, in the order of sending; says whether it is under way now, or lost. */
  send(frame: Frame): boolean {
    if (this.cutPairs.has(pairOf(frame.from, frame.to))) return false;
    this.frames = [...this.frames, frame];
    return true;
  }

  /** Takes what is selected out of the network, in the order of sending. */
  take({ links, which }: Selection): readonly Frame[] {
    const taken = this.selected(links, which);
    this.frames = this.frames.filter((frame) => !taken.includes(frame));
    return taken;
  }

  /** What is selected is under way twice. */
  repeat({ links, which }: Selection): readonly Frame[] {
    const again = this.selected(links, which);
    this.frames = [...this.frames, ...again.map((frame) => ({ ...frame }))];
    return again;
  }

  /** Takes the first frame that `isWanted`. */
  takeFirst(isWanted: (frame: Frame) => boolean): Frame | undefined {
    const frame = this.frames.find(isWanted);
    this.frames = this.frames.filter((other) => other !== frame);
    return frame;
  }

  /** Nothing that is sent from now on passes between `one` and `other`. */
  cut(one: NodeId, other: NodeId, isNoticed: boolean): void {
    this.cutPairs.set(pairOf(one, other), isNoticed).set(pairOf(other, one), isNoticed);
  }

  /** Does `from` notice that what it sends to `to` is lost? */
  isLossNoticed(from: NodeId, to: NodeId): boolean {
    return this.cutPairs.get(pairOf(from, to)) ?? true;
  }

  heal(): void {
    this.cutPairs.clear();
  }

  private selected(links: readonly Link[], which: Selection['which']): readonly Frame[] {
    if (links.length === 0) return pick(this.frames, which);
    return links.flatMap(({ from, to }) => {
      const onLink = this.frames.filter((frame) => frame.from === from && frame.to === to);
      return pick(onLink, which);
    });
  }
}

function pairOf(one: NodeId, other: NodeId): string {
  return `${one} ${other}`;
}

function pick(frames: readonly Frame[], which: Selection['which']): readonly Frame[] {
  if (which === 'all') return frames;
  return which === 'first' ? frames.slice(0, 1) : frames.slice(-1);
}
