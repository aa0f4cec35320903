/** How many snapshots nodes took, sent, received and installed, by their own counts, which begin anew with each process. */

import { setTimeout } from 'node:timers/promises';
import type { LocalNode } from '@raftkv/server/local-cluster';

const SNAPSHOT_DEEDS = ['taken', 'sent', 'received', 'installed'] as const;
export type SnapshotDeed = (typeof SNAPSHOT_DEEDS)[number];

const COUNTED_EVERY_MS = 700;
/** A node that is paused or about to be killed does not answer. */
const ANSWER_MS = 2000;

export class SnapshotCounts {
  /** What each process said last. */
  private readonly byProcess = new Map<number, Readonly<Record<SnapshotDeed, number>>>();

  /** Counts on and on: what a process did that is killed was told before, or is lost. Ends as `work` does. */
  async countWhile(work: Promise<void>, nodes: () => readonly LocalNode[]): Promise<void> {
    const isOver = work.then(
      () => true,
      () => true,
    );
    do await this.look(nodes());
    while (!(await Promise.race([isOver, setTimeout(COUNTED_EVERY_MS, false)])));
    await work;
  }

  /** Asks all that run; who does not answer is asked the next time. */
  async look(nodes: readonly LocalNode[]): Promise<void> {
    await Promise.all(nodes.map((node) => this.lookAt(node).catch(() => {})));
  }

  totals(): Readonly<Record<SnapshotDeed, number>> {
    const totals = { taken: 0, sent: 0, received: 0, installed: 0 };
    for (const counts of this.byProcess.values()) {
      for (const deed of SNAPSHOT_DEEDS) totals[deed] += counts[deed];
    }
    return totals;
  }

  private async lookAt({ pid, clientUrl }: LocalNode): Promise<void> {
    if (pid === null) return;
    const url = `${clientUrl.replace('ws', 'http')}/metrics`;
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    this.byProcess.set(pid, countsIn(await response.text()));
  }
}

/** @param metrics in the form of Prometheus. */
export function countsIn(metrics: string): Readonly<Record<SnapshotDeed, number>> {
  const of = (deed: SnapshotDeed): number => {
    const line = new RegExp(`^raftkv_node_snapshots_${deed}_total (\\d+)$`, 'm').exec(metrics);
    return Number(line?.[1] ?? 0);
  };
  return { taken: of('taken'), sent: of('sent'), received: of('received'), installed: of('installed') };
}
