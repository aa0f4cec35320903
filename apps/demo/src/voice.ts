/** Lines with the time since the beginning, as things happen. */

import type { LocalNodeEvent, Part } from '@raftkv/server/local-cluster';

export class Voice {
  private readonly startMs = performance.now();
  private readonly write: (line: string) => void;

  constructor(write: (line: string) => void) {
    this.write = write;
  }

  say(sentence: string): void {
    const ms = Math.round(performance.now() - this.startMs);
    this.write(`${String(ms).padStart(6)} ms  ${sentence}`);
  }

  /** What became of a node, where it is worth a line. */
  tell(name: string, event: LocalNodeEvent): void {
    const sentence = sentenceOf(name, event);
    if (sentence !== null) this.say(sentence);
  }
}

function sentenceOf(name: string, event: LocalNodeEvent): string | null {
  switch (event.kind) {
    case 'started':
      return `${name} takes part: process ${event.pid}`;
    case 'changed':
      return toldPart(name, event.part);
    case 'ended':
      return event.isExpected ? null : `${name} has ENDED by itself: ${event.reason}`;
    default:
      return event satisfies never;
  }
}

function toldPart(name: string, { role, term, leader }: Part): string | null {
  switch (role) {
    case 'leader':
      return `${name} LEADS term ${term}`;
    case 'candidate':
      return `${name} asks for votes in term ${term}`;
    case 'follower':
      return leader === null ? null : `${name} follows ${leader} in term ${term}`;
    case 'failed':
      return `${name} has FAILED: its log says why`;
    default:
      return null;
  }
}
