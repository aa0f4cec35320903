/** Lines with the time since the beginning, as things happen. */

import type { LocalNodeEvent } from '@raftkv/server/local-cluster';

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

  /** A change of a node's part; the end of one that was not told to end. */
  tell(name: string, event: LocalNodeEvent): void {
    const sentence = event.kind === 'ended' ? toldEnd(name, event) : toldPart(name, event.part);
    if (sentence !== null) this.say(sentence);
  }
}

function toldPart(
  name: string,
  { role, term, leader }: { role: string; term: number; leader: string | null },
) {
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

function toldEnd(
  name: string,
  { isExpected, reason }: { isExpected: boolean; reason: string },
): string | null {
  return isExpected ? null : `${name} has ENDED by itself: ${reason}`;
}
