/** Many messages in one frame, and what a frame may hold. */

import { DecodeError, EncodeError } from '@raftkv/codec';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clientFrameWriter,
  decodeClientFrame,
  decodeServerFrame,
  encodeClientMessage,
  encodeServerMessage,
  EXPLANATION_BYTES_MAX,
  FRAME_BYTES_MAX,
  FRAME_MESSAGES_MAX,
  KEY_BYTES_MAX,
  MEMBERS_MAX,
  NO_CONDITION,
  serverFrameWriter,
  URL_BYTES_MAX,
  VALUE_BYTES_MAX,
  type ClientMessage,
  type FrameWriter,
  type ServerMessage,
} from '../src/index.ts';

const ID = Number.MAX_SAFE_INTEGER;

function put(id: number, valueBytes: number, keyBytes = 1): ClientMessage {
  const operation = {
    kind: 'put',
    key: new Uint8Array(keyBytes).fill(7),
    value: new Uint8Array(valueBytes).fill(id % 256),
    condition: NO_CONDITION,
  } as const;
  const position = { session: ID, sequence: ID, acknowledgedBelow: ID };
  return { kind: 'request', id, request: { kind: 'write', position, operation } };
}

function keepAlive(id: number): ClientMessage {
  return { kind: 'request', id, request: { kind: 'keepAlive', session: 1 } };
}

function clientWriter(): { frames: Uint8Array[]; writer: FrameWriter<ClientMessage> } {
  const frames: Uint8Array[] = [];
  return { frames, writer: clientFrameWriter((frame) => frames.push(frame)) };
}

function idsOf(frame: Uint8Array): number[] {
  return decodeClientFrame(frame).map((message) => (message.kind === 'request' ? message.id : 0));
}

function countOf(frame: Uint8Array): number {
  return decodeClientFrame(frame).length;
}

function isSame(some: Uint8Array, others: Uint8Array | undefined): boolean {
  return others !== undefined && Buffer.compare(some, others) === 0;
}

describe('a writer of frames', () => {
  it('sends nothing until the turn is over, and then all of it in one frame', () => {
    const { frames, writer } = clientWriter();
    for (const id of [1, 2, 3]) writer.add(put(id, 10));
    expect(frames).toEqual([]);
    expect(writer.bytes).toBeGreaterThan(30);
    writer.flush();
    expect(frames.map(idsOf)).toEqual([[1, 2, 3]]);
    expect(writer.bytes).toBe(0);
    writer.flush();
    expect(frames).toHaveLength(1);
  });

  it('makes of any messages, over any turns, frames that hold them in order and stay as they were', () => {
    const turns = fc.array(fc.array(fc.nat(200), { maxLength: 20 }), { maxLength: 10 });
    fc.assert(
      fc.property(turns, (list) => {
        const { frames, writer } = clientWriter();
        let id = 0;
        const expected: number[][] = [];
        for (const sizes of list) {
          const ids = sizes.map((size) => {
            id += 1;
            writer.add(put(id, size));
            return id;
          });
          writer.flush();
          if (ids.length > 0) expected.push(ids);
        }
        // Read at the end: the memory of a frame that was sent is not written to again.
        expect(frames.map(idsOf)).toEqual(expected);
      }),
    );
  });

  it('splits what is more than a frame may hold, and loses nothing', () => {
    const { frames, writer } = clientWriter();
    const sizes = [700_000, 700_000, 700_000, 10, VALUE_BYTES_MAX, VALUE_BYTES_MAX, 10];
    for (const [index, size] of sizes.entries()) writer.add(put(index + 1, size));
    writer.flush();
    expect(frames.map(idsOf)).toEqual([[1, 2], [3, 4], [5], [6, 7]]);
    for (const frame of frames) expect(frame.length).toBeLessThanOrEqual(FRAME_BYTES_MAX);
    const [, second] = decodeClientFrame(frames[0] ?? new Uint8Array());
    if (second?.kind !== 'request' || second.request.kind !== 'write') throw new Error('no write');
    const { operation } = second.request;
    expect(operation.kind === 'put' && operation.value.every((byte) => byte === 2)).toBe(true);
  });

  it('puts no more messages into a frame than it may hold', () => {
    const { frames, writer } = clientWriter();
    for (let id = 1; id <= FRAME_MESSAGES_MAX + 1; id += 1) writer.add(keepAlive(id));
    writer.flush();
    expect(frames.map(countOf)).toEqual([FRAME_MESSAGES_MAX, 1]);
  });

  it('counts the messages of each frame anew', () => {
    const { frames, writer } = clientWriter();
    for (let id = 1; id < FRAME_MESSAGES_MAX; id += 1) writer.add(keepAlive(id));
    writer.flush();
    for (const id of [1, 2]) writer.add(put(id, 700_000));
    // The first of these begins a frame.
    writer.add(put(3, 700_000));
    for (let id = 1; id < FRAME_MESSAGES_MAX; id += 1) writer.add(keepAlive(id));
    expect(frames.map(countOf)).toEqual([FRAME_MESSAGES_MAX - 1, 2, FRAME_MESSAGES_MAX]);
  });

  it('keeps the others where a message has a field beyond its limit', () => {
    const { frames, writer } = clientWriter();
    expect(() => writer.add(put(1, VALUE_BYTES_MAX + 1))).toThrow(EncodeError);
    writer.flush();
    expect(frames).toEqual([]);
    writer.add(keepAlive(2));
    expect(() => writer.add(put(3, 1, KEY_BYTES_MAX + 1))).toThrow(EncodeError);
    writer.add(keepAlive(4));
    writer.flush();
    expect(frames.map(idsOf)).toEqual([[2, 4]]);
  });
});

describe('the longest message', () => {
  const url = 'u'.repeat(URL_BYTES_MAX);
  const urls = Array.from({ length: MEMBERS_MAX }, () => url);
  const text = 'x'.repeat(256);
  const entry = {
    key: new Uint8Array(KEY_BYTES_MAX),
    value: new Uint8Array(VALUE_BYTES_MAX),
    createRevision: ID,
    modRevision: ID,
    version: ID,
  };
  const failure = {
    code: 'not-leader',
    outcome: 'not-applied',
    leaderUrl: url,
    message: 'm'.repeat(EXPLANATION_BYTES_MAX),
  } as const;
  const directory = { leaderUrl: url, urls };
  const members = urls.map((address) => ({ id: text, address, role: 'learner' }) as const);
  const membership = { index: ID, isJoint: true, leader: text, members };
  const peers = urls.map(
    () => ({ id: text, matchIndex: ID, nextIndex: ID, flow: 'snapshot', silentMs: ID }) as const,
  );
  const status = {
    name: text,
    role: 'leader',
    term: ID,
    leader: text,
    commitIndex: ID,
    appliedIndex: ID,
    revision: ID,
    isRemoved: true,
    peers,
  } as const;
  const longest: ServerMessage[] = [
    { kind: 'hello', version: ID, cluster: text, node: text, clientUrl: url, directory },
    { kind: 'directory', directory },
    { kind: 'response', id: ID, response: { kind: 'value', entry, revision: ID } },
    { kind: 'response', id: ID, response: { kind: 'failed', failure } },
    { kind: 'response', id: ID, response: { kind: 'members', membership } },
    { kind: 'response', id: ID, response: { kind: 'status', status } },
  ];

  function changeTo(count: number): ClientMessage {
    const targets = Array.from({ length: count }, () => ({ id: text, address: url }));
    const [voters, learners] = [targets.slice(0, 2), targets.slice(2)];
    const change = { voters, learners, ifIndex: ID, force: true };
    return { kind: 'request', id: ID, request: { kind: 'changeMembership', change } };
  }

  it.each(longest)('of a node fits in a frame: $kind', (message) => {
    const frames: Uint8Array[] = [];
    const writer = serverFrameWriter((frame) => frames.push(frame));
    writer.add(message);
    writer.add(message);
    writer.flush();
    for (const frame of frames) expect(frame.length).toBeLessThanOrEqual(FRAME_BYTES_MAX);
    const again = frames.flatMap(decodeServerFrame).map(encodeServerMessage);
    expect(again.map((bytes) => isSame(encodeServerMessage(message), bytes))).toEqual([true, true]);
  });

  it.each([
    ['a write', put(ID, VALUE_BYTES_MAX, KEY_BYTES_MAX)],
    ['a change of membership', changeTo(MEMBERS_MAX)],
  ])('of a client fits in a frame: %s', (_, message) => {
    const bytes = encodeClientMessage(message);
    expect(bytes.length).toBeLessThanOrEqual(FRAME_BYTES_MAX);
    const [again] = decodeClientFrame(bytes).map(encodeClientMessage);
    expect(isSame(bytes, again)).toBe(true);
  });

  it('has no more members than there may be', () => {
    const message: ServerMessage = {
      kind: 'directory',
      directory: { leaderUrl: null, urls: [...urls, url] },
    };
    expect(() => encodeServerMessage(message)).toThrow(EncodeError);
    const more = { ...membership, members: [...members, ...members.slice(0, 1)] };
    const response = { kind: 'members', membership: more } as const;
    expect(() => encodeServerMessage({ kind: 'response', id: 1, response })).toThrow(EncodeError);
    const crowd = { kind: 'status', status: { ...status, peers: [...peers, ...peers.slice(0, 1)] } } as const;
    expect(() => encodeServerMessage({ kind: 'response', id: 1, response: crowd })).toThrow(EncodeError);
    expect(() => encodeClientMessage(changeTo(MEMBERS_MAX + 1))).toThrow(EncodeError);
  });

  it('names nobody by nothing', () => {
    const nameless = { voters: [{ id: '', address: null }], learners: [], ifIndex: null, force: false };
    const request = { kind: 'changeMembership', change: nameless } as const;
    expect(() => encodeClientMessage({ kind: 'request', id: 1, request })).toThrow(EncodeError);
  });
});

describe('a frame is refused', () => {
  const many = Buffer.concat(
    Array.from({ length: FRAME_MESSAGES_MAX + 1 }, (_, id) => encodeClientMessage(keepAlive(id))),
  );
  const full = encodeClientMessage(put(1, 1_000_000));

  it.each([
    ['without a message', new Uint8Array()],
    ['with half of one behind a whole one', Buffer.concat([full, full.subarray(0, 100)])],
    ['with something else behind a message', Buffer.concat([full, Uint8Array.of(9)])],
    ['with more messages than it may hold', many],
    ['that is longer than it may be, whatever it holds', Buffer.concat([full, full, full])],
  ])('%s', (_, bytes) => {
    expect(() => decodeClientFrame(bytes)).toThrow(DecodeError);
  });

  it('with a change that names more members than there may be, or one by nothing', () => {
    // The number of voters, then of learners: together one too many.
    const start = [1, 1, 6];
    const voter = [1, 97, 0];
    const voters = Array.from({ length: MEMBERS_MAX }, () => voter).flat();
    const frame = (learners: number[]) => Uint8Array.from([...start, 0x80, 8, ...voters, ...learners, 0, 0]);
    expect(decodeClientFrame(frame([0]))).toHaveLength(1);
    expect(() => decodeClientFrame(frame([1, ...voter]))).toThrow('the number of members');
    expect(() => decodeClientFrame(Uint8Array.from([...start, 1, 0, 0, 0, 0, 0]))).toThrow('an empty name');
  });

  it('with the place where it went wrong', () => {
    const bytes = Buffer.concat([encodeClientMessage(keepAlive(1)), Uint8Array.of(9)]);
    expect(() => decodeClientFrame(bytes)).toThrow(expect.objectContaining({ offset: bytes.length - 1 }));
  });
});

it('reads the value of a write without a copy, and what is kept with one', () => {
  const frame = encodeClientMessage(put(1, 100));
  const [message] = decodeClientFrame(frame);
  if (message?.kind !== 'request' || message.request.kind !== 'write') throw new Error('no write');
  expect(message.request.operation.key.buffer).toBe(frame.buffer);
  const get = encodeClientMessage({
    kind: 'request',
    id: 1,
    request: { kind: 'get', key: new Uint8Array(80), consistency: 'linearizable' },
  });
  const [read] = decodeClientFrame(get);
  if (read?.kind !== 'request' || read.request.kind !== 'get') throw new Error('no read');
  expect(read.request.key.buffer).not.toBe(get.buffer);
});
