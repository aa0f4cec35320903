/** A state machine with snapshots: what it was given, line by line. */

import type { MachineSnapshots } from '../../src/index.ts';
import { bytes, Recorder } from './machine.ts';

export class Keeper extends Recorder {
  /** How often it was made anew. */
  restored = 0;
  /** Thrown by the next `restore`. */
  restoreError: Error | null = null;
  /** A `restore` waits for it. */
  gate: Promise<void> = Promise.resolve();
  override readonly snapshots: MachineSnapshots = {
    take: () => linesOf([...this.commands]),
    restore: async (content) => {
      const decoder = new TextDecoder();
      let text = '';
      for await (const piece of content) text += decoder.decode(piece, { stream: true });
      await this.gate;
      if (this.restoreError !== null) throw this.restoreError;
      this.commands.splice(0, Infinity, ...text.split('\n').filter((line) => line !== ''));
      this.restored += 1;
    },
  };
}

async function* linesOf(commands: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const command of commands) yield await Promise.resolve(bytes(`${command}\n`));
}
