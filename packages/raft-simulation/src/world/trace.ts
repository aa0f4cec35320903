/** What happened, line by line: all of it in one digest, the last lines as text. */

const LINES_MAX = 200;

export class Trace {
  private readonly lines: string[] = [];
  private readonly linesMax: number;
  private next = 0;
  private one = 0x811c9dc5;
  private other = 0x2545f491;

  constructor(linesMax: number = LINES_MAX) {
    this.linesMax = linesMax;
  }

  add(line: string): void {
    for (let at = 0; at < line.length; at += 1) {
      const code = line.charCodeAt(at);
      this.one = Math.imul(this.one ^ code, 0x01000193);
      this.other = (Math.imul(this.other, 31) + code) | 0;
    }
    // The end of a line counts too.
    this.one = Math.imul(this.one ^ 10, 0x01000193);
    this.lines[this.next] = line;
    this.next = (this.next + 1) % this.linesMax;
  }

  /** 16 hexadecimal digits, equal for equal traces. */
  digest(): string {
    return hex(this.one) + hex(this.other);
  }

  /** The last lines, oldest first. */
  last(count: number = this.linesMax): readonly string[] {
    return [...this.lines.slice(this.next), ...this.lines.slice(0, this.next)].slice(-count);
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
