/** Starts real processes for a test and waits for what they say and for their end; never for a time. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

export interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Everything said so far, on either stream. */
  readonly said: () => string;
  /** Resolves with the match once the process has said it; rejects when it ends without. */
  readonly untilSaid: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export interface StartOptions {
  readonly cwd?: string;
  /** Whether it leads a process group of its own, as a job of an interactive shell does. */
  readonly isGroup?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

export function startProcess(command: string, args: readonly string[], options: StartOptions = {}): Started {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: options.isGroup ?? false,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) throw new Error(`cannot start ${command}`);

  let text = '';
  const ended = once(child, 'close').then(([code, signal]: (number | NodeJS.Signals | null)[]) => ({
    code: typeof code === 'number' ? code : null,
    signal: typeof signal === 'string' ? signal : null,
  }));
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      child.emit('said');
    });
  }

  const untilSaid = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(text);
        if (match !== null) resolve(match);
      };
      child.on('said', look);
      void ended.then(() => {
        look();
        reject(new Error(`ended without saying ${String(pattern)}:\n${text}`));
      });
      look();
    });

  return { child, pid: child.pid, said: () => text, untilSaid, ended };
}

/** Resolves once the process is gone; rejects when it still runs after `withinMs`. */
export async function untilGone(pid: number, withinMs = 10_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (isRunning(pid)) {
    if (Date.now() > deadline) throw new Error(`process ${pid} still runs`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

/** An ended process stays until its parent asks for its exit code, and an orphan's new parent may be slow. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}
