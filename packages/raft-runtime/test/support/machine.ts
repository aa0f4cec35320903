/** State machines of tests. */

import type { Command, StateMachine } from '../../src/index.ts';

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
