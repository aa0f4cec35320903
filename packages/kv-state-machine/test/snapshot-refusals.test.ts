/** What is no snapshot is refused, and leaves the machine as it was: rule R34, and DESIGN §4 for what a format says. */

import { ByteWriter } from '@raftkv/codec';
import { describe, expect, it } from 'vitest';
import { KeyValueMachine, SnapshotRefusedError } from '../src/index.ts';
import { INITIAL_LIMITS, LIMITS_MAX } from '../src/limits.ts';
import { writeRecord, type SnapshotRecord, type StateRecord } from '../src/snapshot-records.ts';
import { digest } from './support/digest.ts';
import { bytes, nonce, small } from './support/feed.ts';
import { inPieces, restored, snapshot } from './support/snapshots.ts';

const HEAD_BYTES = 12;

/** What `restore` throws; a machine that refuses is as it was. */
async function refusal(content: AsyncIterable<Uint8Array>): Promise<unknown> {
  const machine = small().machine;
  const before = digest(machine);
  const thrown: unknown = await machine.snapshots.restore(content).catch((error: unknown) => error);
  if (thrown !== undefined && digest(machine) !== before) throw new Error('refused, and changed');
  return thrown;
}

/** What becomes of a machine that is given `content`. */
async function verdictOf(content: Uint8Array): Promise<string> {
  try {
    const machine = await restored(content, [16]);
    return Buffer.from(content).equals(await snapshot(machine)) ? 'another state' : 'other bytes';
  } catch (error) {
    return error instanceof SnapshotRefusedError ? 'refused' : String(error);
  }
}

const STATE: StateRecord = {
  kind: 'state',
  appliedIndex: 9,
  machineVersion: 1,
  limits: INITIAL_LIMITS,
  revision: 5,
};

function key(name: string, createRevision = 2, modRevision = 3, version = 1): SnapshotRecord {
  return { kind: 'key', entry: { key: name, value: '', createRevision, modRevision, version } };
}

function session(id: number, mark = 1, number = id): SnapshotRecord {
  return { kind: 'session', id, mark, nonce: Buffer.from(nonce(number)).toString('latin1') };
}

function reply(sequence: number): SnapshotRecord {
  return { kind: 'reply', sequence, outcome: { kind: 'put', revision: 2, version: 1 } };
}

function end(keys: number, sessions: number, replies: number): SnapshotRecord {
  return { kind: 'end', keys, sessions, replies };
}

function withLimits(limits: Partial<typeof INITIAL_LIMITS>): SnapshotRecord {
  return { ...STATE, limits: { ...INITIAL_LIMITS, ...limits } };
}

async function contentOf(records: readonly SnapshotRecord[]): Promise<Uint8Array> {
  const writer = new ByteWriter().raw((await snapshot(new KeyValueMachine())).subarray(0, HEAD_BYTES));
  for (const record of records) {
    const one = new ByteWriter();
    writeRecord(one, record);
    writer.uint32(one.length).raw(one.written());
  }
  return writer.finish();
}

describe('a snapshot that is none', () => {
  it('is refused wherever it was cut, and leaves the machine as it was', async () => {
    const content = await snapshot(small().machine);
    for (let length = 0; length < content.length; length += 1) {
      expect(await refusal(inPieces(content.subarray(0, length), [16]))).toBeInstanceOf(SnapshotRefusedError);
    }
  });

  it('is refused with bytes behind its end', async () => {
    const content = await snapshot(small().machine);
    for (const more of [bytes('x'), content, content.subarray(HEAD_BYTES), new Uint8Array(4)]) {
      const longer = new Uint8Array(Buffer.concat([content, more]));
      expect(await refusal(inPieces(longer, [16]))).toBeInstanceOf(SnapshotRefusedError);
    }
  });

  it('is refused with any bit turned, or is the snapshot of another state, which has these very bytes', async () => {
    const content = await snapshot(small().machine);
    const verdicts = new Set<string>();
    for (let bit = 0; bit < content.length * 8; bit += 1) {
      const turned = content.slice();
      turned[bit >> 3]! ^= 1 << (bit & 7);
      verdicts.add(await verdictOf(turned));
    }
    // Any bit of a value may turn: it is no checksum that stands here. Those of the storage and of the transfer do that.
    expect([...verdicts].toSorted()).toEqual(['another state', 'refused']);
  });

  it('of a format that is not known is refused naming both versions', async () => {
    const content = await snapshot(small().machine);
    content[8] = 9;
    expect(await refusal(inPieces(content, [16]))).toMatchObject({
      code: 'MACHINE_SNAPSHOT',
      offset: 8,
      message: expect.stringMatching(/format version 9, this release reads version 1:/) as string,
    });
  });

  it('is refused at a length that no record has, before anything is kept for it', async () => {
    const head = (await snapshot(new KeyValueMachine())).subarray(0, HEAD_BYTES);
    const announced = new ByteWriter().raw(head).uint32(0xffff_ffff).finish();
    expect(await refusal(inPieces(announced, [16]))).toMatchObject({
      message: expect.stringMatching(/a record of 4294967295 bytes/) as string,
    });
  });

  it('passes on what its source throws, and leaves the machine as it was', async () => {
    const content = await snapshot(small().machine);
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield content.subarray(0, 100);
      throw new RangeError('the disk is gone');
    }
    expect(await refusal(broken())).toEqual(new RangeError('the disk is gone'));
  });
});

describe('records that no machine writes are refused:', () => {
  const REFUSED: readonly (readonly [string, readonly SnapshotRecord[], RegExp])[] = [
    ['no state in front', [key('a'), end(1, 0, 0)], /the first record is of kind key/],
    ['a second state', [STATE, STATE, end(0, 0, 0)], /a second state/],
    [
      'another machine version',
      [{ ...STATE, machineVersion: 2 }, end(0, 0, 0)],
      /machine version 2, .* version 1:/,
    ],
    ['a revision of no store', [{ ...STATE, revision: 0 }, end(0, 0, 0)], /below that of an empty store/],
    ['an empty key', [STATE, key(''), end(1, 0, 0)], /a key that is not above/],
    ['keys out of order', [STATE, key('b'), key('a'), end(2, 0, 0)], /a key that is not above/],
    ['one key twice', [STATE, key('a'), key('a'), end(2, 0, 0)], /a key that is not above/],
    ['a key from the future', [STATE, key('a', 2, 6), end(1, 0, 0)], /revisions that contradict/],
    ['a key changed before it was made', [STATE, key('a', 4, 3), end(1, 0, 0)], /revisions that contradict/],
    [
      'a key made before the first change',
      [STATE, key('a', 1, 3), end(1, 0, 0)],
      /revisions that contradict/,
    ],
    ['a key of no version', [STATE, key('a', 2, 3, 0), end(1, 0, 0)], /without a version/],
    ['a key behind a session', [STATE, session(1), key('a'), end(1, 1, 0)], /a key behind a session/],
    ['sessions out of order', [STATE, session(2), session(1), end(0, 2, 0)], /a session that is not above/],
    ['one session twice', [STATE, session(2), session(2, 1, 3), end(0, 2, 0)], /a session that is not above/],
    ['a session from the future', [STATE, session(10), end(0, 1, 0)], /not opened yet/],
    ['a session of no mark', [STATE, session(1, 0), end(0, 1, 0)], /without a mark/],
    ['two sessions of one nonce', [STATE, session(1), session(2, 1, 1), end(0, 2, 0)], /a nonce of two/],
    ['sessions beyond the limit', [withLimits({ sessionsMax: 1 }), session(1), session(2)], /more sessions/],
    ['a reply of no session', [STATE, reply(1), end(0, 0, 1)], /a reply of no session/],
    ['a reply below the mark', [STATE, session(1, 3), reply(2), end(0, 1, 1)], /a reply that is not above/],
    ['one reply twice', [STATE, session(1), reply(2), reply(2), end(0, 1, 2)], /a reply that is not above/],
    ['a reply beyond the window', [STATE, session(1), reply(4097), end(0, 1, 1)], /beyond the window/],
    [
      'replies beyond the limit',
      [withLimits({ repliesMax: 1 }), session(1), reply(1), reply(2)],
      /more replies/,
    ],
    [
      'bytes of replies beyond the limit',
      [withLimits({ replyBytesMax: 2 }), session(1), reply(1)],
      /more replies/,
    ],
    ['another number of keys', [STATE, key('a'), end(2, 0, 0)], /more or fewer records/],
    ['another number of sessions', [STATE, session(1), end(0, 0, 0)], /more or fewer records/],
    ['another number of replies', [STATE, session(1), reply(1), end(0, 1, 0)], /more or fewer records/],
    ['a record behind the end', [STATE, end(0, 0, 0), end(0, 0, 0)], /behind the end/],
    ['no end', [STATE, key('a')], /the end is missing/],
    ...(['sessionsMax', 'repliesMax', 'replyBytesMax', 'sequenceWindow'] as const).map(
      (name) =>
        [
          `a limit above what it may be: ${name}`,
          [withLimits({ [name]: LIMITS_MAX[name] + 1 }), end(0, 0, 0)],
          /, above \d+,/,
        ] as const,
    ),
  ];

  it.each(REFUSED)('%s', async (_, records, message) => {
    const thrown = await refusal(inPieces(await contentOf(records), [100]));
    expect(thrown).toBeInstanceOf(SnapshotRefusedError);
    expect(String(thrown)).toMatch(message);
  });

  it('but not those that contradict nothing', async () => {
    const limits = { sessionsMax: 2, repliesMax: 2, replyBytesMax: 6, sequenceWindow: 10 };
    const records = [
      withLimits(limits),
      key('a'),
      key('b', 5, 5),
      session(4, 3),
      reply(3),
      reply(12),
      session(9, 4),
      end(2, 2, 2),
    ];
    const content = await contentOf(records);
    const machine = await restored(content);
    expect(machine.limits).toEqual(limits);
    expect(await snapshot(machine)).toEqual(content);
  });
});
