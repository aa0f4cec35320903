/** One run of an external load tool. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Endings } from '../endings.ts';
import { BenchError } from '../errors.ts';
import type { Template } from './template.ts';

/** Of what it prints the end is kept: that is where results are. */
const OUTPUT_CHARACTERS_MAX = 1_000_000;
const LAST_WORDS_CHARACTERS_MAX = 1000;

/**
 * What it prints to standard output and standard error.
 *
 * @throws {BenchError} if it cannot be started, or does not end with code 0.
 */
export async function outputOf([program, ...args]: Template, endings: Endings): Promise<string> {
  endings.throwIfOver();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  const kill = endings.owe(async () => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_CHARACTERS_MAX);
    });
  }
  try {
    await closed;
  } catch (error) {
    throw new BenchError(`${program} cannot be started`, { cause: error });
  } finally {
    await kill();
  }
  if (child.exitCode === 0) return output;
  const words = output.trim().slice(-LAST_WORDS_CHARACTERS_MAX);
  throw new BenchError(`${program} ended with ${child.exitCode ?? child.signalCode}: ${words}`);
}
