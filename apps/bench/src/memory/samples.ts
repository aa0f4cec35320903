/** What the nodes of a cluster keep, again and again, and how fast it grows. */

import { bytesBelow, residentBytesOf } from '../machine/memory.ts';
import { slope } from '../report/statistics.ts';

/** A node that runs, and where it keeps its data. */
export interface WatchedNode {
  readonly name: string;
  readonly pid: number | null;
  readonly dataDirectory: string;
}

export interface NodeSample {
  /** `null` where the system does not say. */
  readonly residentBytes: number | null;
  /** Of the files of its log, with what is preallocated. */
  readonly logBytes: number;
}

export interface Sample {
  readonly minutes: number;
  /** Acknowledged writes so far. */
  readonly writes: number;
  readonly nodes: readonly NodeSample[];
}

/** Megabytes (10⁶ bytes) a minute of one node, by least squares. */
export interface Growth {
  readonly name: string;
  readonly resident: number | null;
  /** Of the second half alone, when caches are warm. */
  readonly residentLater: number | null;
  readonly log: number;
}

export const MEGABYTE = 1_000_000;

export function sampleOf(nodes: readonly WatchedNode[]): Promise<NodeSample[]> {
  return Promise.all(
    nodes.map(async ({ pid, dataDirectory }) => ({
      residentBytes: pid === null ? null : await residentBytesOf(pid),
      logBytes: await bytesBelow(dataDirectory),
    })),
  );
}

export function growthOf(names: readonly string[], samples: readonly Sample[]): Growth[] {
  const later = samples.slice(samples.length >> 1);
  return names.map((name, at) => ({
    name,
    resident: slopeOf(samples, ({ nodes }) => nodes[at]?.residentBytes ?? null),
    residentLater: slopeOf(later, ({ nodes }) => nodes[at]?.residentBytes ?? null),
    log: slopeOf(samples, ({ nodes }) => nodes[at]?.logBytes ?? null) ?? 0,
  }));
}

function slopeOf(samples: readonly Sample[], bytesOf: (sample: Sample) => number | null): number | null {
  const points = samples.flatMap((sample) => {
    const bytes = bytesOf(sample);
    return bytes === null ? [] : [{ x: sample.minutes, y: bytes / MEGABYTE }];
  });
  return points.length < 2 ? null : slope(points);
}
