/** The trace of one case: what the nodes did, in order, one line each. */

import type { NodeId } from '@raftkv/core';
import { lineOf } from './trace-words.ts';

/** Collects lines; none while it is quiet. */
export class Trace {
  /** A quiet trace takes what happens, and writes nothing. */
  isQuiet = false;
  private lines: string[] = [];
  private heading: string | null = null;

  /** What happened to one node. */
  node(id: NodeId, what: string): void {
    this.line(lineOf(id, what));
  }

  line(text: string): void {
    if (this.isQuiet) return;
    if (this.heading !== null) this.lines.push(this.heading);
    this.heading = null;
    this.lines.push(text);
  }

  /** Written above the next line, if there is one. */
  head(text: string): void {
    this.heading = text;
  }

  /** Ends a command. */
  endCommand(): void {
    this.heading = null;
    this.isQuiet = false;
  }

  /** A line that is written even in a quiet trace. */
  loud(text: string): void {
    this.lines.push(text);
  }

  /** How many lines there are: whether something was written since. */
  get length(): number {
    return this.lines.length;
  }

  /** Ends the case. */
  takeLines(): readonly string[] {
    const { lines } = this;
    this.lines = [];
    return lines;
  }
}
