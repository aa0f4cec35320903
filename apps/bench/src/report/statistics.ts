/** What many numbers come to. */

/** 0 where there are none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Of the straight line nearest to the points, by least squares; 0 where they do not make one. */
export function slope(points: readonly Point[]): number {
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  const both = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  const square = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return square === 0 ? 0 : both / square;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
