/** A node as the client sees it: it speaks the protocol, and does otherwise what the test says. */

import {
  decodeClientFrame,
  encodeServerMessage,
  serverFrameWriter,
  type ClientMessage,
  type Directory,
  type FailureCode,
  type Request,
  type Response,
  type ServerMessage,
} from '@raftkv/kv-protocol';
import type { MemorySocket, SocketPeer } from './socket.ts';

export interface Asked<Kind extends Request['kind'] = Request['kind']> {
  readonly id: number;
  readonly request: Extract<Request, { kind: Kind }>;
  readonly answer: (response: Response) => void;
}

export class ScriptedNode implements SocketPeer {
  readonly url: string;
  cluster = 'c1';
  /** Where it says that clients reach it. */
  clientUrl: string | null;
  version = 1;
  directory: Directory = { leaderUrl: null, urls: [] };
  /** Null: the node says nothing at all. */
  greets = true;
  /** What it answers at once; undefined: nothing, until the test answers. */
  serve: (request: Request) => Response | undefined = () => undefined;
  /** How many messages each frame had. */
  readonly frames: number[] = [];
  /** All that it was asked, in order. */
  readonly asked: Asked[] = [];
  readonly sockets: MemorySocket[] = [];

  constructor(url: string) {
    this.url = url;
    this.clientUrl = url;
  }

  onOpened(socket: MemorySocket): void {
    this.sockets.push(socket);
  }

  onBytes(socket: MemorySocket, bytes: Uint8Array): void {
    const messages = decodeClientFrame(bytes);
    this.frames.push(messages.length);
    for (const message of messages) this.onMessage(socket, message);
  }

  private onMessage(socket: MemorySocket, message: ClientMessage): void {
    if (message.kind === 'hello') {
      if (this.greets) this.greet(socket);
      return;
    }
    const { id, request } = message;
    const answer = (response: Response): void => this.say(socket, { kind: 'response', id, response });
    this.asked.push({ id, request, answer });
    const response = this.serve(request);
    if (response !== undefined) answer(response);
  }

  greet(socket: MemorySocket): void {
    const { cluster, version, directory, clientUrl, url: node } = this;
    this.say(socket, { kind: 'hello', version, cluster, node, clientUrl, directory });
  }

  /** Tells all that are connected. */
  announce(directory: Directory): void {
    this.directory = directory;
    for (const socket of this.sockets) this.say(socket, { kind: 'directory', directory });
  }

  say(socket: MemorySocket, message: ServerMessage): void {
    socket.deliver(encodeServerMessage(message).buffer);
  }

  /** In one frame, to the one that connected last. */
  sayTogether(messages: readonly ServerMessage[]): void {
    const frames = serverFrameWriter((frame) => this.sockets.at(-1)?.deliver(frame.slice().buffer));
    for (const message of messages) frames.add(message);
    frames.flush();
  }

  /** The sockets break, as when the process is killed. */
  cut(): void {
    for (const socket of this.sockets) socket.shut(1006);
  }

  of<Kind extends Request['kind']>(kind: Kind): Asked<Kind>[] {
    return this.asked.flatMap(({ request, ...rest }) => (isOf(request, kind) ? [{ request, ...rest }] : []));
  }

  /** `session/sequence/acknowledgedBelow` of each write that was received. */
  get positions(): string[] {
    return this.of('write').map(({ request: { position } }) =>
      [position.session, position.sequence, position.acknowledgedBelow].join('/'),
    );
  }
}

function isOf<Kind extends Request['kind']>(
  request: Request,
  kind: Kind,
): request is Extract<Request, { kind: Kind }> {
  return request.kind === kind;
}

export function failed(
  code: FailureCode,
  outcome: 'not-applied' | 'unknown' = 'not-applied',
  leaderUrl: string | null = null,
): Response {
  return { kind: 'failed', failure: { code, outcome, leaderUrl, message: `said ${code}` } };
}

export function refused(
  reason: 'session-expired' | 'session-full' | 'invalid' | 'already-acknowledged',
): Response {
  return { kind: 'outcome', outcome: { kind: 'refused', reason } };
}
