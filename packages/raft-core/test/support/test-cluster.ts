/** Several nodes, their disks and the messages between them. Nothing moves but what the test moves. */

import { expect } from 'vitest';
import { nodeId, recover, ref } from '../../src/index.ts';
import type { Effect, Input, Message, NodeState, Send, SendSnapshot } from '../../src/index.ts';
import { SimulatedDisk } from '../cluster-disk.ts';
import { configuration } from './messages.ts';
import { record, TestNode, type TestNodeSetup } from './test-node.ts';

interface Host {
  readonly node: TestNode;
  readonly disk: SimulatedDisk;
  isUp: boolean;
  /** The disk works only when `sync` says so. */
  isHeld: boolean;
  /** Sends whose write is not on disk. */
  waiting: readonly Send[];
}

/** Does the network lose this message? */
export type Loss = (from: string, to: string, message: Message) => boolean;

export class TestCluster {
  nowMs = 0;
  loses: Loss = () => false;
  /** Does the stream of a snapshot break? */
  breaksStream: (from: string, to: string) => boolean = () => false;
  private readonly hosts = new Map<string, Host>();
  private underWay: { readonly from: string; readonly to: string; readonly message: Message }[] = [];

  /** Nodes by name; all are voters unless `voters` names some. Their seeds differ, as their hosts' would. */
  constructor(setups: Readonly<Record<string, TestNodeSetup>>, voters = Object.keys(setups).join(' ')) {
    for (const [at, [id, setup]] of Object.entries(setups).entries()) {
      const options = { seed: at + 1, ...setup.options };
      const node = new TestNode({ ...setup, id, voters, options });
      const disk = diskOf({ ...setup, voters });
      this.hosts.set(id, { node, disk, isUp: true, isHeld: false, waiting: [] });
      this.input(id, { kind: 'timer' });
    }
  }

  node(name: string): TestNode {
    return this.host(name).node;
  }

  state(name: string): NodeState {
    return this.host(name).node.state;
  }

  /** One input, one flush, its effects performed; messages stay under way until `deliver`. */
  input(name: string, input: Input): void {
    const host = this.host(name);
    if (!host.isUp) return;
    host.node.nowMs = this.nowMs;
    const answers = host.node.input(input).map((effect) => this.perform(name, host, effect));
    for (const answer of answers) if (answer !== null) this.input(name, answer);
    if (!host.isHeld) this.sync(name);
  }

  propose(name: string, number: number): void {
    this.input(name, { kind: 'propose', ref: ref(number), data: new Uint8Array([number]) });
  }

  read(name: string, number: number): void {
    this.input(name, { kind: 'read', ref: ref(number) });
  }

  /** Delivers what is under way, and what comes of it, until nothing is. */
  deliver(): void {
    for (let count = 0; this.underWay.length > 0; count += 1) {
      if (count > 10_000) throw new Error('messages without end');
      const { from, to, message } = this.underWay.shift()!;
      if (!this.loses(from, to, message)) this.input(to, { kind: 'receive', from: nodeId(from), message });
    }
  }

  /** Lets `name` campaign, and all that follows happen. */
  campaign(name: string): void {
    this.input(name, { kind: 'campaign' });
    this.deliver();
  }

  elect(name: string): void {
    this.campaign(name);
    expect(this.leaders()).toContain(name);
  }

  /** Lets time pass in steps of 5 ms: timers when they are due, messages at once. */
  run(ms: number): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs;) {
      this.nowMs += 5;
      for (const [name, { node }] of this.hosts) {
        if (node.wakeAtMs !== null && node.wakeAtMs <= this.nowMs) this.input(name, { kind: 'timer' });
      }
      this.deliver();
    }
  }

  /** From now on writes of `name` are done only by `sync`. */
  hold(name: string): void {
    this.host(name).isHeld = true;
  }

  /** All writes of `name` are done. */
  sync(name: string): void {
    const host = this.host(name);
    if (!host.disk.isBusy) return;
    const { lastWrite } = host.node.state.disk;
    host.disk.syncThrough(lastWrite);
    for (const send of host.waiting) this.transmit(name, send);
    host.waiting = [];
    this.input(name, { kind: 'persisted', write: lastWrite });
  }

  /** The process is gone, with all writes that were not done. */
  crash(name: string): void {
    const host = this.host(name);
    host.isUp = false;
    host.waiting = [];
    host.disk.crash(0, 0);
  }

  restart(name: string): void {
    const host = this.host(name);
    host.isUp = true;
    host.node.state = recover(host.node.state.options, host.disk.record(Infinity), this.nowMs);
    this.input(name, { kind: 'timer' });
  }

  isDown(name: string): boolean {
    return !this.host(name).isUp;
  }

  /** Nothing passes between `group` and the others. */
  partition(...group: readonly string[]): void {
    this.loses = (from, to) => group.includes(from) !== group.includes(to);
  }

  heal(): void {
    this.loses = () => false;
  }

  leaders(): string[] {
    const up = [...this.hosts].filter(([, host]) => host.isUp);
    return up.filter(([, { node }]) => node.state.role.kind === 'leader').map(([name]) => name);
  }

  /** Index and term of each entry of each node. */
  logs(): Record<string, string> {
    return Object.fromEntries([...this.hosts].map(([name, { node }]) => [name, node.log()]));
  }

  commits(): Record<string, number> {
    return Object.fromEntries([...this.hosts].map(([name, { node }]) => [name, node.state.commitIndex]));
  }

  /** Gives what the outside answers at once. */
  private perform(name: string, host: Host, effect: Effect): Input | null {
    if (effect.kind === 'persist') host.disk.accept(effect, this.nowMs, 0);
    if (effect.kind === 'send') {
      if (effect.afterWrite > host.disk.syncedWrite) host.waiting = [...host.waiting, effect];
      else this.transmit(name, effect);
    }
    if (effect.kind === 'apply') return { kind: 'applied', index: effect.entries.at(-1)!.index };
    if (effect.kind === 'installSnapshot') return { kind: 'applied', index: effect.base.index };
    if (effect.kind === 'sendSnapshot') return this.stream(name, effect);
    if (effect.kind !== 'fetch') return null;
    const { peer, from, through, bytesMax } = effect;
    return { kind: 'fetched', peer, from, entries: host.disk.read(from, through, bytesMax) };
  }

  private stream(from: string, { peer, base }: SendSnapshot): Input {
    const isDelivered = this.host(peer).isUp && !this.breaksStream(from, peer);
    if (isDelivered) this.input(peer, { kind: 'snapshotReceived', from: nodeId(from), base });
    return { kind: 'snapshotSent', peer, isDelivered };
  }

  private transmit(from: string, { to, message }: Send): void {
    this.underWay.push({ from, to, message });
  }

  private host(name: string): Host {
    return this.hosts.get(name)!;
  }
}

/** A disk that holds the log and hard state of `setup`. */
function diskOf(setup: TestNodeSetup): SimulatedDisk {
  return new SimulatedDisk(
    configuration(setup.voters ?? 'a b c'),
    record({ ...setup, tailLength: Infinity }),
  );
}
