/** What a command does. */

import type { Endings } from './endings.ts';

/** Runs it; it resolves with the exit code. */
export type Act = (run: (endings: Endings) => Promise<number>) => Promise<void>;
