/** Clusters made by hand in which one promise is broken, for the checks to find. */

import { logIndex, nodeId, recover, ref, term, writeNumber } from '../../src/index.ts';
import type { ClusterInvariantName, Effect, Entry, NodeState, Persist } from '../../src/index.ts';
import { Checks, command } from '../cluster-checks.ts';
import { Chance } from '../cluster-chance.ts';
import { SimulatedDisk } from '../cluster-disk.ts';
import { SnapshotHost } from '../cluster-snapshots.ts';
import type { Host } from '../cluster.ts';
import { append, configuration, entries } from './messages.ts';
import { TestNode, record, type TestNodeSetup } from './test-node.ts';

const CONFIGURATION = configuration('a b c');

/** The host of `state`, with the entries of `disk` synced. */
function host(state: NodeState, disk = ''): Host {
  const simulated = new SimulatedDisk(CONFIGURATION);
  simulated.accept(write(1, ...entries(disk)), 0, 0);
  simulated.syncThrough(1);
  return {
    id: state.options.id,
    disk: simulated,
    snapshots: new SnapshotHost(new Chance(0), null),
    syncMs: [0, 0],
    state,
    life: 0,
    wake: 0,
    isFlushDue: false,
    waiting: [],
  };
}

/** A host that has started with the log of `setup` on its disk. */
function started(id: string, setup: TestNodeSetup = {}): Host {
  const options = { id: nodeId(id), seed: 1, clusterIdProposal: new Uint8Array(16) };
  return host(recover(options, record(setup), 0), setup.log);
}

function checksOf(...hosts: readonly Host[]): Checks {
  const checks = new Checks(hosts);
  for (const one of hosts) checks.onStart(one);
  return checks;
}

/** Whoever looks at all of `hosts`, one after another. */
function look(...hosts: readonly Host[]): void {
  const checks = checksOf(...hosts);
  for (const one of hosts) checks.afterStep(one);
}

/** The leader of the term after that of `setup`. */
function leader(id: string, setup: TestNodeSetup = {}): Host {
  return host(new TestNode({ ...setup, id }).elect().state, setup.log);
}

function apply(...applied: readonly Entry[]): Effect {
  return { kind: 'apply', entries: applied };
}

function write(number: number, ...added: readonly Entry[]): Persist {
  return {
    kind: 'persist',
    write: writeNumber(number),
    hardState: null,
    newBase: null,
    truncateFrom: null,
    entries: added,
  };
}

function entry(index: number, inTerm: number, number: number): Entry {
  return { index: logIndex(index), term: term(inTerm), kind: 'command', data: command(number, 8) };
}

function committed(number: number, index: number): Effect {
  return { kind: 'result', ref: ref(number), outcome: 'committed', term: term(1), index: logIndex(index) };
}

/** Three hosts that hold and have committed what request 1 wrote, and their checks. */
function written(): { checks: Checks; hosts: readonly [Host, Host, Host] } {
  const setup = { log: '1@1', commit: 1 };
  const hosts = [started('a', setup), started('b', setup), started('c', setup)] as const;
  const checks = checksOf(...hosts);
  checks.onRequest(hosts[0], 1, false, 0);
  checks.afterFlush(hosts[0], [write(1, entry(1, 1, 1))]);
  for (const one of hosts) {
    checks.afterStep(one);
    checks.afterFlush(one, [apply(entry(1, 1, 1))]);
  }
  return { checks, hosts };
}

/** The same, written and acknowledged, and read by request 2: as a healthy cluster ends. */
function served(): { checks: Checks; hosts: readonly [Host, Host, Host] } {
  const { checks, hosts } = written();
  checks.afterFlush(hosts[0], [committed(1, 1)]);
  checks.onRequest(hosts[0], 2, true, 0);
  checks.afterFlush(hosts[0], [{ kind: 'readable', ref: ref(2), index: logIndex(1) }]);
  return { checks, hosts };
}

/** What request `number` wrote is committed and applied once more, at index 2. */
function takeEffect(checks: Checks, hosts: readonly Host[], number: number): void {
  const again = entry(2, 1, number);
  for (const one of hosts) {
    one.disk.accept(write(2, again), 0, 0);
    one.disk.syncThrough(2);
    one.state = started(one.id, { log: '1@1 2@1', commit: 2 }).state;
  }
  for (const one of hosts) {
    checks.afterStep(one);
    checks.afterFlush(one, [apply(again)]);
  }
}

type Cases = Readonly<Record<string, () => void>>;

/** Reads that may be stale are read and checked in the simulation alone. */
export const CHECKED_ELSEWHERE: readonly ClusterInvariantName[] = ['bounded-read'];

export const CLUSTER_CASES: Readonly<Partial<Record<ClusterInvariantName, Cases>>> = {
  'election-safety': {
    'two leaders of one term': () => look(leader('a'), leader('b')),
    'a node that saw a second leader': () => {
      const node = new TestNode({ id: 'a' }).elect();
      node.receive('b', append({ term: 1 }));
      look(host(node.state));
    },
  },
  'log-matching': {
    'logs that agree on 3 but not on 2': () =>
      look(started('a', { log: '1@1 2@1 3@3' }), started('b', { log: '1@1 2@2 3@3' })),
    'one entry with two contents': () => {
      const one = started('a');
      checksOf(one).afterFlush(one, [write(1, entry(1, 1, 1)), write(2, entry(1, 1, 2))]);
    },
  },
  'leader-completeness': {
    'a leader without an entry that was committed before': () =>
      look(
        started('a', { log: '1@1 2@1', commit: 2 }),
        started('b', { log: '1@1 2@1', commit: 2 }),
        leader('c', { log: '1@1', term: 1 }),
      ),
  },
  'state-machine-safety': {
    'two entries committed at one index': () =>
      look(
        started('a', { log: '1@1', commit: 1 }),
        started('b', { log: '1@2', commit: 1 }),
        started('c', { log: '1@1' }),
      ),
    'two entries applied at one index': () => {
      const [one, other] = [started('a'), started('b')];
      const checks = checksOf(one, other);
      checks.afterFlush(one, [apply(entry(1, 1, 1))]);
      checks.afterFlush(other, [apply(entry(1, 1, 2))]);
    },
    'an entry applied out of order': () => {
      const one = started('a');
      checksOf(one).afterFlush(one, [apply(entry(2, 1, 1))]);
    },
    'an entry applied twice': () => {
      const one = started('a');
      checksOf(one).afterFlush(one, [apply(entry(1, 1, 1)), apply(entry(1, 1, 1))]);
    },
  },
  'committed-is-durable': {
    'an entry committed that one disk of three holds': () =>
      look(started('a', { log: '1@1', commit: 1 }), started('b'), started('c')),
    'a crash that lost what was committed': () => {
      const { checks, hosts } = written();
      for (const { disk } of [hosts[0], hosts[1]]) {
        disk.accept({ ...write(2), truncateFrom: logIndex(1) }, 0, 0);
        disk.syncThrough(2);
      }
      checks.onCrash(hosts[0]);
    },
  },
  'one-outcome': {
    'a request that ends twice': () => {
      const { checks, hosts } = served();
      checks.afterFlush(hosts[0], [committed(1, 1)]);
    },
    'an outcome that nobody asked for': () => {
      const { checks, hosts } = served();
      checks.afterFlush(hosts[0], [committed(9, 1)]);
    },
    'an outcome at another node': () => {
      const { checks, hosts } = written();
      checks.afterFlush(hosts[1], [committed(1, 1)]);
    },
    'an outcome of an earlier process': () => {
      const { checks, hosts } = written();
      hosts[0].life += 1;
      checks.afterFlush(hosts[0], [committed(1, 1)]);
    },
    'a write said to be where another is': () => {
      const { checks, hosts } = written();
      checks.onRequest(hosts[0], 3, false, 0);
      checks.afterFlush(hosts[0], [committed(3, 1)]);
    },
    'a request without an outcome at the end': () => {
      const { checks, hosts } = served();
      checks.onRequest(hosts[0], 3, false, 0);
      checks.atEnd(-1);
    },
    'an acknowledged write that nobody applied': () => {
      const { checks, hosts } = served();
      const lost = entry(2, 1, 3);
      for (const one of hosts) {
        one.disk.accept(write(2, lost), 0, 0);
        one.disk.syncThrough(2);
        one.state = started(one.id, { log: '1@1 2@1', commit: 2 }).state;
      }
      checks.onRequest(hosts[0], 3, false, 0);
      checks.afterFlush(hosts[0], [write(2, lost)]);
      for (const one of hosts) {
        checks.afterStep(one);
        // The entry was written as a command, and reached every state machine as a no-op.
        checks.afterFlush(one, [apply({ ...lost, kind: 'no-op' })]);
      }
      checks.afterFlush(hosts[0], [committed(3, 2)]);
      checks.atEnd(-1);
    },
    'a refused write that took effect': () => {
      const { checks, hosts } = served();
      checks.onRequest(hosts[0], 3, false, 0);
      checks.afterFlush(hosts[0], [
        { kind: 'result', ref: ref(3), outcome: 'refused', reason: 'not-leader', leader: null },
      ]);
      takeEffect(checks, hosts, 3);
      checks.atEnd(-1);
    },
    'a write that took effect twice': () => {
      const { checks, hosts } = served();
      takeEffect(checks, hosts, 1);
      checks.atEnd(-1);
    },
  },
  progress: {
    'a cluster in peace that serves nothing': () => {
      const { checks } = served();
      checks.atEnd(0);
    },
    'a cluster that only writes': () => {
      const { checks, hosts } = written();
      checks.afterFlush(hosts[0], [committed(1, 1)]);
      checks.atEnd(-1);
    },
    'a node that stays behind': () => {
      const { checks, hosts } = served();
      checks.onStart(hosts[1]);
      checks.atEnd(-1);
    },
  },
  'linearizable-read': {
    'a read that misses an acknowledged write': () => {
      const { checks, hosts } = written();
      checks.afterFlush(hosts[0], [committed(1, 1)]);
      checks.onRequest(hosts[0], 2, true, 0);
      checks.afterFlush(hosts[0], [{ kind: 'readable', ref: ref(2), index: logIndex(0) }]);
    },
    'a write that is answered as a read': () => {
      const { checks, hosts } = written();
      checks.afterFlush(hosts[0], [{ kind: 'readable', ref: ref(1), index: logIndex(1) }]);
    },
  },
};
