/** What nodes kept over time, for a person. */

import { chart, table } from '../report/markdown.ts';
import { MEGABYTE, type Growth, type NodeSample, type Sample } from './samples.ts';

export function line({ minutes, writes, nodes }: Sample): string {
  const kept = nodes.map((node) => `${resident(node)} + ${log(node)}`.padStart(12)).join('  ');
  return `${minutes.toFixed(2).padStart(8)} min ${String(writes).padStart(10)} writes  ${kept}`;
}

export function growthLine({ name, resident: all, residentLater, log: ofLog }: Growth): string {
  return `${name}: RSS ${rate(all)} MB/min (second half ${rate(residentLater)}), log ${rate(ofLog)} MB/min`;
}

export function markdownOf(
  names: readonly string[],
  samples: readonly Sample[],
  growth: readonly Growth[],
): string {
  const columns = ['min:', 'writes:', ...names.flatMap((name) => [`${name} RSS MB:`, `${name} log MB:`])];
  const rows = samples.map(({ minutes, writes, nodes }) => [
    minutes.toFixed(2),
    String(writes),
    ...nodes.flatMap((node) => [resident(node), log(node)]),
  ]);
  const charts = names.map((name, at) => {
    const bars = samples.map(({ minutes, nodes }) => ({
      label: `${minutes.toFixed(2)} min`,
      value: (nodes[at]?.residentBytes ?? 0) / MEGABYTE,
    }));
    return chart(`RSS of ${name}, MB`, bars);
  });
  return [growth.map((each) => `- ${growthLine(each)}`).join('\n'), table(columns, rows), ...charts].join(
    '\n\n',
  );
}

function resident({ residentBytes }: NodeSample): string {
  return residentBytes === null ? '-' : (residentBytes / MEGABYTE).toFixed(0);
}

function log({ logBytes }: NodeSample): string {
  return (logBytes / MEGABYTE).toFixed(0);
}

function rate(megabytes: number | null): string {
  if (megabytes === null) return '-';
  return `${megabytes < 0 ? '' : '+'}${megabytes.toFixed(2)}`;
}
