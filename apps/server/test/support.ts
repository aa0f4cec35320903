/** Servers in this process and in others, directories that go away, and a scripted client. */

import {
  CLIENT_SUBPROTOCOL,
  clientFrameWriter,
  decodeServerFrame,
  encodeClientMessage,
  PROTOCOL_VERSION,
  type Request,
  type Response,
  type ServerMessage,
} from '@raftkv/kv-protocol';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { startServer, type Server, type ServerOptions } from '../src/index.ts';

/** When the test is over, the last first. */
function afterwards(cleanup: () => unknown): void {
  onTestFinished(async () => {
    await cleanup();
  });
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'raftkv-server-'));
  afterwards(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

const ANY = { host: '127.0.0.1', port: 0 };
/** A log of short files, which a start is soon done with. */
const SMALL = { listenClient: ANY, listenPeer: ANY, segmentBytes: 1024 * 1024 };

export async function start(options: ServerOptions = {}): Promise<Server> {
  const dataDirectory = options.dataDirectory ?? (await temporaryDirectory());
  const server = await startServer({ ...SMALL, ...options, dataDirectory });
  afterwards(() => server.close());
  return server;
}

/** Serves writes. */
export async function started(options: ServerOptions = {}): Promise<Server> {
  const server = await start(options);
  await until(async () => (await fetch(http(server, '/readyz'))).status === 200);
  return server;
}

export function http({ clientUrl }: Pick<Server, 'clientUrl'>, path: string): string {
  return clientUrl.replace('ws', 'http') + path;
}

/** Looks again at each turn of the event loop, without a rest in between that a slow machine would make too short. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error('it does not come to hold');
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

interface Taking {
  readonly clientUrl: string;
  readonly peerUrl: string;
  readonly listening: { readonly client: string; readonly peer: string };
}

export interface Child {
  readonly process: ChildProcess;
  readonly exit: Promise<number | null>;
  output(): string;
  errors(): string;
  /** The first line of the log that says that it takes part. */
  taking(): Promise<Taking>;
}

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

export function run(...args: string[]): Child {
  return runWith({}, ...args);
}

export function runWith(environment: Record<string, string>, ...args: string[]): Child {
  const env = { RAFTKV_SEGMENT_BYTES: String(SMALL.segmentBytes), ...process.env, ...environment };
  const child = spawn(process.execPath, [MAIN, ...args], { env });
  afterwards(() => child.kill('SIGKILL'));
  const texts = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (texts.err += chunk.toString()));
  const exit = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  const lineOf = () => texts.out.split('\n').find((line) => line.includes('takes part'));
  return {
    process: child,
    exit,
    output: () => texts.out,
    errors: () => texts.err,
    taking: async () => {
      await until(() => lineOf() !== undefined || child.exitCode !== null);
      return JSON.parse(lineOf() ?? `{"failed":${JSON.stringify(texts.err)}}`) as never;
    },
  };
}

/** A client that speaks the protocol, and whatever else a test gives it to say. */
export class Client {
  readonly socket: WebSocket;
  readonly heard: ServerMessage[] = [];
  /** How many messages each frame had. */
  readonly frames: number[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  private lastId = 0;

  private constructor(url: string) {
    this.socket = new WebSocket(url, CLIENT_SUBPROTOCOL, { perMessageDeflate: false });
    this.socket.on('message', (data: Buffer) => this.onFrame(decodeServerFrame(data)));
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    afterwards(() => this.socket.terminate());
  }

  static async connected({ clientUrl }: Server): Promise<Client> {
    const client = new Client(clientUrl);
    await once(client.socket, 'open');
    return client;
  }

  static async greeted(server: Server): Promise<Client> {
    const client = await Client.connected(server);
    client.hello();
    await until(() => client.heard.length > 0);
    return client;
  }

  hello(): void {
    this.socket.send(encodeClientMessage({ kind: 'hello', version: PROTOCOL_VERSION }));
  }

  send(request: Request): number {
    return this.sendTogether([request])[0]!;
  }

  /** In one frame. */
  sendTogether(requests: readonly Request[]): number[] {
    const frames = clientFrameWriter((frame) => this.socket.send(frame));
    const ids = requests.map((request) => {
      this.lastId += 1;
      frames.add({ kind: 'request', id: this.lastId, request });
      return this.lastId;
    });
    frames.flush();
    return ids;
  }

  async ask(request: Request): Promise<Response> {
    const id = this.send(request);
    await until(() => this.response(id) !== undefined);
    return this.response(id)!;
  }

  private onFrame(messages: readonly ServerMessage[]): void {
    this.frames.push(messages.length);
    this.heard.push(...messages);
  }

  response(id: number): Response | undefined {
    const found = this.heard.find((message) => message.kind === 'response' && message.id === id);
    return found?.kind === 'response' ? found.response : undefined;
  }
}
