/** Measurements for a person: lines, and a Markdown table with bars. */

import type { Measurement } from '../load/measure.ts';
import { described } from '../load/settings.ts';

export function line({
  store,
  perSecond,
  p50,
  p90,
  p99,
  max,
  nodeCpu,
  loadCpu,
  failed,
}: Measurement): string {
  const times = [p50, p90, p99, max].map((ms) => ms.toFixed(ms < 10 ? 2 : 0).padStart(6)).join(' ');
  const cpu = nodeCpu.length === 0 ? '' : `  nodes ${nodeCpu.map(percent).join(' ')}`;
  const errors = failed === 0 ? '' : `  ${failed} FAILED`;
  return `${store.padEnd(7)}${perSecond.toFixed(0).padStart(7)}/s  p50/p90/p99/max ${times} ms${cpu}  load ${percent(loadCpu)}${errors}`;
}

const BAR = 30;

/** One row for each, with a bar as long as its throughput is in comparison. */
export function markdown(measurements: readonly Measurement[]): string {
  const most = Math.max(...measurements.map(({ perSecond }) => perSecond));
  const rows = measurements.map((each) => {
    const { store, settings, perSecond, p50, p99, max } = each;
    const bar = '█'.repeat(Math.max(1, Math.round((perSecond / most) * BAR)));
    const cells = [
      store,
      described(settings),
      perSecond.toFixed(0),
      p50.toFixed(2),
      p99.toFixed(2),
      max.toFixed(0),
      bar,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| store | load | /s | p50 ms | p99 ms | max ms | |',
    '| --- | --- | --: | --: | --: | --: | --- |',
    ...rows,
  ].join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
