/** Nodes that are nothing but a state: as the tests want them, broken too. */

import {
  emptyRecord,
  nodeId,
  recover,
  type Configuration,
  type Entry,
  type NodeState,
  type RoleKind,
  firstConfiguration,
} from '@raftkv/core';
import { logIndex, term, type HardState, type NodeId, type TermRange } from '@raftkv/core';
import {
  ClusterChecks,
  SimulatedNetwork,
  World,
  type CheckedHost,
  type DurableLog,
} from '../../src/index.ts';

const IDS = ['a', 'b', 'c'].map(nodeId);
const CONFIGURATION: Configuration = firstConfiguration(IDS.map((id) => ({ id, data: new Uint8Array() })));

/** `1@1 2@1 3@4`: index and term of each entry. */
export function entries(text: string): Entry[] {
  return text
    .split(' ')
    .filter((name) => name !== '')
    .map((name) => {
      const [index = 0, inTerm = 0] = name.split('@').map(Number);
      return {
        index: logIndex(index),
        term: term(inTerm),
        kind: 'command',
        data: Uint8Array.of(index, inTerm),
      };
    });
}

export interface NodeSetup {
  readonly role?: RoleKind;
  readonly term?: number;
  readonly votedFor?: string | null;
  readonly log?: string;
  readonly commit?: number;
  /** In the place of the first one, which has all three as voters. */
  readonly configuration?: Configuration;
}

/** The state of a node; what does not matter is that of a follower which has just started. */
function stateOf(id: string, setup: NodeSetup): NodeState {
  const log = entries(setup.log ?? '');
  const ranges: TermRange[] = [];
  for (const entry of log)
    if (ranges.at(-1)?.term !== entry.term) ranges.push({ firstIndex: entry.index, term: entry.term });
  const record = {
    ...emptyRecord(setup.configuration ?? CONFIGURATION),
    hardState: hardState(setup.term ?? 9, setup.votedFor ?? null, 0),
    termRanges: ranges,
    tail: log,
  };
  const options = { id: nodeId(id), seed: 1, clusterIdProposal: new Uint8Array(16) };
  const state = recover(options, record, 0);
  const role = { ...state.role, kind: setup.role ?? 'follower' } as NodeState['role'];
  return { ...state, role, commitIndex: logIndex(setup.commit ?? 0) };
}

export function hardState(inTerm: number, votedFor: string | null, commit = 0): HardState {
  return {
    currentTerm: term(inTerm),
    votedFor: votedFor === null ? null : nodeId(votedFor),
    commitIndex: logIndex(commit),
  };
}

/** A disk as a test says it is. */
export class PaperDisk implements DurableLog {
  version = 0;
  wipes = 0;
  readonly base = emptyRecord(firstConfiguration([])).base;
  hardState = hardState(0, null);
  private log: Entry[] = [];

  get lastIndex(): number {
    return this.log.length;
  }

  entryAt(index: number): Entry | null {
    return this.log[index - 1] ?? null;
  }

  set(log: string, state: HardState = this.hardState): void {
    this.log = entries(log);
    this.hardState = state;
    this.version += 1;
  }
}

/** Three nodes, a network that is only listened to, and the checks over them. */
export class PaperCluster {
  readonly world = new World(1);
  readonly disks = new Map(IDS.map((id) => [id, new PaperDisk()] as const));
  readonly checks: ClusterChecks;
  private readonly hosts: { id: NodeId; life: number; running: CheckedHost['running'] }[];
  private listener: Parameters<SimulatedNetwork['onSend']>[0] = () => {};

  constructor() {
    this.hosts = IDS.map((id) => ({ id, life: 1, running: null }));
    const network = new SimulatedNetwork(this.world);
    network.onSend = (listener) => void (this.listener = listener);
    this.checks = new ClusterChecks(this.world, network, this.hosts, this.disks);
  }

  /** Node `id` is now as `setup` says. */
  be(id: string, setup: NodeSetup): void {
    const state = stateOf(id, setup);
    // Checks look into nothing but the core's state.
    this.host(id).running = { node: { coreState: () => state } } as unknown as CheckedHost['running'];
  }

  /** All disks hold what `log` says. */
  write(log: string): void {
    for (const disk of this.disks.values()) disk.set(log);
  }

  crash(id: string): void {
    const host = this.host(id);
    host.running = null;
    host.life += 1;
  }

  life(id: string): number {
    return this.host(id).life;
  }

  disk(id: string): PaperDisk {
    return this.disks.get(nodeId(id))!;
  }

  say(from: string, to: string, message: Parameters<typeof this.listener>[2][number]): void {
    this.listener(nodeId(from), nodeId(to), [message]);
  }

  /** Lets the checks look. Gives the name of what they find violated. */
  async look(): Promise<string> {
    this.world.after(0, () => {});
    try {
      await this.world.runUntil(this.world.nowMs + 1);
      return 'holds';
    } catch (error) {
      const { cause } = error as { cause: { invariant?: string } };
      if (cause.invariant === undefined) throw error;
      return cause.invariant;
    }
  }

  private host(id: string) {
    return this.hosts.find((host) => host.id === id)!;
  }
}
