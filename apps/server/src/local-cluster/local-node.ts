/** One `raftkv-server` in a process of its own: started, stopped, killed, paused, and heard through its log. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LocalNodeError } from '../errors.ts';
import type { ServerStatus } from '../node/status.ts';
import type { LocalNodeEvent, Part } from './local-node-event.ts';

/** What a node holds of a key. */
export interface Held {
  /** As UTF-8. */
  readonly value: string;
  /** Of its last change. */
  readonly revision: number;
  /** How often it was written since it was absent. */
  readonly version: number;
}

/** Where a node is, and who hears of it. */
export interface LocalNodeOptions {
  /** Of the node: `n1`, `n2` and so on. */
  readonly name: string;
  /** What the node holds. */
  readonly dataDirectory: string;
  /** Its log is appended here, in JSON lines. */
  readonly logFile: string;
  /** Of 127.0.0.1, as is `peerPort`; free when the node starts. */
  readonly clientPort: number;
  /** Where the other nodes reach it. */
  readonly peerPort: number;
  /** Where those are reached that are there when it begins, itself included. */
  readonly initialCluster: ReadonlyMap<string, string>;
  /** As `ServerOptions.join`. */
  readonly isJoining: boolean;
  /** As `ServerOptions.segmentBytes`. */
  readonly segmentBytes: number;
  /** As `ServerOptions.snapshotLogBytes`; `null`: what a node in service has. */
  readonly snapshotLogBytes: number | null;
  /** Where clients are told to reach it. */
  readonly advertisedUrl: string;
  /** What its process gets before the program. */
  readonly execArgv: readonly string[];
  /** Called when something has become of the process, or it says that something has. */
  onEvent(event: LocalNodeEvent): void;
}

/** Also where this file runs from its source: a process needs what was built. */
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const HOST = '127.0.0.1';
/** A node that is paused, or about to be killed, does not answer. */
const ANSWER_MS = 5000;
/** How many keys are asked for at once. */
const ASKED_AT_ONCE = 16;
/** Of pino, whose lines the log is made of. */
const ERROR_LEVEL = 50;

type Life =
  | { readonly kind: 'down' }
  | { readonly kind: 'running' | 'paused'; readonly child: ChildProcess; readonly ended: Promise<void> };

/** One node in a process of its own, which can be stopped, killed and paused. */
export class LocalNode {
  /** `n1`, `n2` and so on. */
  readonly name: string;
  /** What the node holds; kept over restarts. */
  readonly dataDirectory: string;
  /** What it says, in JSON lines; appended to over restarts. */
  readonly logFile: string;
  /** `ws://…`; the same over restarts. HTTP is at the same port. */
  readonly clientUrl: string;
  /** Where its peers are told to reach it: what `kv.cluster.addLearner` takes of one that joins. */
  readonly peerUrl: string;
  private readonly options: LocalNodeOptions;
  private life: Life = { kind: 'down' };
  private lastPart: Part | null = null;
  /** The last thing that it said was wrong. */
  private lastWords = '';
  private isToEnd = false;

  constructor(options: LocalNodeOptions) {
    this.options = options;
    this.name = options.name;
    this.dataDirectory = options.dataDirectory;
    this.logFile = options.logFile;
    this.clientUrl = `ws://${HOST}:${options.clientPort}`;
    this.peerUrl = options.initialCluster.get(options.name) ?? `ws://${HOST}:${options.peerPort}`;
  }

  /** Whether there is a process, and what it does. */
  get state(): 'down' | 'running' | 'paused' {
    return this.life.kind;
  }

  /** Of its process; `null` while there is none. */
  get pid(): number | null {
    return this.life.kind === 'down' ? null : (this.life.child.pid ?? null);
  }

  /** `null` while it does not run, and before it has said anything. */
  get part(): Part | null {
    return this.lastPart;
  }

  /**
   * Resolves when it takes part; there may be no leader yet.
   *
   * @throws {LocalNodeError} if it ends before that, with what it said.
   */
  start(): Promise<void> {
    if (this.life.kind !== 'down') return Promise.resolve();
    const child = spawn(process.execPath, [...this.options.execArgv, MAIN, ...this.args()], {
      // With a channel, it ends when this process does, in whatever way.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: withoutSettings(process.env),
    });
    const ended = endOf(child);
    this.life = { kind: 'running', child, ended };
    this.isToEnd = false;
    this.lastWords = '';
    return this.listenTo(child, ended);
  }

  /** Lets what is under way end. Resolves when the process is gone. */
  stop(): Promise<void> {
    // Not by a signal: a terminal may have sent it one already, and a second one would cut the ending short.
    return this.end((child) => {
      if (child.connected) child.disconnect();
    });
  }

  /** As `kill -9`. Resolves when the process is gone. */
  kill(): Promise<void> {
    return this.end((child) => child.kill('SIGKILL'));
  }

  /** Nothing of it runs, and its connections stay open. @throws {LocalNodeError} on Windows, which cannot. */
  pause(): void {
    if (process.platform === 'win32') {
      throw new LocalNodeError(`${this.name} cannot be paused: Windows has no signal for that`);
    }
    this.move('running', 'paused', 'SIGSTOP');
  }

  /** Ends a `pause`. Nothing where it is not paused. */
  resume(): void {
    this.move('paused', 'running', 'SIGCONT');
  }

  /** What it says of itself; `null` if it does not answer. */
  async status(): Promise<ServerStatus | null> {
    if (this.life.kind !== 'running') return null;
    try {
      const response = await this.ask('/v1/status');
      const status: unknown = response.ok ? await response.json() : null;
      return isStatus(status) ? status : null;
    } catch {
      return null;
    }
  }

  /**
   * What it has applied of each of `keys` by itself, in their order; `null` where a key is absent.
   *
   * @throws {LocalNodeError} or what `fetch` throws, if it does not answer with that.
   */
  async held(keys: readonly string[]): Promise<readonly (Held | null)[]> {
    const held: (Held | null)[] = [];
    const queue = keys.entries();
    const asker = async (): Promise<void> => {
      for (const [at, key] of queue) held[at] = await this.heldOf(key);
    };
    await Promise.all(Array.from({ length: ASKED_AT_ONCE }, asker));
    return held;
  }

  private async heldOf(key: string): Promise<Held | null> {
    const response = await this.ask(`/v1/kv/${encodeURIComponent(key)}?consistency=serializable`);
    const value = await response.text();
    if (response.status === 404) return null;
    if (response.status !== 200)
      throw new LocalNodeError(`${this.name} answers ${response.status} to ${key}: ${value}`);
    const number = (header: string): number => Number(response.headers.get(header));
    return { value, revision: number('x-raftkv-revision'), version: number('x-raftkv-version') };
  }

  private ask(path: string): Promise<Response> {
    const url = this.clientUrl.replace('ws', 'http') + path;
    return fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
  }

  private args(): string[] {
    const { name, dataDirectory, clientPort, peerPort, initialCluster, segmentBytes, advertisedUrl } =
      this.options;
    const { isJoining, snapshotLogBytes } = this.options;
    return [
      `--name=${name}`,
      `--data-dir=${dataDirectory}`,
      `--listen-client=${HOST}:${clientPort}`,
      `--listen-peer=${HOST}:${peerPort}`,
      `--initial-cluster=${[...initialCluster].map(([member, url]) => `${member}=${url}`).join(',')}`,
      `--segment-bytes=${segmentBytes}`,
      `--advertise-client=${advertisedUrl}`,
      ...(isJoining ? ['--join'] : []),
      ...(snapshotLogBytes === null ? [] : [`--snapshot-log-bytes=${snapshotLogBytes}`]),
    ];
  }

  private move(from: 'running' | 'paused', to: 'running' | 'paused', signal: NodeJS.Signals): void {
    const { life } = this;
    if (life.kind !== from) return;
    life.child.kill(signal);
    this.life = { ...life, kind: to };
  }

  private async end(by: (child: ChildProcess) => void): Promise<void> {
    const { life } = this;
    if (life.kind === 'down') return;
    this.isToEnd = true;
    by(life.child);
    // One that is paused notices nothing else.
    this.resume();
    await life.ended;
  }

  private async listenTo(child: ChildProcess, ended: Promise<void>): Promise<void> {
    const log = createWriteStream(this.logFile, { flags: 'a' });
    // A log that cannot be written is no reason to end what it tells of.
    log.on('error', () => {});
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.lastWords = text.trim();
      log.write(text);
    });
    const takesPart = new Promise<true>((resolve) => {
      this.readLines(child, log, () => {
        this.options.onEvent({ kind: 'started', pid: child.pid ?? 0 });
        resolve(true);
      });
    });
    const isOver = ended.then(() => {
      log.end();
      this.life = { kind: 'down' };
      this.lastPart = null;
      const reason = this.lastWords || `it ended with code ${child.exitCode ?? child.signalCode}`;
      this.options.onEvent({ kind: 'ended', isExpected: this.isToEnd, reason });
      return reason;
    });
    const reason = await Promise.race([takesPart, isOver]);
    if (reason !== true) throw new LocalNodeError(`${this.name} did not start: ${reason}`);
  }

  private readLines(child: ChildProcess, log: WriteStream, onTakesPart: () => void): void {
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.write(`${line}\n`);
      const { level, msg, role, term, leader } = parsed(line);
      if (typeof level === 'number' && level >= ERROR_LEVEL) this.lastWords = String(msg);
      if (msg === 'this node takes part') onTakesPart();
      if (typeof role !== 'string' || typeof term !== 'number') return;
      const part = { role, term, leader: typeof leader === 'string' ? leader : null };
      this.lastPart = part;
      this.options.onEvent({ kind: 'changed', part });
    });
  }
}

/** Not its `close`: that never comes where this side closes the channel first. */
async function endOf(child: ChildProcess): Promise<void> {
  const streams = [child.stdout, child.stderr].flatMap((stream) =>
    stream === null ? [] : [once(stream, 'close')],
  );
  await Promise.all([once(child, 'exit'), ...streams]);
}

function isStatus(value: unknown): value is ServerStatus {
  return typeof value === 'object' && value !== null && 'role' in value && 'term' in value;
}

/** A line of the log as `raftkv-server` writes it; nothing of what is none. */
function parsed(line: string): {
  level?: unknown;
  msg?: unknown;
  role?: unknown;
  term?: unknown;
  leader?: unknown;
} {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** What is set for a server of the user's is not meant for these. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('RAFTKV_')));
}
