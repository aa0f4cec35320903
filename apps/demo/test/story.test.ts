/** The story as a user sees it: the built program in a process of its own. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';

const program = join(import.meta.dirname, '..', 'dist', 'main.js');
const children: ChildProcess[] = [];

afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

it('elects a leader, writes, loses the leader, elects another and goes on writing', async () => {
  const { printed, isPrinted } = tell();
  await isPrinted('the two go on');

  const steps = [
    /(\w) asks \w: would you vote for me in term 1\?/,
    /\w tells \w: you have my vote/,
    /\w LEADS term \d+/,
    /"color = green"/,
    /answers: committed as entry 2/,
    /the process of \w is KILLED/,
    /\w LEADS term \d+/,
    /a new leader after \d+ ms/,
    /answers: committed as entry 4/,
  ];
  let rest = printed();
  for (const step of steps) {
    const at = rest.search(step);
    expect(at, `${String(step)} in\n${rest}`).toBeGreaterThanOrEqual(0);
    rest = rest.slice(at + 1);
  }
});

it('ends with 0 when it is asked to, in the middle of the story too', async () => {
  const { child, isPrinted } = tell();
  await isPrinted('nobody leads');
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

/** Starts the program; `isPrinted` resolves once its output holds a text. */
function tell(): { child: ChildProcess; printed: () => string; isPrinted: (text: string) => Promise<void> } {
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let output = '';
  child.stdout.setEncoding('utf8');
  const isPrinted = async (text: string): Promise<void> => {
    for await (const part of child.stdout) {
      output += String(part);
      if (output.includes(text)) return;
    }
    throw new Error(`'${text}' was never printed:\n${output}`);
  };
  return { child, printed: () => output, isPrinted };
}
