/** A node as the client sees it: it speaks the protocol, and does otherwise what the test says. */

import {
  decodeClientMessage,
  encodeServerMessage,
  type Directory,
  type FailureCode,
  type Request,
  type Response,
  type ServerMessage,
} from '@raftkv/kv-protocol';
import type { MemorySocket, SocketPeer } from './socket.ts';

export interface Asked<Kind extends Request['kind'] = Request['kind']> {
  readonly request: Extract<Request, { kind: Kind }>;
  readonly answer: (response: Response) => void;
}

export class ScriptedNode implements SocketPeer {
  readonly url: string;
  cluster = 'c1';
  version = 1;
  directory: Directory = { leaderUrl: null, urls: [] };
  /** Null: the node says nothing at all. */
  greets = true;
  /** What it answers at once; undefined: nothing, until the test answers. */
  serve: (request: Request) => Response | undefined = () => undefined;
  /** All that it was asked, in order. */
  readonly asked: Asked[] = [];
  readonly sockets: MemorySocket[] = [];

  constructor(url: string) {
    this.url = url;
  }

  onOpened(socket: MemorySocket): void {
    this.sockets.push(socket);
  }

  onBytes(socket: MemorySocket, bytes: Uint8Array): void {
    const message = decodeClientMessage(bytes);
    if (message.kind === 'hello') {
      if (this.greets) this.greet(socket);
      return;
    }
    const { id, request } = message;
    const answer = (response: Response): void => this.say(socket, { kind: 'response', id, response });
    this.asked.push({ request, answer });
    const response = this.serve(request);
    if (response !== undefined) answer(response);
  }

  greet(socket: MemorySocket): void {
    const { cluster, version, directory, url: node } = this;
    this.say(socket, { kind: 'hello', version, cluster, node, directory });
  }

  /** Tells all that are connected. */
  announce(directory: Directory): void {
    this.directory = directory;
    for (const socket of this.sockets) this.say(socket, { kind: 'directory', directory });
  }

  say(socket: MemorySocket, message: ServerMessage): void {
    socket.deliver(encodeServerMessage(message).buffer);
  }

  /** The sockets break, as when the process is killed. */
  cut(): void {
    for (const socket of this.sockets) socket.shut(1006);
  }

  of<Kind extends Request['kind']>(kind: Kind): Asked<Kind>[] {
    return this.asked.flatMap(({ request, answer }) => (isOf(request, kind) ? [{ request, answer }] : []));
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
