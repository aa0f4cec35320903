/** How long each of many operations took. */

export class Latencies {
  private readonly values: Float64Array;
  private count = 0;

  constructor(capacity: number) {
    this.values = new Float64Array(capacity);
  }

  add(ms: number): void {
    this.values[this.count] = ms;
    this.count += 1;
  }

  /** In milliseconds; 0 where there are none. */
  quantiles(): Quantiles {
    const sorted = this.values.subarray(0, this.count).toSorted();
    const at = (share: number): number =>
      sorted[Math.min(Math.floor(share * this.count), this.count - 1)] ?? 0;
    return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
  }
}

export interface Quantiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}
