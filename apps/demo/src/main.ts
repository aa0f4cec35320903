/** What `npm start` runs: three cores elect a leader, replicate, lose the leader and go on. */

import { setTimeout } from 'node:timers/promises';
import { MemoryCluster } from './memory-cluster.ts';
import { tell } from './narrator.ts';
import { untilStopped } from './until-stopped.ts';
import type { Effect, NodeId } from '@raftkv/core';

const PAUSE_MS = 1500;

const startMs = performance.now();
const stopped = untilStopped();
let onLeader: (leader: NodeId) => void = () => {};
let onAnswer: () => void = () => {};

console.log('raftkv: three Raft cores in memory, in real time. Ctrl-C ends it.\n');
const cluster = new MemoryCluster(['a', 'b', 'c'], watch);
await Promise.race([stopped, story()]);
await stopped;
cluster.stop();
say('stopped');
// A pause of the story may still be under way, and nothing is left to wait for.
process.exit(0);

async function story(): Promise<void> {
  say('nobody leads; each waits 500 to 1000 ms to hear a leader, then asks for votes');
  const first = await nextLeader();
  await write(first, 1, 'color = green');
  await setTimeout(PAUSE_MS);

  say(`the process of ${first} is KILLED; the others see their connections closed`);
  const killedMs = performance.now();
  cluster.kill(first);
  const second = await nextLeader();
  say(`a new leader after ${Math.round(performance.now() - killedMs)} ms, without waiting for a timeout`);
  await write(second, 2, 'size = large');
  await setTimeout(PAUSE_MS);
  say('the two go on; Ctrl-C ends it');
}

function nextLeader(): Promise<NodeId> {
  return new Promise((resolve) => {
    onLeader = resolve;
  });
}

async function write(leader: NodeId, number: number, command: string): Promise<void> {
  say(`a client asks ${leader} to write "${command}"`);
  await new Promise<void>((resolve) => {
    onAnswer = resolve;
    cluster.propose(leader, number, command);
  });
}

function watch(id: NodeId, effect: Effect): void {
  const sentence = tell(id, effect);
  if (sentence !== null) say(sentence);
  if (effect.kind === 'changed' && effect.status.role === 'leader') onLeader(id);
  if (effect.kind === 'result') onAnswer();
}

function say(sentence: string): void {
  const ms = Math.round(performance.now() - startMs);
  console.log(`${String(ms).padStart(6)} ms  ${sentence}`);
}
