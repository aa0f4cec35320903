/** The built command in a process of its own: `npm run build` comes first. */

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Interruption } from '../../src/interruption.ts';
import { runIn } from '../../src/run.ts';
import { afterTest } from './cleanups.ts';

export const MAIN: string = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly bytes: Buffer;
  readonly output: string;
  readonly errors: string;
}

export interface Running {
  readonly process: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  output(): string;
}

export type Environment = Readonly<Record<string, string>>;

export function start(args: readonly string[], environment: Environment = {}): Running {
  const child = spawn(process.execPath, [MAIN, ...args], { env: environmentOf(environment) });
  afterTest(() => child.kill('SIGKILL'));
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  // It may end without having read all.
  child.stdin.on('error', () => {});
  const output = (): string => Buffer.concat(out).toString();
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => {
      const errors = Buffer.concat(err).toString();
      resolve({ code, signal, bytes: Buffer.concat(out), output: output(), errors });
    });
  });
  return { process: child, ended, output };
}

/** Without anything on its standard input, unless given. */
export function raftkv(
  args: readonly string[],
  environment: Environment = {},
  input: Uint8Array | string = '',
): Promise<Ended> {
  const { process: child, ended } = start(args, environment);
  child.stdin.end(input);
  return ended;
}

/**
 * The same in this process, for what does not hang on being one: a process is most of what a command costs. From the
 * source, and not as it was built.
 */
export async function raftkvHere(
  args: readonly string[],
  environment: Environment = {},
  input: Uint8Array | string = '',
): Promise<Omit<Ended, 'signal'>> {
  const [output, errors] = [new Collected(), new Collected()];
  const interruption = new Interruption();
  const context = { environment, input: Readable.from([Buffer.from(input)]), output, errors, interruption };
  const code = await runIn(context, args);
  interruption.release();
  return { code, bytes: output.bytes, output: output.bytes.toString(), errors: errors.bytes.toString() };
}

class Collected extends Writable {
  readonly #chunks: Buffer[] = [];

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  override _write(chunk: Buffer, _: unknown, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }
}

/** What is set for a cluster of the user's is not meant for these. */
export function environmentOf(environment: Environment): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('RAFTKV_'));
  return { ...Object.fromEntries(inherited), ...environment };
}
