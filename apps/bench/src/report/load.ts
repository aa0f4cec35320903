/** Measurements of loads for a person: a line each, and a Markdown table with a chart. */

import type { Measurement } from '../load/measure.ts';
import type { Settings } from '../load/settings.ts';
import { RAFTKV } from '../stores/raftkv.ts';
import { chart, table } from './markdown.ts';
import { median } from './statistics.ts';

export function line(measurement: Measurement): string {
  const { store, perSecond, p50, p90, p99, max, failed, failure } = measurement;
  const times = [p50, p90, p99, max].map((ms) => milliseconds(ms).padStart(6)).join(' ');
  const cost = measurement.cpuMicros === null ? '' : `  CPU ${microseconds(measurement)} µs each:`;
  const errors = failed === 0 ? '' : `\n  ${failed} FAILED, the first: ${failure ?? 'no reason given'}`;
  return `${store.padEnd(11)}${perSecond.toFixed(0).padStart(7)}/s  p50/p90/p99/max ${times} ms${cost}  ${shares(measurement)}${errors}`;
}

/** `null` where there is nothing to compare. Of ratios, ours is above. */
export function ratios(measurements: readonly Measurement[]): string | null {
  const rows = mediansOf(measurements);
  const ours = rows.find(({ store }) => store === RAFTKV);
  if (ours === undefined || rows.length < 2) return null;
  return rows
    .filter((row) => row !== ours)
    .map((theirs) => `medians, ${ours.store} to ${theirs.store}: ${ratio(ours, theirs)}`)
    .join('\n');
}

function ratio(ours: Measurement, theirs: Measurement): string {
  const of = (pick: (each: Measurement) => number | null): string => {
    const [one, other] = [pick(ours), pick(theirs)];
    return one === null || other === null || other === 0 ? '-' : (one / other).toFixed(2);
  };
  const [throughput, cpu] = [of(({ perSecond }) => perSecond), of(({ cpuMicros }) => cpuMicros)];
  const [p50, p99] = [of((each) => each.p50), of((each) => each.p99)];
  return `throughput × ${throughput}, p50 × ${p50}, p99 × ${p99}, CPU × ${cpu}`;
}

const COLUMNS = [
  'store',
  'clients:',
  'conns:',
  'value B:',
  'keys:',
  'a second:',
  'p50 ms:',
  'p90 ms:',
  'p99 ms:',
  'max ms:',
  'CPU µs each:',
  'CPU shares',
];

/** The medians of each store under each load, and what the stores come to beside each other. */
export function markdownOf(measurements: readonly Measurement[]): string {
  const steps = [...new Set(measurements.map(({ settings }) => settings))];
  const of = (step: Settings): Measurement[] => measurements.filter(({ settings }) => settings === step);
  const rows = steps.flatMap((step) => mediansOf(of(step)));
  const kind = steps[0]?.kind ?? 'put';
  const rounds = rows.length === 0 ? 0 : measurements.length / rows.length;
  const bars = rows.map((row) => ({ label: labelOf(row), value: row.perSecond }));
  const parts = [
    `\`${kind}\`${rounds > 1 ? `, medians of ${rounds} rounds` : ''}:`,
    table(COLUMNS, rows.map(cellsOf)),
    chart(`${kind}, operations a second`, bars),
    ...steps.map((step) => ratios(of(step))?.replaceAll(/^/gm, `- ${labelOf({ settings: step })}: `)),
  ];
  return parts.filter((part) => part !== undefined).join('\n\n');
}

function labelOf({ store, settings: { clients, valSize } }: { store?: string; settings: Settings }): string {
  const load = `${clients} ${clients === 1 ? 'client' : 'clients'}, ${valSize} B`;
  return store === undefined ? load : `${store}, ${load}`;
}

function cellsOf(row: Measurement): string[] {
  const { store, settings, perSecond, p50, p90, p99, max } = row;
  const { clients, conns, valSize, keySpaceSize } = settings;
  return [
    store,
    ...[clients, conns, valSize, keySpaceSize].map(String),
    perSecond.toFixed(0),
    ...[p50, p90, p99, max].map(milliseconds),
    microseconds(row),
    shares(row),
  ];
}

/** One for each store, in their order, with the median of each number. */
function mediansOf(measurements: readonly Measurement[]): Measurement[] {
  const stores = [...new Set(measurements.map(({ store }) => store))];
  return stores.flatMap((store) => {
    const all = measurements.filter((each) => each.store === store);
    const [first] = all;
    if (first === undefined) return [];
    const known = (pick: (each: Measurement) => number | null): number | null => {
      const values = all.map(pick).filter((value) => value !== null);
      return values.length === 0 ? null : median(values);
    };
    const of = (pick: (each: Measurement) => number): number => median(all.map(pick));
    return [
      {
        ...first,
        perSecond: of(({ perSecond }) => perSecond),
        p50: of(({ p50 }) => p50),
        p90: known(({ p90 }) => p90),
        p99: of(({ p99 }) => p99),
        max: of(({ max }) => max),
        nodeCpu: first.nodeCpu.map((_, at) => of(({ nodeCpu }) => nodeCpu[at] ?? 0)),
        loadCpu: known(({ loadCpu }) => loadCpu),
        cpuMicros: known(({ cpuMicros }) => cpuMicros),
      },
    ];
  });
}

function shares({ nodeCpu, loadCpu }: Measurement): string {
  const nodes = nodeCpu.length === 0 ? [] : [`nodes ${nodeCpu.map(percent).join(' ')}`];
  return [...nodes, ...(loadCpu === null ? [] : [`load ${percent(loadCpu)}`])].join(', ');
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

function milliseconds(ms: number | null): string {
  return ms === null ? '-' : ms.toFixed(ms < 10 ? 2 : 0);
}

function microseconds({ cpuMicros }: Measurement): string {
  return cpuMicros === null ? '-' : cpuMicros.toFixed(0);
}
