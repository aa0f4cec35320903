/** How much of one core processes have used, as Linux counts it. */

import { readFile } from 'node:fs/promises';

/** Of Linux on every machine that Node runs on. */
const TICKS_A_SECOND = 100;

/** Seconds of processor time that a process has used; `null` where the system does not say. */
async function cpuSecondsOf(pid: number): Promise<number | null> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; what is counted starts behind it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  } catch {
    return null;
  }
}

/** The share of one core of each process from now until the returned function is called. */
export async function watchCpu(pids: readonly number[]): Promise<() => Promise<number[]>> {
  const before = await Promise.all(pids.map(cpuSecondsOf));
  const startMs = performance.now();
  return async () => {
    const after = await Promise.all(pids.map(cpuSecondsOf));
    const seconds = (performance.now() - startMs) / 1000;
    return after.map((used, at) => Math.max(0, (used ?? 0) - (before[at] ?? 0)) / seconds);
  };
}
