/** `raftkv put`. */

import { Option, type Command } from 'commander';
import { checkedKey, checkedValue } from '../arguments.ts';
import { callCluster, interrupted } from '../cluster.ts';
import { commonFlags, targetOf, type CommonFlags, type Context } from '../context.ts';
import { readValue } from '../input.ts';
import { jsonLine, tell, writeResult } from '../output.ts';
import { parseRevision } from '../revision.ts';

interface PutFlags extends CommonFlags {
  readonly ifRevision?: number;
  readonly ifAbsent?: boolean;
}

const EXAMPLES = `
Examples:
  raftkv put config/color green
  raftkv put certificate < server.pem
  raftkv put lock mine --if-absent
  raftkv put config/color blue --if-revision 5
  raftkv put offset -- -5

Prints the revision of the change.`;

export function addPut(program: Command, context: Context): void {
  program
    .command('put')
    .summary('write a value')
    .description('Write a value. It is applied once, however often it has to be sent.')
    .argument('<key>', '1 to 4,096 bytes')
    .argument('[value]', 'up to 1.5 MiB; from standard input where it is left out or -')
    .addOption(
      new Option('--if-revision <n>', 'only if the last change of the key has this revision')
        .argParser(parseRevision)
        .conflicts('ifAbsent'),
    )
    .option('--if-absent', 'only if the key is absent')
    .addHelpText('after', EXAMPLES)
    .action((key: string, value: string | undefined, _: unknown, command: Command) =>
      put(context, checkedKey(key), value, { ...command.opts<PutFlags>(), ...commonFlags(command) }),
    );
}

async function put(context: Context, key: string, given: string | undefined, flags: PutFlags): Promise<void> {
  const target = targetOf(flags, context.environment);
  const value = given === undefined || given === '-' ? await inputValue(context) : checkedValue(given);
  const { ifRevision, ifAbsent } = flags;
  const { revision } = await callCluster(target, context.interruption, (kv, options) =>
    kv.put(key, value, { ...options, ifRevision, ifAbsent }),
  );
  context.interruption.release();
  const result = flags.output === 'json' ? jsonLine({ key, revision }) : `revision ${revision}\n`;
  await writeResult(context.output, result, `the value was written at revision ${revision}`);
}

async function inputValue({ input, errors, interruption }: Context): Promise<Uint8Array> {
  if (input.isTTY === true) tell(errors, 'type the value; Ctrl-D on a line of its own ends it');
  try {
    return await readValue(input, interruption.signal);
  } catch (error) {
    throw interruption.signal.aborted ? interrupted(interruption) : error;
  }
}
