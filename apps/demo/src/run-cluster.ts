/** `npm start`: three nodes that keep what is written to them; at a terminal with a prompt, else until a signal. */

import { relative } from 'node:path';
import { prepareLocalCluster, type LocalCluster, type LocalNode } from '@raftkv/server/local-cluster';
import { Prompt } from './prompt/prompt.ts';
import { untilStopped } from './until-stopped.ts';
import { Voice } from './voice.ts';

const DIRECTORY = 'raftkv-demo';
const FIRST_PORT = 7580;

/** @returns the exit code */
export async function runCluster(isPrompting: boolean): Promise<number> {
  const stopped = untilStopped();
  const prompt = new Prompt(process.stdin, process.stdout);
  const print = (line: string): void => prompt.print(line);
  const voice = new Voice(print);
  print(`raftkv: three nodes in ./${DIRECTORY}`);
  let isOver = false;
  const cluster = await prepareLocalCluster({
    directory: DIRECTORY,
    firstPort: FIRST_PORT,
    onEvent: (name, event) => {
      if (!isOver) voice.tell(name, event);
    },
  });
  const { portsTaken } = cluster;
  if (portsTaken.length > 0) print(`port ${portsTaken.join(', ')} is taken: the nodes have other ones`);
  const serving = serve(cluster, print, () => (isPrompting ? prompt.run(cluster) : stopped));
  const failure = await Promise.race([serving, stopped.then(() => null)]);
  isOver = true;
  prompt.leave();
  await cluster.close();
  voice.say('stopped; what was written is kept');
  if (failure !== null) console.error(failure);
  return failure === null ? 0 : 1;
}

/** Ends with what keeps the nodes from starting, or with `null` when `use` ends. */
async function serve(
  cluster: LocalCluster,
  print: (line: string) => void,
  use: () => Promise<void>,
): Promise<string | null> {
  try {
    await cluster.start();
    for (const line of whatToTry(cluster)) print(line);
    await use();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function whatToTry({ nodes }: LocalCluster): string[] {
  const [first] = nodes;
  const url = first?.clientUrl.replace('ws', 'http') ?? '';
  return [
    ...nodes.map(toldNode),
    'try, in another terminal:',
    `  curl -L -X PUT --data-binary green ${url}/v1/kv/color`,
    `  curl -L ${url}/v1/kv/color`,
    `  curl ${url}/v1/status`,
  ];
}

function toldNode({ name, clientUrl, logFile }: LocalNode): string {
  return `  ${name} ${clientUrl}, its log in ${relative('.', logFile)}`;
}
