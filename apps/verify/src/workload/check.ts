/** What must be true when the attack is over, and of what clients were told while it went on. */

import type { Held } from '@raftkv/server/local-cluster';
import {
  checkLinearizable,
  checkRevisions,
  describeViolation,
  keyValueModel,
  keyValueReport,
} from '@raftkv/simulation/linearizability';
import { isWrittenOnce } from './calls.ts';
import type { History } from './history.ts';
import { labelOf } from './values.ts';

/** What a cluster promises, by the names that a failure is told with. */
export const PROMISES = {
  linearizable: 'what clients saw has an order in which a single copy would have answered so',
  'acknowledged-kept': 'what was acknowledged is there on every node',
  'applied-once': 'nothing is applied twice, and nothing that was refused',
  'nodes-equal': 'all nodes hold the same',
  'disks-equal': 'the logs of all nodes on disk are the same',
  understood: 'no node is told, nor any client, that somebody broke the protocol',
  alive: 'no process ends by itself, and each that is started takes part',
  live: 'once nothing is in its way, the cluster serves',
  'one-leader': 'no term has two leaders, and a transfer ends as was told',
  'members-kept':
    'the members are those of the last change that was acknowledged, and a refused one changes nothing',
  'logs-short': 'snapshots are taken and sent, logs are cut behind them, and nodes come back to both',
  'removed-is-quiet': 'who was removed says so, and disturbs nobody',
} as const;
export type Promised = keyof typeof PROMISES;

export interface Failure {
  readonly promise: Promised;
  readonly what: string;
}

/** What every node holds of each key, by the node's name. */
export type Holdings = ReadonlyMap<string, ReadonlyMap<string, Held | null>>;

/** Of the clients' word alone. A check that finds no end is a failure too: nothing is known then. */
export function checkHistory({ operations, misunderstandings }: History): Failure[] {
  const failures: Failure[] = misunderstandings.slice(0, 3).map((what) => ({ promise: 'understood', what }));
  const verdict = checkLinearizable(keyValueModel, operations);
  if (verdict.kind === 'violated') {
    failures.push({ promise: 'linearizable', what: describeViolation(verdict, keyValueReport) });
  }
  if (verdict.kind === 'undecided') {
    failures.push({
      promise: 'linearizable',
      what: `${verdict.part}: undecided after ${verdict.stepsMax} steps`,
    });
  }
  const fault = checkRevisions(operations);
  if (fault !== null) {
    const { kind, first, second } = fault;
    failures.push({
      promise: 'linearizable',
      what: `revisions are ${kind}: ${JSON.stringify(first)}, then ${JSON.stringify(second)}`,
    });
  }
  return failures;
}

/** Every node against what was acknowledged, refused, and left unknown of the keys that are written once. */
export function checkOnce({ operations, refused }: History, holdings: Holdings): Failure[] {
  const failures: Failure[] = [];
  for (const [node, held] of holdings) {
    for (const { input, output } of operations) {
      if (input.kind !== 'put' || !isWrittenOnce(input.key)) continue;
      const entry = held.get(input.key) ?? null;
      const told = `${input.key} on ${node}, told ${JSON.stringify(output)}: ${JSON.stringify(entry)}`;
      if (entry === null) {
        if (output !== null) failures.push({ promise: 'acknowledged-kept', what: told });
        continue;
      }
      if (entry.version !== 1) failures.push({ promise: 'applied-once', what: told });
      const isOther = output?.kind === 'put' && output.revision !== entry.revision;
      if (isOther || labelOf(entry.value) !== input.value) {
        failures.push({ promise: 'acknowledged-kept', what: told });
      }
    }
    for (const { key } of refused) {
      const entry = isWrittenOnce(key) ? (held.get(key) ?? null) : null;
      if (entry !== null) {
        failures.push({ promise: 'applied-once', what: `${key} was refused, and is on ${node}` });
      }
    }
  }
  return failures;
}

export function checkEqual(holdings: Holdings): Failure[] {
  const [first, ...others] = [...holdings];
  if (first === undefined) return [];
  const [name, expected] = first;
  return others.flatMap(([other, held]) => {
    const key = [...expected.keys()].find((one) => !isSame(expected.get(one), held.get(one)));
    if (key === undefined) return [];
    const texts = [expected, held].map((each) => JSON.stringify(each.get(key)));
    return [
      { promise: 'nodes-equal', what: `${key} on ${name} and ${other}: ${texts.join(' and ')}` } as const,
    ];
  });
}

function isSame(one: Held | null | undefined, other: Held | null | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
