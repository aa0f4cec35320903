/** The messages under way: each stays where it is until it is delivered, dropped or repeated. */

import type { Message, NodeId } from '@raftkv/core';
import type { Link, Selection } from './command.ts';

/** A message between two nodes. */
export interface Frame extends Link {
  readonly message: Message;
}

/** All messages under way, and the pairs of nodes between which none passes. */
export class ScenarioNetwork {
  private frames: readonly Frame[] = [];
  private readonly cutPairs = new Set<string>();

  /** Sends a message, in the order of sending; says whether it is lost at once. */
  send(frame: Frame): boolean {
    if (this.isCut(frame.from, frame.to)) return false;
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

  /** Takes the first message that `isWanted`. */
  takeFirst(isWanted: (frame: Frame) => boolean): Frame | undefined {
    const frame = this.frames.find(isWanted);
    this.frames = this.frames.filter((other) => other !== frame);
    return frame;
  }

  /** Nothing that is sent from now on passes between `one` and `other`. */
  cut(one: NodeId, other: NodeId): void {
    this.cutPairs.add(`${one} ${other}`).add(`${other} ${one}`);
  }

  heal(): void {
    this.cutPairs.clear();
  }

  private isCut(from: NodeId, to: NodeId): boolean {
    return this.cutPairs.has(`${from} ${to}`);
  }

  private selected(links: readonly Link[], which: Selection['which']): readonly Frame[] {
    if (links.length === 0) return pick(this.frames, which);
    return links.flatMap(({ from, to }) => {
      const onLink = this.frames.filter((frame) => frame.from === from && frame.to === to);
      return pick(onLink, which);
    });
  }
}

function pick(frames: readonly Frame[], which: Selection['which']): readonly Frame[] {
  if (which === 'all') return frames;
  return which === 'first' ? frames.slice(0, 1) : frames.slice(-1);
}
