/** A prompt over a running cluster: what happens to the nodes is told above the line that is being typed. */

import { createInterface, cursorTo, clearScreenDown, moveCursor, type Interface } from 'node:readline';
import { connect } from '@raftkv/kv-client';
import type { LocalCluster } from '@raftkv/server/local-cluster';
import { helpLines, runCommand, wordsOfError, type Context } from './commands.ts';
import { complete } from './completion.ts';
import { wordsOf } from './line.ts';

const PROMPT = 'raftkv> ';
const WIDTH = 80;

export class Prompt {
  private readonly input: NodeJS.ReadStream;
  private readonly output: NodeJS.WriteStream;
  private reading: Interface | null = null;
  /** What Ctrl-C ends: the command under way. */
  private underWay: AbortController | null = null;

  constructor(input: NodeJS.ReadStream, output: NodeJS.WriteStream) {
    this.input = input;
    this.output = output;
  }

  /** Prints a line; what is being typed moves below it. */
  print(line: string): void {
    const { output, reading } = this;
    if (reading === null || !output.isTTY) return void output.write(`${line}\n`);
    moveCursor(output, 0, -reading.getCursorPos().rows);
    cursorTo(output, 0);
    clearScreenDown(output);
    output.write(`${line}\n`);
    if (this.underWay === null) reading.prompt(true);
  }

  /** Ends when the user leaves, or the input does. */
  async run(cluster: LocalCluster): Promise<void> {
    const kv = await connect({ endpoints: cluster.endpoints });
    const reading = createInterface({
      input: this.input,
      output: this.output,
      // Into a pipe, answers alone.
      prompt: this.output.isTTY ? PROMPT : '',
      completer: (line: string) => complete(cluster, line),
    });
    this.reading = reading;
    reading.on('SIGINT', () => this.onInterrupt(reading));
    const context = { cluster, kv, print: (line: string) => this.print(line) };
    try {
      await this.converse(reading, context);
    } finally {
      this.reading = null;
      reading.close();
      await kv.close();
    }
  }

  /** From here on there is no prompt: what is printed stands where it was. */
  leave(): void {
    const { output, reading } = this;
    if (reading === null) return;
    this.reading = null;
    reading.close();
    if (!output.isTTY) return;
    cursorTo(output, 0);
    clearScreenDown(output);
  }

  private async converse(reading: Interface, context: Omit<Context, 'signal' | 'width'>): Promise<void> {
    this.print('type help for what can be done here, Ctrl-D to stop');
    reading.prompt();
    for await (const line of reading) {
      const words = wordsOf(line);
      if (words?.[0] === 'exit' || words?.[0] === 'quit') return;
      await this.answer(words, context);
      reading.prompt();
    }
  }

  private async answer(words: string[] | null, context: Omit<Context, 'signal' | 'width'>): Promise<void> {
    if (words === null) return this.print('a quote is not closed');
    if (words.length === 0) return;
    if (words[0] === 'help') return helpLines().forEach((line) => this.print(line));
    this.underWay = new AbortController();
    const { signal } = this.underWay;
    try {
      await runCommand({ ...context, signal, width: this.output.columns ?? WIDTH }, words);
    } catch (error) {
      this.print(wordsOfError(error));
    } finally {
      this.underWay = null;
    }
  }

  /** Ends the command under way, else empties the line, else leaves. */
  private onInterrupt(reading: Interface): void {
    if (this.underWay !== null) return this.underWay.abort();
    if (reading.line === '') return reading.close();
    reading.write(null, { ctrl: true, name: 'e' });
    reading.write(null, { ctrl: true, name: 'u' });
  }
}
