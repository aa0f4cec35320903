/** `npm start`: three nodes that keep what is written to them, until they are told to end. */

import { relative } from 'node:path';
import { prepareLocalCluster, type LocalCluster, type LocalNode } from '@raftkv/server/local-cluster';
import { untilStopped } from './until-stopped.ts';
import { Voice } from './voice.ts';

const DIRECTORY = 'raftkv-demo';
const FIRST_PORT = 7580;

/** @returns the exit code */
export async function runCluster(): Promise<number> {
  const stopped = untilStopped();
  const voice = new Voice((line) => console.log(line));
  console.log(`raftkv: three nodes in ./${DIRECTORY}`);
  let isOver = false;
  const cluster = await prepareLocalCluster({
    directory: DIRECTORY,
    firstPort: FIRST_PORT,
    onEvent: (name, event) => {
      if (!isOver) voice.tell(name, event);
    },
  });
  const failure = await Promise.race([serve(cluster, stopped), stopped.then(() => null)]);
  isOver = true;
  await cluster.close();
  voice.say('stopped; what was written is kept');
  if (failure !== null) console.error(failure);
  return failure === null ? 0 : 1;
}

/** Ends with what keeps the nodes from starting, or with `null` when it is told to. */
async function serve(cluster: LocalCluster, stopped: Promise<void>): Promise<string | null> {
  try {
    await cluster.start();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  console.log(whatToTry(cluster));
  await stopped;
  return null;
}

function whatToTry({ nodes, portsTaken }: LocalCluster): string {
  const [first] = nodes;
  const url = first?.clientUrl.replace('ws', 'http') ?? '';
  return [
    ...(portsTaken.length === 0 ? [] : [`port ${portsTaken.join(', ')} is taken: the nodes have other ones`]),
    ...nodes.map(toldNode),
    'try, in another terminal:',
    `  curl -L -X PUT --data-binary green ${url}/v1/kv/color`,
    `  curl -L ${url}/v1/kv/color`,
    `  curl ${url}/v1/status`,
    'Ctrl-C ends it',
  ].join('\n');
}

function toldNode({ name, clientUrl, pid, logFile }: LocalNode): string {
  return `  ${name} ${clientUrl}, process ${pid}, its log in ${relative('.', logFile)}`;
}
