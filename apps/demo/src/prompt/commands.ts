/** What can be done at the prompt: to keys, through a client, and to the processes of the nodes. */

import { KvError, type KvClient } from '@raftkv/kv-client';
import type { LocalCluster, LocalNode } from '@raftkv/server/local-cluster';
import { logLines } from './log-lines.ts';
import { statusLines } from './status.ts';

export interface Context {
  readonly cluster: LocalCluster;
  readonly kv: KvClient;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Of the terminal, in characters. */
  readonly width: number;
  readonly print: (line: string) => void;
}

export interface Command {
  /** What stands after its name. */
  readonly usage: string;
  readonly help: string;
  /** What its words are: of a node only those in this state make sense. */
  readonly nodes?: LocalNode['state'] | 'any';
  readonly run: (context: Context, words: readonly string[]) => Promise<void> | void;
}

/** What was typed makes no sense; the message says what does. */
class PromptError extends Error {
  override readonly name = 'PromptError';
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  put: { usage: 'KEY VALUE', help: 'write a value', run: put },
  get: { usage: 'KEY', help: 'read it, confirmed by a majority', run: get },
  del: { usage: 'KEY', help: 'remove it', run: del },
  status: { usage: '', help: 'what each node says of itself', run: status },
  kill: { usage: 'NODE', help: 'kill -9 its process', nodes: 'running', run: kill },
  restart: { usage: 'NODE', help: 'start it again, with what its disk has', nodes: 'down', run: restart },
  pause: { usage: 'NODE', help: 'stop its process as a debugger would', nodes: 'running', run: pause },
  resume: { usage: 'NODE', help: 'let it go on', nodes: 'paused', run: resume },
  log: { usage: 'NODE', help: 'the end of its log', nodes: 'any', run: log },
};

/** @throws {PromptError} {KvError} or what else keeps it from being done. */
export async function runCommand(context: Context, [name = '', ...words]: readonly string[]): Promise<void> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    throw new PromptError(`there is no '${name}'; help says what there is`);
  }
  const expected = command.usage === '' ? 0 : command.usage.split(' ').length;
  if (words.length !== expected) throw new PromptError(`it is: ${name} ${command.usage}`.trimEnd());
  await command.run(context, words);
}

export function helpLines(): string[] {
  const left = Object.entries(COMMANDS).map(([name, { usage }]) => `${name} ${usage}`.trimEnd());
  const width = Math.max(...left.map(({ length }) => length));
  const lines = Object.values(COMMANDS).map(({ help }, at) => `  ${(left[at] ?? '').padEnd(width)}  ${help}`);
  return [...lines, `  ${'exit'.padEnd(width)}  stop the nodes; what was written is kept`];
}

/** One line about what went wrong. */
export function wordsOfError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return 'interrupted; a write that was under way may still be applied';
  if (!(error instanceof KvError)) return error.message;
  return `${error.message} (${error.outcome === 'unknown' ? 'it may have been applied' : 'not applied'})`;
}

async function put({ kv, signal, print }: Context, [key = '', value = '']: readonly string[]): Promise<void> {
  const startMs = performance.now();
  const { revision, version } = await kv.put(key, value, { signal });
  print(`revision ${revision}, version ${version}, on the disks of a majority after ${msSince(startMs)}`);
}

async function get({ kv, signal, print }: Context, [key = '']: readonly string[]): Promise<void> {
  const entry = await kv.get(key, { signal });
  if (entry === null) print('there is no such key');
  else
    print(
      `${JSON.stringify(new TextDecoder().decode(entry.value))}, written by revision ${entry.modRevision}`,
    );
}

async function del({ kv, signal, print }: Context, [key = '']: readonly string[]): Promise<void> {
  const { deleted, revision } = await kv.delete(key, { signal });
  print(deleted ? `removed by revision ${revision}` : 'there is no such key');
}

async function status({ cluster, width, print }: Context): Promise<void> {
  for (const line of await statusLines(cluster, width)) print(line);
}

async function kill({ cluster, print }: Context, [name = '']: readonly string[]): Promise<void> {
  const node = nodeIn(cluster, name);
  if (node.state === 'down') throw new PromptError(`${name} is down already: restart ${name}`);
  const wasLeader = cluster.leader === node;
  await node.kill();
  print(`${name} is killed${wasLeader ? ', and it was the leader' : ''}`);
}

async function restart({ cluster, print }: Context, [name = '']: readonly string[]): Promise<void> {
  const node = nodeIn(cluster, name);
  if (node.state !== 'down') throw new PromptError(`${name} runs: kill ${name} comes first`);
  print(`${name} starts with what its disk has`);
  await node.start();
}

function pause({ cluster, print }: Context, [name = '']: readonly string[]): void {
  const node = nodeIn(cluster, name);
  if (node.state !== 'running') throw new PromptError(`${name} does not run: it is ${node.state}`);
  node.pause();
  print(`${name} is paused: its connections stay open, and nothing answers`);
}

function resume({ cluster, print }: Context, [name = '']: readonly string[]): void {
  const node = nodeIn(cluster, name);
  if (node.state !== 'paused') throw new PromptError(`${name} is not paused: it is ${node.state}`);
  node.resume();
  print(`${name} goes on`);
}

async function log({ cluster, print }: Context, [name = '']: readonly string[]): Promise<void> {
  for (const line of await logLines(nodeIn(cluster, name).logFile)) print(line);
}

function nodeIn(cluster: LocalCluster, name: string): LocalNode {
  const node = cluster.node(name);
  if (node !== null) return node;
  throw new PromptError(
    `there is no node '${name}'; there are ${cluster.nodes.map((each) => each.name).join(', ')}`,
  );
}

function msSince(startMs: number): string {
  return `${(performance.now() - startMs).toFixed(1)} ms`;
}
