/** Runs seeds in a process of its own, with a mutant loaded into it, until one of them names what is violated. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { Level } from './mutant.ts';
import type { MutatedModule } from './mutated-module.ts';
import { readVerdict, type Verdict } from './verdict.ts';

/** Built, wherever this module is run from: the processes have no compiler. */
const PROGRAMS = join(import.meta.dirname, '../../dist/mutants');
/** Far beyond what a seed takes, on a machine with other things to do. */
const STUCK_MS = 180_000;
/** A mutant that stands still on so many seeds is not going to be caught by others. */
const STUCK_MAX = 2;

export interface HuntOptions {
  readonly level: Level;
  /** `null` for what is there as it is. */
  readonly mutated: MutatedModule | null;
  readonly from: number;
  readonly seeds: number;
  readonly onSeed: (verdict: Verdict) => void;
}

export interface Caught {
  readonly seed: number;
  readonly invariant: string;
  /** Counted from the first one. */
  readonly seeds: number;
}

/** Gives what was caught; `null` where all seeds passed, or ended without a name for what is wrong. */
export async function hunt({ level, mutated, from, seeds, onSeed }: HuntOptions): Promise<Caught | null> {
  let next = from;
  for (let stuck = 0; next < from + seeds && stuck < STUCK_MAX; stuck += 1) {
    const caught = await huntOn(next);
    if (caught !== null) return { ...caught, seeds: caught.seed - from + 1 };
    if (next >= from + seeds) break;
    onSeed({ seed: next, invariant: null, unnamed: 'the process has ended, or stands still' });
    next += 1;
  }
  return null;

  /** Until all seeds are over, one is caught, or the process does not go on. */
  function huntOn(first: number): Promise<{ seed: number; invariant: string } | null> {
    const program = join(PROGRAMS, 'seeds-main.js');
    const imports = mutated === null ? [] : [`--import=${hookOf(mutated)}`];
    const args = [...imports, program, level, String(first), String(from + seeds - first)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), STUCK_MS);
    let caught: { seed: number; invariant: string } | null = null;
    createInterface({ input: child.stdout }).on('line', (line) => {
      timer.refresh();
      const verdict = readVerdict(line);
      const { seed, invariant } = verdict;
      next = seed + 1;
      onSeed(verdict);
      if (invariant !== null) caught = { seed, invariant };
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', () => {
        clearTimeout(timer);
        resolve(caught);
      });
    });
  }
}

function hookOf({ module, path }: MutatedModule): string {
  const hook = pathToFileURL(join(PROGRAMS, 'mutated-main.js'));
  hook.searchParams.set('module', module);
  hook.searchParams.set('path', path);
  return hook.href;
}
