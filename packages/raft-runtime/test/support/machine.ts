/** State machines of tests. */

import type { Command, MachineSnapshots, StateMachine } from '../../src/index.ts';

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Keeps what it was given; its answer is the command and its place among all commands. */
export class Recorder implements StateMachine<string> {
  readonly commands: string[] = [];
  /** How many commands came with each call. */
  readonly calls: number[] = [];
  /** Thrown instead of an answer. */
  error: Error | null = null;
  /** Given instead of an answer. */
  results: readonly string[] | null = null;
  /** Of the commands alone. */
  readonly snapshots: MachineSnapshots = {
    take: () => inPieces(bytes(JSON.stringify(this.commands))),
    restore: async (content) => {
      this.commands.splice(0, Infinity, ...commandsOf(await textOf(content)));
    },
  };

  apply(commands: readonly Command[]): readonly string[] {
    if (this.error !== null) throw this.error;
    this.calls.push(commands.length);
    const answers = commands.map(({ data }) => {
      const text = new TextDecoder().decode(data);
      this.commands.push(text);
      return `${text} is ${this.commands.length}`;
    });
    return this.results ?? answers;
  }
}

/** Takes its time: each call ends when the test says so. */
export class SlowMachine implements StateMachine<string> {
  readonly recorder = new Recorder();
  readonly calls: { readonly commands: number; finish(): void; fail(error: Error): void }[] = [];

  apply(commands: readonly Command[]): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      const finish = () => resolve(this.recorder.apply(commands));
      this.calls.push({ commands: commands.length, finish, fail: reject });
    });
  }
}

const PIECE_BYTES = 64 * 1024;

async function* inPieces(content: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += PIECE_BYTES) yield content.slice(at, at + PIECE_BYTES);
}

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  for await (const piece of content) text += decoder.decode(piece, { stream: true });
  return text + decoder.decode();
}

/** @throws {Error} if `text` is no snapshot of a recorder. */
function commandsOf(text: string): string[] {
  const commands: unknown = JSON.parse(text);
  if (!Array.isArray(commands) || !commands.every(isText)) throw new Error(`no commands: ${text}`);
  return commands;
}

function isText(command: unknown): command is string {
  return typeof command === 'string';
}
