/**
 * Three processes elect a leader, write, lose the leader to `kill -9` while eight writers write, go on, take it back,
 * and hold the same in the end. Told as it happens; what does not come to hold ends it.
 */

import { connect, type KvClient } from '@raftkv/kv-client';
import type { LocalCluster, LocalNode } from '@raftkv/server/local-cluster';
import type { Voice } from '../voice.ts';
import { compareWith } from './comparison.ts';
import { Writers } from './writers.ts';

/** Something that the story promises does not hold. */
class StoryError extends Error {
  override readonly name = 'StoryError';
}

/** For what takes well below a second on a machine that is not overwhelmed. */
const PATIENCE_MS = 30_000;
const WRITES_BEFORE = 200;
const WRITES_AFTER = 200;

/** @throws {StoryError} or what a node or a client threw, where the story fails. The nodes are left as they then are. */
export async function tellStory(cluster: LocalCluster, voice: Voice): Promise<void> {
  voice.say('n1, n2 and n3 start, each a process with a data directory of its own');
  await cluster.start();
  const kv = await connect({ endpoints: cluster.endpoints, timeoutMs: PATIENCE_MS });
  try {
    await new Story(cluster, new Writers(kv), voice).tell(kv);
  } finally {
    await kv.close();
  }
}

class Story {
  private readonly cluster: LocalCluster;
  private readonly writers: Writers;
  private readonly voice: Voice;

  constructor(cluster: LocalCluster, writers: Writers, voice: Voice) {
    this.cluster = cluster;
    this.writers = writers;
    this.voice = voice;
  }

  async tell(kv: KvClient): Promise<void> {
    const { voice } = this;
    await this.cluster.untilLed(PATIENCE_MS);
    await this.writeAndRead(kv);
    const killed = await this.loseLeader();
    voice.say(`${killed.name} starts again with what its disk has`);
    await killed.start();
    await this.compare();
    voice.say('every acknowledged write is there, once, on every node: the story holds');
  }

  private async writeAndRead(kv: KvClient): Promise<void> {
    const { voice } = this;
    const { revision, tookMs } = await this.writers.write('color', 'green');
    voice.say(`put color green: revision ${revision}, on the disks of a majority, after ${inMs(tookMs)}`);
    const entry = await kv.get('color');
    if (entry?.text() !== 'green') throw new StoryError(`get color gives ${entry?.text() ?? 'nothing'}`);
    voice.say(`get color: ${entry.text()}, confirmed by a majority`);
  }

  private async loseLeader(): Promise<LocalNode> {
    const { voice, writers } = this;
    const leader = await this.cluster.untilLed(PATIENCE_MS);
    voice.say('eight writers begin to write, one value after another');
    const count = await writers.during(async () => {
      await writers.untilAcknowledged(writers.acknowledged.size + WRITES_BEFORE);
      voice.say(`kill -9 ${leader.name}, in the middle of it`);
      const gone = leader.kill();
      const { tookMs } = await writers.write('size', 'large');
      voice.say(`the first write after the kill is acknowledged, ${inMs(tookMs)} after it`);
      await gone;
      await writers.untilAcknowledged(writers.acknowledged.size + WRITES_AFTER);
    });
    voice.say(`the writers end: ${count} writes were acknowledged, none failed`);
    return leader;
  }

  private async compare(): Promise<void> {
    const { cluster, voice, writers } = this;
    await cluster.untilLed(PATIENCE_MS);
    await cluster.untilCaughtUp(PATIENCE_MS);
    const [status] = await Promise.all(cluster.nodes.map((node) => node.status()));
    voice.say(`all three have caught up: revision ${status?.revision}, ${status?.keys} keys`);
    const held = await Promise.all(cluster.nodes.map((node) => compareWith(node, writers.acknowledged)));
    for (const { node, lost, wrong, digest } of held) {
      if (lost.length > 0) throw new StoryError(`${node} has lost ${lost.join(', ')}`);
      if (wrong.length > 0) throw new StoryError(`${node} holds something else under ${wrong.join(', ')}`);
      voice.say(
        `${node} holds all ${writers.acknowledged.size} acknowledged values, each at version 1: ${digest}`,
      );
    }
    if (new Set(held.map(({ digest }) => digest)).size > 1) throw new StoryError('the nodes differ');
  }
}

function inMs(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
