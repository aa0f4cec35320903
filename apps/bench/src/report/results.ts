/** Where results go besides the terminal: a file for programs, and one for people. */

import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { describedDisk, type Disk } from '../machine/disk.ts';
import { describedMachine, thisMachine } from '../machine/machine.ts';

export interface ResultFlags {
  readonly json?: string;
  readonly markdown?: string;
}

export interface Results {
  readonly disk?: Disk;
  /** What was measured, as JSON has it. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The same in Markdown: tables, and charts of text. */
  readonly markdown: string;
}

export function addResultFlags(command: Command): Command {
  return command
    .option('--json <file>', 'write what was measured')
    .option('--markdown <file>', 'write tables with text charts');
}

export async function writeResults(flags: ResultFlags, { disk, data, markdown }: Results): Promise<void> {
  const machine = thisMachine();
  if (flags.json !== undefined) {
    await writeFile(flags.json, `${JSON.stringify({ machine, disk, ...data }, null, 2)}\n`);
  }
  if (flags.markdown !== undefined) {
    const where = [describedMachine(machine), ...(disk === undefined ? [] : [describedDisk(disk)])];
    await writeFile(flags.markdown, `${where.join('  \n')}\n\n${markdown}\n`);
  }
}
