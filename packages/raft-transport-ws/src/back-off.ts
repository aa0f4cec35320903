/** How long to wait before the next attempt: longer each time, and by chance, so that nodes do not call in step. */

export class BackOff {
  private readonly minMs: number;
  private readonly maxMs: number;
  private readonly random: () => number;
  private spanMs: number;

  /** @param random from 0 to below 1. */
  constructor(minMs: number, maxMs: number, random: () => number) {
    this.minMs = minMs;
    this.maxMs = maxMs;
    this.random = random;
    this.spanMs = minMs;
  }

  reset(): void {
    this.spanMs = this.minMs;
  }

  /** From half the span to all of it; then the span doubles. */
  nextMs(): number {
    const waitMs = (this.spanMs * (1 + this.random())) / 2;
    this.spanMs = Math.min(this.spanMs * 2, this.maxMs);
    return waitMs;
  }
}
