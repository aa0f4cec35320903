/** `npm start -- --story`: in a temporary directory and on free ports; what is left of a failed one is kept. */

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareLocalCluster } from '@raftkv/server/local-cluster';
import { untilStopped } from '../until-stopped.ts';
import { Voice } from '../voice.ts';
import { tellStory } from './story.ts';

const STOPPED = 'it was stopped before its end';

/** @returns the exit code */
export async function runStory(): Promise<number> {
  const stopped = untilStopped();
  const directory = await mkdtemp(join(tmpdir(), 'raftkv-story-'));
  const voice = new Voice((line) => console.log(line));
  let isOver = false;
  const lost = new AbortController();
  const cluster = await prepareLocalCluster({
    directory,
    onEvent: (name, event) => {
      if (isOver) return;
      voice.tell(name, event);
      if (event.kind === 'ended' && !event.isExpected) lost.abort(`${name} ended by itself`);
    },
  });
  const nodeLost = once(lost.signal, 'abort').then(() => String(lost.signal.reason));
  const told = tellStory(cluster, voice).then(() => null, messageOf);
  const failure = await Promise.race([told, nodeLost, stopped.then(() => STOPPED)]);
  isOver = true;
  await cluster.close();
  if (failure === null || failure === STOPPED) await rm(directory, { recursive: true, force: true });
  else console.error(`what the nodes hold and have logged is kept in ${directory}`);
  if (failure !== null) console.error(`the story fails: ${failure}`);
  return failure === null ? 0 : 1;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
