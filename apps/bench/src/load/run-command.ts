/** `put` and `get`: one load, or a ladder of them, on our own cluster, beside etcd, or on one that runs already. */

import { Option, type Command } from 'commander';
import type { Act } from '../act.ts';
import { count, endpoints } from '../arguments.ts';
import type { Endings } from '../endings.ts';
import { UsageError } from '../errors.ts';
import { templateFrom, type Template } from '../load-tool/template.ts';
import { describedDisk, measureDisk } from '../machine/disk.ts';
import { line, markdownOf, ratios } from '../report/load.ts';
import { addResultFlags, writeResults, type ResultFlags } from '../report/results.ts';
import { etcd, raftkv, type Contender } from './contenders.ts';
import { LADDERS, stepsOf, type Ladder } from './ladder.ts';
import type { Measurement } from './measure.ts';
import {
  addConsistency,
  addNodeFlags,
  addPressureFlags,
  addRate,
  described,
  settingsOf,
  TOTAL_MAX,
  type LoadFlags,
  type NodeFlags,
  type Settings,
} from './settings.ts';

interface Flags extends LoadFlags, NodeFlags, ResultFlags {
  readonly endpoints?: readonly string[];
  readonly ladder?: Ladder;
  readonly against?: 'etcd';
  readonly rounds?: number;
  readonly loadTool?: Template;
  readonly fillTool?: Template;
}

const ROUNDS_MAX = 1000;
const ROUNDS_BESIDE_ANOTHER = 3;

export function addLoad(program: Command, kind: 'put' | 'get', description: string, act: Act): void {
  const command = addPressureFlags(program.command(kind).description(description), 256);
  command.option('--total <n>', 'operations in all', count(TOTAL_MAX), 100_000);
  addRate(command);
  if (kind === 'get') addConsistency(command);
  command
    .option('--endpoints <url,…>', 'a cluster that runs already (default: three processes)', endpoints)
    .addOption(new Option('--ladder <what>', 'clients: 1 to 4,096; values: 16 B to 1 MiB').choices(LADDERS))
    .addOption(new Option('--against <store>', 'the same beside it, in turn').choices(['etcd']))
    .option('--rounds <n>', 'of each (default: 1; beside another 3)', count(ROUNDS_MAX))
    .option('--load-tool <command>', 'drive etcd with this too', templateFrom);
  if (kind === 'get') command.option('--fill-tool <command>', 'what writes for that', templateFrom);
  addResultFlags(addNodeFlags(command)).addHelpText('after', toolHelp(kind));
  command.action((flags: Flags) => act((endings) => run(kind, flags, endings)));
}

function toolHelp(kind: 'put' | 'get'): string {
  const fill =
    kind === 'put' ? '' : '\n--fill-tool writes each of {key-space-size} keys once, {total} in all.';
  return `
The command of --load-tool is split where spaces are. In it stand {endpoints}
and, if the tool takes them, {clients} {conns} {val-size} {key-space-size}
{total} {rate}. It prints what etcd's benchmark tool prints, or a line such as
5231 ops/s p50=46.1ms p90=80ms p99=120ms max=121ms errs=0${fill}`;
}

async function run(kind: 'put' | 'get', flags: Flags, endings: Endings): Promise<number> {
  const contenders = await contendersOf(kind, flags, endings);
  const rounds = flags.rounds ?? (contenders.length === 1 ? 1 : ROUNDS_BESIDE_ANOTHER);
  const disk = await measureDisk(endings);
  console.log(describedDisk(disk));
  const measurements: Measurement[] = [];
  for (const settings of stepsOf(settingsOf(kind, flags), flags.ladder)) {
    console.log(`\n${settings.kind}: ${described(settings)}`);
    const ofStep = await inTurn(contenders, rounds, settings);
    measurements.push(...ofStep);
    const comparison = ratios(ofStep);
    if (comparison !== null) console.log(comparison);
  }
  await writeResults(flags, { disk, data: { measurements }, markdown: markdownOf(measurements) });
  return measurements.some(({ failed }) => failed > 0) ? 1 : 0;
}

/** Each alone, one after another and again, so that whatever else the machine does meanwhile falls on all alike. */
async function inTurn(
  contenders: readonly Contender[],
  rounds: number,
  settings: Settings,
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) {
      const measurement = await contender(settings);
      console.log(line(measurement));
      measurements.push(measurement);
    }
  }
  return measurements;
}

async function contendersOf(kind: 'put' | 'get', flags: Flags, endings: Endings): Promise<Contender[]> {
  const { against, loadTool, fillTool } = flags;
  const ours = raftkv(flags, endings);
  if (loadTool === undefined && fillTool !== undefined) throw new UsageError('--fill-tool needs --load-tool');
  if (against === undefined) {
    if (loadTool !== undefined) throw new UsageError('--load-tool needs --against etcd');
    return [ours];
  }
  if (loadTool === undefined) return [ours, ...(await etcd(null, endings))];
  if (kind === 'get' && fillTool === undefined) {
    throw new UsageError(
      '--load-tool needs --fill-tool too: what is read has to be written by the same tool',
    );
  }
  return [ours, ...(await etcd({ load: loadTool, fill: fillTool ?? null }, endings))];
}
