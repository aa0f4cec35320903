/** Sees snapshots as they come to be in nodes' directories, by the names of their files. */

import { watch, type FSWatcher } from 'node:fs';

/** `writing`: part of it is there, under a name that does not count. `named`: all of it is, and the log may not name it yet. */
export type SnapshotMoment = 'writing' | 'named';

const NAMES: Readonly<Record<SnapshotMoment, RegExp>> = {
  writing: /^snapshot-\d+\.snap\..+/,
  named: /^snapshot-\d+\.snap$/,
};

/** The first of `directories` in which that is seen, as soon as it is; null if it is seen in none in time. */
export function seeSnapshot(
  directories: readonly string[],
  moment: SnapshotMoment,
  timeoutMs: number,
): Promise<string | null> {
  return new Promise((resolve) => {
    const watchers: FSWatcher[] = [];
    const end = (directory: string | null): void => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
      resolve(directory);
    };
    const timer = setTimeout(() => end(null), timeoutMs);
    for (const directory of directories) {
      const watcher = watch(directory, (_, name) => {
        if (NAMES[moment].test(name ?? '')) end(directory);
      });
      // A directory that goes is one in which nothing is seen any more.
      watchers.push(watcher.on('error', () => watcher.close()));
    }
  });
}
