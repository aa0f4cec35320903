/** What the host decides for a node: what is refused, by name, and what is filled in. */

import { describe, expect, it } from 'vitest';
import { completeOptions, OptionsError, type NodeOptions } from '../../src/contract/options.ts';
import { nodeId, recover } from '../../src/index.ts';
import { record } from '../support/test-node.ts';

const GIVEN: NodeOptions = { id: nodeId('a'), seed: 1, clusterIdProposal: new Uint8Array(16) };

const LIMITS = [
  'heartbeatMs',
  'electionTimeoutMinMs',
  'electionTimeoutMaxMs',
  'commitNoticeMs',
  'appendBytesMax',
  'inFlightAppendsMax',
  'inFlightBytesMax',
  'uncommittedBytesMax',
  'waitingReadsMax',
  'catchUpEntriesMax',
  'applyBytesMax',
  'tailEntriesMax',
  'tailBytesMax',
  'peerTailBytesMax',
  'snapshotTimeoutMs',
  'compactionWaitMaxMs',
  'clockDriftMaxMs',
] as const;

/** What options with these fields are refused for; `null` where they are taken. */
function refusal(fields: Partial<NodeOptions>): OptionsError | null {
  try {
    completeOptions({ ...GIVEN, ...fields });
    return null;
  } catch (error) {
    if (error instanceof OptionsError) return error;
    throw error;
  }
}

describe('options', () => {
  it('are completed with those that a host need not know', () => {
    expect(completeOptions(GIVEN)).toEqual({
      ...GIVEN,
      heartbeatMs: 100,
      electionTimeoutMinMs: 500,
      electionTimeoutMaxMs: 1000,
      commitNoticeMs: 5,
      appendBytesMax: 2 ** 20,
      inFlightAppendsMax: 64,
      inFlightBytesMax: 8 * 2 ** 20,
      uncommittedBytesMax: 64 * 2 ** 20,
      waitingReadsMax: 10_000,
      catchUpEntriesMax: 1024,
      applyBytesMax: 8 * 2 ** 20,
      tailEntriesMax: 1024,
      tailBytesMax: 16 * 2 ** 20,
      peerTailBytesMax: 64 * 2 ** 20,
      leasePromiseMs: 0,
      snapshotTimeoutMs: 300_000,
      compactionWaitMaxMs: 10_000,
      clockDriftMaxMs: 20,
    });
  });

  it('are the host’s where it gives them', () => {
    const fields = { heartbeatMs: 20, electionTimeoutMinMs: 40, electionTimeoutMaxMs: 41, tailEntriesMax: 1 };
    expect(completeOptions({ ...GIVEN, ...fields })).toMatchObject(fields);
  });

  for (const name of LIMITS) {
    it(`refuse ${name} that is no integer of at least 1, and name it`, () => {
      for (const value of [0, -1, 1.5, Number.NaN, Infinity, 2 ** 53, '5']) {
        const error = refusal({ [name]: value });
        expect(error?.code).toBe('RAFT_OPTIONS');
        expect(error?.message).toContain(`${name} must be an integer of at least 1`);
      }
    });
  }

  it('know no lease unless asked for one, which is within the election timeout and above the drift (R20)', () => {
    const [least, most] = [{ leasePromiseMs: 21 }, { leasePromiseMs: 500 }];
    expect([refusal(least), refusal(most)]).toEqual([null, null]);
    expect(refusal({ leasePromiseMs: -1 })?.message).toContain('must be an integer of at least 0');
    expect(refusal({ leasePromiseMs: 501 })?.message).toContain('at most electionTimeoutMinMs');
    expect(refusal({ leasePromiseMs: 20 })?.message).toContain('above clockDriftMaxMs');
  });

  it('cover every limit that has a default', () => {
    const { id, seed, clusterIdProposal, ...limits } = completeOptions(GIVEN);
    expect(Object.keys(limits).toSorted()).toEqual([...LIMITS, 'leasePromiseMs'].toSorted());
    expect({ id, seed, clusterIdProposal }).toEqual(GIVEN);
  });

  it('refuse an empty id, and name it', () => {
    expect(refusal({ id: '' as NodeOptions['id'] })?.message).toContain('id must not be empty');
  });

  it('refuse a seed that is no safe integer, and name it', () => {
    for (const seed of [0.5, Number.NaN, Infinity, 2 ** 53])
      expect(refusal({ seed })?.message).toContain('seed');
    for (const seed of [0, -7, 2 ** 53 - 1]) expect(refusal({ seed })).toBeNull();
  });

  it('refuse an id of the cluster of any length but 16, and name it', () => {
    for (const length of [0, 15, 17]) {
      const error = refusal({ clusterIdProposal: new Uint8Array(length) });
      expect(error?.message).toContain('clusterIdProposal must be 16');
    }
  });

  it('refuse an election timeout that one lost heartbeat exhausts', () => {
    const times = { electionTimeoutMinMs: 500, electionTimeoutMaxMs: 1000 };
    expect(refusal({ ...times, heartbeatMs: 251 })?.message).toContain('electionTimeoutMinMs must be');
    expect(refusal({ ...times, heartbeatMs: 250 })).toBeNull();
  });

  it('refuse election timeouts without a span to draw from', () => {
    const equal = { electionTimeoutMinMs: 500, electionTimeoutMaxMs: 500 };
    expect(refusal(equal)?.message).toContain('electionTimeoutMaxMs must be above');
    expect(refusal({ ...equal, electionTimeoutMaxMs: 501 })).toBeNull();
  });

  it('are refused before a node starts', () => {
    expect(() => recover({ ...GIVEN, heartbeatMs: 0 }, record({}), 0)).toThrow(OptionsError);
  });
});
