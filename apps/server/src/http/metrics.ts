/** Numbers for Prometheus. */

import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { UnderWay } from '../under-way.ts';
import type { ClientSockets } from '../client-socket/client-sockets.ts';
import { nodeOf, type Phase } from '../node/phase.ts';
import type { ServerStatus } from '../node/status.ts';

export interface MetricsSources {
  phase(): Phase;
  readonly underWay: UnderWay;
  readonly sockets: ClientSockets;
}

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
}

const ROLES: readonly ServerStatus['role'][] = ['follower', 'pre-candidate', 'candidate', 'leader', 'failed'];

const STATUS_GAUGES = {
  term: 'The election epoch.',
  commitIndex: 'Known to be committed.',
  appliedIndex: 'Has taken effect in this node.',
  lastIndex: 'The end of the log.',
  durableIndex: 'How much of the log is on disk.',
  snapshotIndex: 'A snapshot holds all up to here, and the log begins behind it.',
  revision: 'Of the last change of a key.',
  keys: 'Keys in the store.',
} as const satisfies Partial<Record<keyof ServerStatus, string>>;

/** What rises and falls; the other numbers of node and transport only rise. */
const TRANSPORT_GAUGES: readonly string[] = [
  'connectedPeers',
  'queuedBytes',
  'snapshotStreams',
  'snapshotQueuedBytes',
];

export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry();
  const add = gaugesIn(registry);
  const status = (): ServerStatus | null => nodeOf(sources.phase())?.status() ?? null;
  addStatus(add, registry, status);
  add('client_connections', 'Clients connected by WebSocket.', () => sources.sockets.size);
  add(
    'client_requests_under_way',
    'Requests of clients that are not answered yet.',
    () => sources.underWay.size,
  );
  add('client_faults', 'Connections ended because of what the client did.', () => sources.sockets.faultCount);
  const counters = new Map<string, Counter>();
  return {
    contentType: registry.contentType,
    text: async () => {
      countAll(registry, counters, sources.phase());
      return `${await registry.metrics()}\n${await processRegistry().metrics()}`;
    },
  };
}

type Add = (name: string, help: string, read: () => number | null) => void;

function gaugesIn(registry: Registry): Add {
  return (name, help, read) => {
    const gauge = new Gauge({
      name: `raftkv_${name}`,
      help,
      registers: [registry],
      collect: () => {
        const value = read();
        if (value === null) gauge.reset();
        else gauge.set(value);
      },
    });
  };
}

function addStatus(add: Add, registry: Registry, status: () => ServerStatus | null): void {
  for (const [name, help] of Object.entries(STATUS_GAUGES)) {
    add(snake(name), help, () => {
      const value: unknown = Reflect.get(status() ?? {}, name);
      return typeof value === 'number' ? value : null;
    });
  }
  add('has_leader', '1 while a leader is known.', () => ((status()?.leader ?? null) === null ? 0 : 1));
  const role = new Gauge({
    name: 'raftkv_role',
    help: '1 for the role that this node has.',
    labelNames: ['role'],
    registers: [registry],
    collect: () => {
      const now = status()?.role;
      for (const each of ROLES) role.set({ role: each }, each === now ? 1 : 0);
    },
  });
}

/** What node and transport count themselves, from their own totals. */
function countAll(registry: Registry, counters: Map<string, Counter>, phase: Phase): void {
  const node = nodeOf(phase);
  if (node === null) return;
  const transport = Object.entries<number>({ ...node.transportMetrics() }).map(
    ([name, value]) => [`transport_${snake(name)}`, value, TRANSPORT_GAUGES.includes(name)] as const,
  );
  const own = Object.entries<number>({ ...node.node.metrics() }).map(
    ([name, value]) => [`node_${snake(name)}`, value, false] as const,
  );
  for (const [name, value, isGauge] of [...own, ...transport]) {
    if (isGauge) gaugeNamed(registry, `raftkv_${name}`).set(value);
    else count(registry, counters, `raftkv_${name}_total`, value);
  }
}

function count(registry: Registry, counters: Map<string, Counter>, name: string, total: number): void {
  const counter = counters.get(name) ?? new Counter({ name, help: helpOf(name), registers: [registry] });
  counters.set(name, counter);
  counter.reset();
  counter.inc(total);
}

function gaugeNamed(registry: Registry, name: string): Gauge {
  const known = registry.getSingleMetric(name);
  return known instanceof Gauge ? known : new Gauge({ name, help: helpOf(name), registers: [registry] });
}

function helpOf(name: string): string {
  return `${name
    .replace(/^raftkv_/, '')
    .replace(/_total$/, '')
    .replaceAll('_', ' ')}, since the start.`;
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

let ofProcess: Registry | null = null;

/** Memory, processor, event loop: one for all nodes of a process, and observed from the first question on. */
function processRegistry(): Registry {
  if (ofProcess !== null) return ofProcess;
  ofProcess = new Registry();
  collectDefaultMetrics({ register: ofProcess });
  return ofProcess;
}
