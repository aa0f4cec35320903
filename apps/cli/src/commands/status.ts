/** `raftkv status`. */

import type { Command } from 'commander';
import { interrupted } from '../cluster.ts';
import { commonFlags, targetOf, type CommonFlags, type Context } from '../context.ts';
import { CommandError, EXIT_CODES } from '../exit-codes.ts';
import { jsonLine, tell, writeResult } from '../output.ts';
import { clusterIds, hasLeader, survey } from '../status/survey.ts';
import { statusTable } from '../status/table.ts';

const EXAMPLES = `
Examples:
  raftkv status
  raftkv status --endpoints 10.0.0.1:7580,10.0.0.2:7580,10.0.0.3:7580
  raftkv status --output json

Asks the endpoints, and the members that they name. A member is known by its
address once it has led: name all of them by --endpoints to see all. Exit code 4
where nobody knows a leader.`;

export function addStatus(program: Command, context: Context): void {
  program
    .command('status')
    .summary('show the nodes of the cluster')
    .description('Show the nodes of the cluster: who leads, and how far each is.')
    .addHelpText('after', EXAMPLES)
    .action((_: unknown, command: Command) => status(context, commonFlags(command)));
}

async function status(context: Context, flags: CommonFlags): Promise<void> {
  const { endpoints, timeoutMs } = targetOf(flags, context.environment);
  const { interruption, output } = context;
  const nodes = await survey(endpoints, timeoutMs, interruption.signal);
  if (interruption.signal.aborted) throw interrupted(interruption);
  interruption.release();
  await writeResult(output, flags.output === 'json' ? jsonLine(nodes) : statusTable(nodes));
  const clusters = clusterIds(nodes);
  if (clusters.length > 1)
    tell(context.errors, `these are nodes of ${clusters.length} clusters: look at --endpoints`);
  if (hasLeader(nodes)) return;
  const isAny = nodes.some(({ isReachable }) => isReachable);
  const why = isAny
    ? 'no leader: too few members can reach each other, or an election is under way'
    : 'no node answers: start one with raftkv serve, or name others by --endpoints';
  throw new CommandError(EXIT_CODES.unavailable, why);
}
