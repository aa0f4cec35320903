/** What many measurements come to. */

import { describe, expect, it } from 'vitest';
import { stepsOf } from '../src/load/ladder.ts';
import type { Measurement } from '../src/load/measure.ts';
import type { Settings } from '../src/load/settings.ts';
import { growthOf, type Sample } from '../src/memory/samples.ts';
import { markdownOf, ratios } from '../src/report/load.ts';
import { chart } from '../src/report/markdown.ts';
import { median } from '../src/report/statistics.ts';

const SETTINGS: Settings = {
  kind: 'put',
  clients: 256,
  conns: 16,
  valSize: 256,
  keySpaceSize: 10_000,
  rate: null,
  total: 100_000,
};

function measured(store: string, perSecond: number, more: Partial<Measurement> = {}): Measurement {
  const times = { p50: 4, p90: 8, p99: 16, max: 32 };
  const cpu = { nodeCpu: [0.5, 0.25, 0.25], loadCpu: 0.75, cpuMicros: 100 };
  const count = { operations: 100_000, failed: 0, failure: null };
  return { store, settings: SETTINGS, perSecond, ...times, ...cpu, ...count, ...more };
}

describe('a report', () => {
  it('has the ratio of medians, not of means, for each other store', () => {
    const rounds = [
      [100, 40, 10],
      [200, 50, 20],
      [900, 60, 90],
    ].flatMap(([ours = 0, theirs = 0, tool = 0]) => [
      measured('raftkv', ours),
      measured('etcd/etcd3', theirs, { p50: 8, cpuMicros: 400 }),
      measured('etcd/tool', tool, { p90: null, cpuMicros: null }),
    ]);
    expect(ratios(rounds)?.split('\n')).toEqual([
      'medians, raftkv to etcd/etcd3: throughput × 4.00, p50 × 0.50, p99 × 1.00, CPU × 0.25',
      'medians, raftkv to etcd/tool: throughput × 10.00, p50 × 1.00, p99 × 1.00, CPU × -',
    ]);
    expect(ratios([measured('raftkv', 1)])).toBeNull();
    expect(markdownOf(rounds)).toContain(
      '| etcd/tool | 256 | 16 | 256 | 10000 | 20 | 4.00 | - | 16 | 32 | - |',
    );
  });

  it('draws bars as long as values are in comparison', () => {
    const lines = chart('a second', [
      { label: 'one', value: 10 },
      { label: 'another', value: 40 },
    ]).split('\n');
    expect(lines.slice(2, 4)).toEqual([
      `one      ${'█'.repeat(10)}${' '.repeat(30)} 10`,
      `another  ${'█'.repeat(40)} 40`,
    ]);
  });

  it.each([
    [[], 0],
    [[3], 3],
    [[9, 1, 2], 2],
    [[1, 2, 4, 9], 3],
  ])('takes the middle of %j', (values, middle) => {
    expect(median(values)).toBe(middle);
  });

  it('has growth in megabytes a minute, of the second half apart', () => {
    // The first two minutes grow by 10 MB each, then nothing grows.
    const samples = [0, 1, 2, 3, 4].map((minutes): Sample => {
      const residentBytes = 100e6 + Math.min(minutes, 2) * 10e6;
      return { minutes, writes: 0, nodes: [{ residentBytes, logBytes: minutes * 2e6 }] };
    });
    const [growth] = growthOf(['n1'], samples);
    expect(growth).toMatchObject({ name: 'n1', residentLater: 0 });
    expect(growth?.resident).toBeCloseTo(5);
    expect(growth?.log).toBeCloseTo(2);
  });
});

describe('a ladder', () => {
  it('goes from 1 to 4,096 clients, who share no more connections than they are', () => {
    const steps = stepsOf(SETTINGS, 'clients');
    expect(steps.map(({ clients, conns }) => [clients, conns])).toEqual([
      [1, 1],
      [16, 16],
      [64, 16],
      [256, 16],
      [1024, 16],
      [4096, 16],
    ]);
  });

  it('goes from 16 B to 1 MiB, with no more than 64 MiB in all unless that would be too few', () => {
    const steps = stepsOf(SETTINGS, 'values');
    expect(steps.map(({ valSize, total }) => [valSize, total])).toEqual([
      [16, 100_000],
      [256, 100_000],
      [4096, 16_384],
      [65_536, 1024],
      [1_048_576, 200],
    ]);
  });
});
