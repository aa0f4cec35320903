/**
 * What a load tool prints of its measurement, in either of two forms. That of etcd's own tool:
 *
 *     Slowest:      0.1201 secs.
 *     Requests/sec: 5231.0210
 *     50% in 0.0461 secs.            or, of later versions: 50% in 46.100 ms.
 *     [3]  what went wrong           under `Error distribution:`
 *
 * or one line with what these name: `5231 ops/s p50=46.10ms p90=80.00ms p99=120.00ms max=121.0ms errs=0`, of which
 * `p90` and `errs` may be missing.
 *
 * Source: etcd, pkg/report/report.go.
 */

export interface ToolResult {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p90: number | null;
  readonly p99: number;
  readonly max: number;
  readonly failed: number;
}

/** `null` if it is in neither form. */
export function toolResultFrom(text: string): ToolResult | null {
  return fromReport(text) ?? fromLine(text);
}

function fromReport(text: string): ToolResult | null {
  const perSecond = numberIn(text, /Requests\/sec:\s*([\d.]+)/);
  const p50 = timeIn(text, /\b50% in ([\d.]+) (secs|ms)/);
  const p99 = timeIn(text, /\b99% in ([\d.]+) (secs|ms)/);
  const max = timeIn(text, /Slowest:\s*([\d.]+) (secs|ms)/);
  if (perSecond === null || p50 === null || p99 === null || max === null) return null;
  const p90 = timeIn(text, /\b90% in ([\d.]+) (secs|ms)/);
  const [, errors = ''] = text.split('Error distribution:');
  const failed = [...errors.matchAll(/^\s*\[(\d+)\]/gm)].reduce((sum, [, times]) => sum + Number(times), 0);
  return { perSecond, p50, p90, p99, max, failed };
}

function fromLine(text: string): ToolResult | null {
  const perSecond = numberIn(text, /([\d.]+) ops\/s\b/);
  const p50 = numberIn(text, /\bp50=([\d.]+)ms/);
  const p99 = numberIn(text, /\bp99=([\d.]+)ms/);
  const max = numberIn(text, /\bmax=([\d.]+)ms/);
  if (perSecond === null || p50 === null || p99 === null || max === null) return null;
  const p90 = numberIn(text, /\bp90=([\d.]+)ms/);
  return { perSecond, p50, p90, p99, max, failed: numberIn(text, /\berrs=(\d+)/) ?? 0 };
}

function timeIn(text: string, pattern: RegExp): number | null {
  const [, value, unit] = pattern.exec(text) ?? [];
  if (value === undefined) return null;
  return Number(value) * (unit === 'secs' ? 1000 : 1);
}

function numberIn(text: string, pattern: RegExp): number | null {
  const value = pattern.exec(text)?.[1];
  return value === undefined ? null : Number(value);
}
