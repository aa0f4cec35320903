/** How much processor time processes have used, as Linux counts it. */

import { readFile } from 'node:fs/promises';

/** Of Linux on every machine that Node runs on. */
const TICKS_A_SECOND = 100;

/** Where in `/proc/PID/stat`, counted from behind the name. Source: proc(5), utime to cstime. */
const OWN = [11, 12] as const;
const OF_CHILDREN_THAT_ENDED = [13, 14] as const;

export interface CpuUse {
  /** Of each process that is watched, in their order; `null` where the system does not say. */
  readonly seconds: readonly (number | null)[];
  /** Of children of this process that began and ended meanwhile. */
  readonly childSeconds: number | null;
  readonly elapsedSeconds: number;
}

/** What is used from now until the returned function is called. */
export async function watchCpu(pids: readonly number[]): Promise<() => Promise<CpuUse>> {
  const used = (): Promise<(number | null)[]> =>
    Promise.all([secondsOf(process.pid, OF_CHILDREN_THAT_ENDED), ...pids.map((pid) => secondsOf(pid, OWN))]);
  const before = await used();
  const startMs = performance.now();
  return async () => {
    const after = await used();
    const elapsedSeconds = (performance.now() - startMs) / 1000;
    const [childSeconds = null, ...seconds] = after.map((value, at) => difference(value, before[at] ?? null));
    return { seconds, childSeconds, elapsedSeconds };
  };
}

function difference(after: number | null, before: number | null): number | null {
  return after === null || before === null ? null : Math.max(0, after - before);
}

async function secondsOf(pid: number, fields: readonly [number, number]): Promise<number | null> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; what is counted starts behind it.
    const values = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(values[fields[0]]) + Number(values[fields[1]])) / TICKS_A_SECOND;
  } catch {
    return null;
  }
}
