/** `raftkv del`. */

import type { Command } from 'commander';
import { checkedKey } from '../arguments.ts';
import { callCluster } from '../cluster.ts';
import { commonFlags, targetOf, type CommonFlags, type Context } from '../context.ts';
import { CommandError, EXIT_CODES } from '../exit-codes.ts';
import { jsonLine, writeResult } from '../output.ts';
import { quoted } from '../printable.ts';
import { parseRevision } from '../revision.ts';

interface DeleteFlags extends CommonFlags {
  readonly ifRevision?: number;
}

const EXAMPLES = `
Examples:
  raftkv del config/color
  raftkv del config/color --if-revision 5

Prints the revision of the change.
Exit code 3 where there was nothing to delete.`;

export function addDelete(program: Command, context: Context): void {
  program
    .command('del')
    .summary('delete a key')
    .description('Delete a key.')
    .argument('<key>')
    .option('--if-revision <n>', 'only if the last change of the key has this revision', parseRevision)
    .addHelpText('after', EXAMPLES)
    .action((key: string, _: unknown, command: Command) =>
      del(context, checkedKey(key), { ...command.opts<DeleteFlags>(), ...commonFlags(command) }),
    );
}

async function del(context: Context, key: string, flags: DeleteFlags): Promise<void> {
  const target = targetOf(flags, context.environment);
  const { ifRevision } = flags;
  const { revision, deleted } = await callCluster(target, context.interruption, (kv, options) =>
    kv.delete(key, { ...options, ifRevision }),
  );
  context.interruption.release();
  if (!deleted)
    throw new CommandError(EXIT_CODES.notSo, `the key ${quoted(key)} is absent: nothing to delete`);
  const result = flags.output === 'json' ? jsonLine({ key, revision }) : `revision ${revision}\n`;
  await writeResult(context.output, result, `the key was deleted at revision ${revision}`);
}
