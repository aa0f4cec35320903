/** Nodes over logs in memory and a network in process. Nothing moves but what the test moves. */

import { nodeId, type Configuration, firstConfiguration } from '@raftkv/core';
import { expect } from 'vitest';
import { InProcessNetwork, noConfiguration, RaftNode } from '../../src/index.ts';
import type {
  CoreLimits,
  MembershipChange,
  MemberTarget,
  NodeObserver,
  NodeStatus,
  Notice,
  StateMachine,
} from '../../src/index.ts';
import { Recorder } from './machine.ts';
import { TestStorage } from './storage.ts';
import { World, type ManualClock } from './world.ts';

export interface MemberSetup {
  readonly stateMachine?: StateMachine<string>;
  readonly core?: CoreLimits;
  readonly proposalBytesMax?: number;
  readonly snapshotLogBytes?: number;
  readonly about?: Uint8Array;
  readonly observer?: NodeObserver;
}

/** One start of one node. */
export interface Member {
  readonly node: RaftNode<string>;
  readonly clock: ManualClock;
  readonly machine: Recorder;
  readonly failures: Error[];
  readonly notices: Notice[];
  readonly changes: NodeStatus[];
  /** Name and words of each peer that it was told of. */
  readonly peers: string[];
}

/** `a b c` */
export function configuration(voters: string): Configuration {
  const ids = voters.split(' ').map(nodeId);
  return firstConfiguration(ids.map((id) => ({ id, data: new Uint8Array(0) })));
}

export class Cluster {
  readonly world = new World();
  readonly network = new InProcessNetwork({ schedule: this.world.schedule });
  private readonly voters: string;
  private readonly storages = new Map<string, TestStorage>();
  private readonly members = new Map<string, Member>();
  private incarnations = 0;
  private chance = 0;

  constructor(voters = 'a b c') {
    this.voters = voters;
    for (const name of voters.split(' ')) this.wipe(name);
  }

  /** All nodes started and connected; `a` leads. */
  static async elected(voters = 'a b c', setup: MemberSetup = {}): Promise<Cluster> {
    const cluster = new Cluster(voters);
    for (const name of voters.split(' ')) await cluster.start(name, setup);
    await cluster.elect('a');
    return cluster;
  }

  async start(name: string, setup: MemberSetup = {}): Promise<Member> {
    const [clock, machine] = [this.world.clock(), new Recorder()];
    const [failures, notices, changes]: [Error[], Notice[], NodeStatus[]] = [[], [], []];
    const peers: string[] = [];
    const node = await RaftNode.start({
      stateMachine: machine,
      observer: {
        onFailed: (cause) => failures.push(cause),
        onNotice: (notice) => notices.push(notice),
        onChanged: (status) => changes.push(status),
        onPeer: (peer, about) => peers.push(`${peer} ${new TextDecoder().decode(about)}`),
      },
      ...setup,
      id: nodeId(name),
      storage: this.storage(name),
      transport: this.network.transport(nodeId(name)),
      clock,
      randomBytes: (count) => this.randomBytes(count),
    });
    const member = { node, clock, machine, failures, notices, changes, peers };
    this.members.set(name, member);
    await this.world.settle();
    return member;
  }

  /** Its process is gone, with what its disk had not done. */
  async kill(name: string): Promise<void> {
    this.member(name).clock.stop();
    this.network.remove(nodeId(name));
    this.storage(name).lose();
    void this.storage(name).close();
    await this.world.settle();
  }

  async restart(name: string, setup: MemberSetup = {}): Promise<Member> {
    await this.kill(name);
    return this.start(name, setup);
  }

  /** An empty data directory in the place of the old one. */
  wipe(name: string): void {
    this.incarnations += 1;
    this.storages.set(name, new TestStorage(configuration(this.voters), this.world, this.incarnations));
  }

  /** The empty data directory of a node that is to join. */
  spare(name: string): void {
    this.incarnations += 1;
    this.storages.set(name, new TestStorage(noConfiguration(), this.world, this.incarnations));
  }

  /** `by` makes these the members; gives what that ended in. */
  async change(
    by: string,
    voters: string,
    learners = '',
    more: Partial<MembershipChange> = {},
  ): Promise<void> {
    const change = { voters: targets(voters), learners: targets(learners), ...more };
    await this.end(this.node(by).changeMembership(change));
  }

  async elect(name: string): Promise<void> {
    this.node(name).campaign();
    await this.world.settle();
    expect(this.node(name).status().role).toBe('leader');
  }

  /** Lets happen what is to happen, and gives what `answer` ended in. */
  async end<Value>(answer: Promise<Value>): Promise<Value> {
    const outcome = Promise.allSettled([answer]);
    await this.world.settle();
    await outcome;
    return answer;
  }

  leaders(): string[] {
    return [...this.members].filter(([, { node }]) => node.status().role === 'leader').map(([name]) => name);
  }

  member(name: string): Member {
    return this.members.get(name)!;
  }

  node(name: string): RaftNode<string> {
    return this.member(name).node;
  }

  storage(name: string): TestStorage {
    return this.storages.get(name)!;
  }

  /** Different at each call, and the same in each run. */
  private randomBytes(count: number): Uint8Array {
    this.chance += 1;
    return new Uint8Array(count).fill(this.chance);
  }
}

function targets(names: string): MemberTarget[] {
  return names.split(' ').flatMap((name) => (name === '' ? [] : [{ id: nodeId(name) }]));
}
