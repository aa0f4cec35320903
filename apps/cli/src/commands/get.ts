/** `raftkv get`. */

import type { Entry } from '@raftkv/kv-client';
import type { Command } from 'commander';
import { checkedKey } from '../arguments.ts';
import { callCluster } from '../cluster.ts';
import { commonFlags, targetOf, type CommonFlags, type Context } from '../context.ts';
import { CommandError, EXIT_CODES } from '../exit-codes.ts';
import { jsonLine, writeResult } from '../output.ts';
import { quoted } from '../printable.ts';

interface GetFlags extends CommonFlags {
  readonly serializable?: boolean;
}

const EXAMPLES = `
Examples:
  raftkv get config/color
  raftkv get certificate > server.pem
  raftkv get config/color --output json
  raftkv get config/color --serializable

Prints the bytes of the value as they are, and a newline after them on a
terminal alone. With --output json: key, value, encoding (utf-8, or base64 where
the value is not that), createRevision, modRevision (what --if-revision
compares) and version.`;

const NEWLINE = 10;

export function addGet(program: Command, context: Context): void {
  program
    .command('get')
    .summary('print a value')
    .description('Print a value, with every write that was acknowledged before.')
    .argument('<key>')
    .option('--serializable', 'take what the node that is asked has, perhaps old, also without a leader')
    .addHelpText('after', EXAMPLES)
    .action((key: string, _: unknown, command: Command) =>
      get(context, checkedKey(key), { ...command.opts<GetFlags>(), ...commonFlags(command) }),
    );
}

async function get(context: Context, key: string, flags: GetFlags): Promise<void> {
  const target = targetOf(flags, context.environment);
  const consistency = flags.serializable === true ? 'serializable' : 'linearizable';
  const entry = await callCluster(target, context.interruption, (kv, options) =>
    kv.get(key, { ...options, consistency }),
  );
  context.interruption.release();
  if (entry === null) throw new CommandError(EXIT_CODES.notSo, `the key ${quoted(key)} is absent`);
  if (flags.output === 'json') return writeResult(context.output, jsonLine(described(key, entry)));
  const { value } = entry;
  const isOpenLine = context.output.isTTY === true && value.at(-1) !== NEWLINE;
  await writeResult(context.output, isOpenLine ? Buffer.concat([value, Uint8Array.of(NEWLINE)]) : value);
}

function described(key: string, entry: Entry): object {
  const { createRevision, modRevision, version } = entry;
  return { key, ...encoded(entry.value), createRevision, modRevision, version };
}

function encoded(value: Uint8Array): { value: string; encoding: 'utf-8' | 'base64' } {
  try {
    // A byte order mark is a part of the value like any other.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
    return { value: text, encoding: 'utf-8' };
  } catch {
    return { value: Buffer.from(value).toString('base64'), encoding: 'base64' };
  }
}
