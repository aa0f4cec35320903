/** The built program in a process of its own, and what it started. */

import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = join(import.meta.dirname, '..', 'dist', 'main.js');
const children: ChildProcess[] = [];
const directories: string[] = [];

export async function endAll(): Promise<void> {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const directory of directories.splice(0)) {
    await rm(directory, { recursive: true, force: true, maxRetries: 20 });
  }
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'raftkv-demo-test-'));
  directories.push(directory);
  return directory;
}

export interface Running {
  readonly pid: number;
  /** The exit code, once its streams are closed too: nothing that it started is left then. */
  readonly ended: Promise<number | null>;
  /** What it has printed, on either stream. */
  readonly printed: () => string;
  /** Resolves when it has printed that, after what this resolved with before. */
  readonly untilPrinted: (text: string) => Promise<void>;
  /** By its standard input. */
  readonly tell: (text: string) => void;
}

export function run(args: readonly string[], options: { env?: object; cwd?: string } = {}): Running {
  const env = { ...process.env, ...options.env };
  return watch(spawn(process.execPath, [PROGRAM, ...args], { ...options, env, stdio: 'pipe' }));
}

/** As `run`, at a terminal, which `script` gives it. */
export function runAtTerminal(cwd: string): Running {
  const command = `"${process.execPath}" "${PROGRAM}"`;
  return watch(spawn('script', ['-qec', command, '/dev/null'], { cwd, stdio: 'pipe' }));
}

function watch(child: ChildProcessWithoutNullStreams): Running {
  children.push(child);
  let output = '';
  let heard = 0;
  let look: (() => void) | null = null;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      look?.();
    });
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  const untilPrinted = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      look = () => {
        const at = output.indexOf(text, heard);
        if (at < 0) return;
        heard = at + text.length;
        look = null;
        resolve();
      };
      void ended.then(() => reject(new Error(`'${text}' was never printed:\n${output}`)));
      look();
    });
  const tell = (text: string): void => void child.stdin.write(text);
  return { pid: child.pid ?? 0, ended, printed: () => output, untilPrinted, tell };
}
