/**
 * Nodes in random weather: cut off, killed, closed and restarted, on disks that stand still. Nothing acknowledged is
 * lost, reads see what was acknowledged before, all machines come to the same, and every call ends exactly once.
 */

import { nodeId } from '@raftkv/core';
import { expect, it } from 'vitest';
import { Cluster } from '../support/cluster.ts';
import { bytes } from '../support/machine.ts';

const NAMES = ['a', 'b', 'c'];
const ROUNDS = 150;

/** One call, and how often it was answered. */
interface Call {
  readonly by: string;
  answers: number;
}

class Weather {
  readonly cluster = new Cluster();
  readonly acknowledged: string[] = [];
  staleReads = 0;
  private calls: Call[] = [];
  private commands = 0;
  private random: number;

  constructor(seed: number) {
    this.random = seed;
  }

  async run(): Promise<void> {
    for (const name of NAMES) await this.cluster.start(name);
    for (let round = 0; round < ROUNDS; round += 1) await this.round();
    await this.clearUp();
  }

  /** Calls that were not answered exactly once. */
  openCalls(): Call[] {
    return this.calls.filter((call) => call.answers !== 1);
  }

  private async round(): Promise<void> {
    const [name, other] = [this.pick(NAMES), this.pick(NAMES)];
    const action = this.draw(24);
    if (action < 12) this.call(name);
    else if (action < 15) this.cluster.storage(name).hold();
    else if (action < 18) this.cluster.storage(name).release();
    else if (action === 18 && name !== other) this.cluster.network.cut(nodeId(name), nodeId(other));
    else if (action < 21 && name !== other) this.cluster.network.heal(nodeId(name), nodeId(other));
    else if (action === 21) await this.restartAfter(name, 'kill');
    else if (action === 22) await this.restartAfter(name, 'close');
    if (this.draw(3) === 0) await this.cluster.world.elapse(this.draw(300));
  }

  /** A few commands and a read, on whichever node. */
  private call(name: string): void {
    const { node, machine } = this.cluster.member(name);
    for (let count = this.draw(4); count >= 0; count -= 1) {
      this.commands += 1;
      const [text, call] = [`${this.commands}`, this.newCall(name)];
      node.submit(bytes(text), ({ error }) => {
        call.answers += 1;
        if (error === null) this.acknowledged.push(text);
      });
    }
    const [before, call] = [[...this.acknowledged], this.newCall(name)];
    node.submitRead(({ error }) => {
      call.answers += 1;
      if (error === null && !before.every((text) => machine.commands.includes(text))) this.staleReads += 1;
    });
  }

  private newCall(by: string): Call {
    const call = { by, answers: 0 };
    this.calls.push(call);
    return call;
  }

  private async restartAfter(name: string, end: 'kill' | 'close'): Promise<void> {
    if (end === 'close') {
      this.cluster.storage(name).release();
      await this.cluster.end(this.cluster.node(name).close());
      expect(this.openCalls().filter((call) => call.by === name)).toEqual([]);
    }
    // Nobody is left to hear what a killed process would have answered.
    this.calls = this.calls.filter((call) => call.by !== name);
    await this.cluster.restart(name);
  }

  private async clearUp(): Promise<void> {
    for (const name of NAMES) {
      this.cluster.storage(name).release();
      for (const other of NAMES) if (name < other) this.cluster.network.heal(nodeId(name), nodeId(other));
    }
    await this.cluster.world.elapse(10_000);
  }

  private pick<Item>(items: readonly Item[]): Item {
    return items[this.draw(items.length)]!;
  }

  private draw(below: number): number {
    this.random = (Math.imul(this.random, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.random / 2 ** 32) * below);
  }
}

it.each(Array.from({ length: 40 }, (_, at) => at + 1))('holds in the weather of seed %i', async (seed) => {
  const weather = new Weather(seed);
  await weather.run();
  const { cluster, acknowledged } = weather;
  expect(cluster.leaders()).toHaveLength(1);
  expect(weather.openCalls()).toEqual([]);
  expect(weather.staleReads).toBe(0);
  const [first, ...others] = NAMES.map((name) => cluster.member(name).machine.commands);
  for (const commands of others) expect(commands).toEqual(first);
  expect(new Set(first).size).toBe(first?.length);
  expect(first).toEqual(expect.arrayContaining(acknowledged));
  expect(acknowledged.length).toBeGreaterThan(0);
  for (const name of NAMES) expect(cluster.member(name).failures).toEqual([]);
});
