import {
  decodeServerFrame,
  encodeClientMessage,
  PROTOCOL_VERSION,
  type Response,
  type ServerMessage,
} from '@raftkv/kv-protocol';
import { describe, expect, it } from 'vitest';
import { ClientConnection, type ServerSocket } from '../src/index.ts';

const HELLO = { kind: 'hello', version: PROTOCOL_VERSION } as const;
const GET = { kind: 'get', key: new Uint8Array([1]), consistency: 'linearizable' } as const;
const NOTHING: Response = { kind: 'value', entry: null, revision: 1 };

class FakeSocket implements ServerSocket {
  isOpen = true;
  readonly bufferedAmount = 0;
  readonly frames: ServerMessage[][] = [];
  readonly ends: string[] = [];

  send(frame: Uint8Array): void {
    this.frames.push([...decodeServerFrame(frame)]);
  }

  ping(): void {
    this.ends.push('ping');
  }

  close(code: number): void {
    this.isOpen = false;
    this.ends.push(`close ${code}`);
  }

  terminate(): void {
    this.isOpen = false;
    this.ends.push('terminate');
  }
}

function connected(): {
  socket: FakeSocket;
  connection: ClientConnection;
  waiting: ((response: Response) => void)[];
  timers: (() => void)[];
} {
  const socket = new FakeSocket();
  const waiting: ((response: Response) => void)[] = [];
  const timers: (() => void)[] = [];
  const connection = new ClientConnection(socket, {
    limits: { requestsUnderWayMax: 2, bufferedBytesMax: 1000, helloMs: 10 },
    underWay: { begin: () => {}, end: () => {} },
    setTimer: (_delayMs, callback) => {
      timers.push(callback);
      return () => timers.splice(timers.indexOf(callback), 1);
    },
    hello: () => ({
      kind: 'hello',
      version: PROTOCOL_VERSION,
      cluster: 'c',
      node: 'n1',
      clientUrl: null,
      directory: { leaderUrl: null, urls: [] },
    }),
    handle: (_request, respond) => waiting.push(respond),
    whyClosed: () => null,
    onFault: () => {},
  });
  return { socket, connection, waiting, timers };
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('a connection', () => {
  it('answers what was said in one turn in one frame', async () => {
    const { socket, connection, waiting } = connected();
    connection.onFrame(encodeClientMessage(HELLO), true);
    await turn();
    for (const id of [1, 2]) {
      connection.onFrame(encodeClientMessage({ kind: 'request', id, request: GET }), true);
    }
    for (const respond of waiting.toReversed()) respond(NOTHING);
    await turn();
    expect(socket.frames.map((frame) => frame.map((one) => ('id' in one ? one.id : one.kind)))).toEqual([
      ['hello'],
      [2, 1],
    ]);
  });

  it('waits for the hello as long as the timer of its host says, and not once it has come', () => {
    const silent = connected();
    expect(silent.timers).toHaveLength(1);
    silent.timers[0]?.();
    expect(silent.socket.ends).toEqual(['close 1002']);

    const greeted = connected();
    greeted.connection.onFrame(encodeClientMessage(HELLO), true);
    expect(greeted.timers).toHaveLength(0);
  });

  it('says nothing more when its socket is gone', async () => {
    const { socket, connection, waiting } = connected();
    connection.onFrame(encodeClientMessage(HELLO), true);
    connection.onFrame(encodeClientMessage({ kind: 'request', id: 1, request: GET }), true);
    await turn();
    connection.onClosed(null);
    waiting[0]?.(NOTHING);
    await turn();
    expect(socket.frames).toHaveLength(1);
    expect(socket.ends).toEqual([]);
  });
});
