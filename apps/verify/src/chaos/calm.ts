/** What has to be so of members and leaders once all faults are healed, and nobody writes. */

import { setTimeout } from 'node:timers/promises';
import { connect, TransferRefusedError, type KvClient } from '@raftkv/kv-client';
import type { LocalCluster, LocalNode } from '@raftkv/server/local-cluster';
import { BrokenPromise, promised } from './broken-promise.ts';
import type { Leaders } from './leaders.ts';
import { membershipText } from './membership-view.ts';
import type { Transfers } from './transfers.ts';

export interface CalmOptions {
  readonly cluster: LocalCluster;
  /** Their processes run. */
  readonly removed: readonly LocalNode[];
  readonly endpoints: readonly string[];
  readonly leaders: Leaders;
  readonly transfers: Transfers;
  /** How long each thing may take. */
  readonly timeoutMs: number;
  onOutcome(what: string, outcome: string): void;
}

/** Of which the default is a second, at most two: whoever disturbs has done so by then. */
const CALM_MS = 2500;
const ASKED_EVERY_MS = 50;
/** Never a member: nobody hands over to it. */
const NOBODY = 'nobody';

/** @throws {BrokenPromise} */
export async function checkCalm(options: CalmOptions): Promise<void> {
  const { endpoints, timeoutMs } = options;
  await using kv = await promised('live', () => connect({ endpoints, timeoutMs }));
  await membersAgree(kv, options);
  await removedSaySo(options);
  await handOver(kv, options);
  await nobodyDisturbs(kv, options);
  await leadersFit(options);
}

/** Every node that is a member has the members that a linearizable read gives. */
function membersAgree({ cluster: asked }: KvClient, { cluster, timeoutMs }: CalmOptions): Promise<void> {
  return until('members-kept', timeoutMs, async () => {
    const members = membershipText(await asked.members({ consistency: 'linearizable', timeoutMs }));
    const texts = await Promise.all(
      cluster.nodes.map(async (node) => {
        const status = await node.status();
        const known = (status?.members ?? []).map(({ name, role }) => ({ id: name, role, address: null }));
        return `${node.name} has ${membershipText({ members: known, isJoint: false })}`;
      }),
    );
    const others = texts.filter((text) => !text.endsWith(` has ${members}`));
    const names = cluster.nodes.map(({ name }) => name).toSorted();
    if (members !== names.join(' ')) return `the members are ${members}, not ${names.join(' ')}`;
    return others.length === 0 ? null : `the members are ${members}, yet ${others.join(', ')}`;
  });
}

/** Whoever was removed is told by any member that it knows; where it knows none that is left, nobody can. */
async function removedSaySo({ cluster, removed, timeoutMs }: CalmOptions): Promise<void> {
  for (const node of removed) {
    await until('removed-is-quiet', timeoutMs, async () => {
      const status = await node.status();
      if (status === null) return `${node.name} does not answer`;
      const knowsOne = status.members.some(({ name }) => cluster.node(name) !== null);
      if (!knowsOne && status.members.length > 0) return null;
      const response = await fetch(`${node.clientUrl.replace('ws', 'http')}/readyz`);
      const text = await response.text();
      return status.isRemoved && response.status === 503
        ? null
        : `${node.name} was removed, and says ${JSON.stringify({ isRemoved: status.isRemoved, readyz: text })}`;
    });
  }
}

/** To a voter by its name, once: in calm nothing is in the way of that for long. */
function handOver(kv: KvClient, options: CalmOptions): Promise<void> {
  const { cluster, transfers, timeoutMs } = options;
  return until('one-leader', timeoutMs, async () => {
    const target = cluster.nodes.find((node) => node !== cluster.leader)?.name ?? null;
    const outcome = await transfers.handOver(kv, target, timeoutMs);
    options.onOutcome('calm transfer', outcome);
    // The term had begun when that was told, and who leads it shows a little later.
    const isTarget = outcome === 'open' && (await cluster.untilLed(timeoutMs)).name === target;
    return outcome === 'done' || isTarget ? null : `a transfer to ${target} in calm: ${outcome}`;
  });
}

/** Nobody is elected while nothing happens but a transfer that is refused, though those that were removed run. */
function nobodyDisturbs({ cluster: asked }: KvClient, { removed, timeoutMs }: CalmOptions): Promise<void> {
  return until('removed-is-quiet', timeoutMs, async () => {
    const before = await asked.status({ timeoutMs });
    const refusal = await asked.transferLeadership(NOBODY, { timeoutMs }).catch((error: unknown) => error);
    if (!(refusal instanceof TransferRefusedError) || refusal.reason !== 'no-such-target') {
      return `a transfer to nobody: ${String(refusal)}`;
    }
    await setTimeout(CALM_MS);
    const after = await asked.status({ timeoutMs });
    if (after.term === before.term) return null;
    const names = removed.map(({ name }) => name).join(', ') || 'nobody';
    return `term ${before.term} became ${after.term} in calm; ${names} had been removed`;
  });
}

/** What nodes say comes a little later than what clients are told. */
async function leadersFit({ leaders, transfers, timeoutMs }: CalmOptions): Promise<void> {
  await until('one-leader', timeoutMs, () => Promise.resolve(transfers.unexplained()[0] ?? null));
  const [double] = leaders.takeDoubles();
  if (double !== undefined) throw new BrokenPromise('one-leader', new Error(double));
}

/** Resolves when `look` says null, not what is still wrong. @throws {BrokenPromise} of this name, if it never does in time. */
export async function until(
  promise: BrokenPromise['promise'],
  timeoutMs: number,
  look: () => Promise<string | null>,
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const wrong = await promised(promise, look);
    if (wrong === null) return;
    if (performance.now() > endMs)
      throw new BrokenPromise(promise, new Error(`after ${timeoutMs} ms: ${wrong}`));
    await setTimeout(ASKED_EVERY_MS);
  }
}
