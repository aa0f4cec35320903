/** What a test leaves behind goes away after it. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The last first. */
export function afterTest(cleanup: () => unknown): void {
  onTestFinished(async () => {
    await cleanup();
  });
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'raftkv-cli-'));
  afterTest(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
