/** Which peers are listened to. Rules R27, R28. */

import { emptyRecord, firstConfiguration, nodeId, recover, votersOf, type Configuration } from '@raftkv/core';
import { describe, expect, it } from 'vitest';

import { Admission, type AdmissionOptions } from '../../src/node/admission.ts';
import { Membership } from '../../src/node/membership.ts';
import { greeting } from '../support/greeting.ts';

const [A, B, C] = [nodeId('a'), nodeId('b'), nodeId('c')];

function filled(byte: number): Uint8Array {
  return new Uint8Array(16).fill(byte);
}

const MINE = filled(1);

/** As node `a` has it in its first configuration. */
function membershipOf(configuration: Configuration): Membership {
  const options = { id: A, seed: 1, clusterIdProposal: filled(0) };
  const record = emptyRecord(configuration);
  const hasJoined = votersOf(configuration).length === 0;
  const stored = { record, incarnation: MINE, clusterId: null, hasJoined, members: new Map() };
  return new Membership(recover(options, record, 0), stored);
}

function admission(options: Partial<AdmissionOptions> = {}): Admission {
  const membership = membershipOf(
    firstConfiguration([A, B, C].map((id) => ({ id, data: new Uint8Array(0) }))),
  );
  return new Admission({ incarnation: MINE, clusterId: null, members: new Map(), membership, ...options });
}

describe('R28: a peer that is met for the first time', () => {
  it('is listened to once its incarnation is remembered', () => {
    const peers = admission();
    expect(peers.isAdmitted(B)).toBe(false);
    expect(peers.onGreeting(B, greeting(), true)).toEqual({ kind: 'to-be-bound' });
    expect(peers.isAdmitted(B)).toBe(false);
    expect(peers.metAs(B)).toBeNull();
    peers.onBound(B);
    expect(peers.isAdmitted(B)).toBe(true);
    expect(peers.metAs(B)).toEqual(filled(2));
  });

  it('is remembered once, also where it connects again meanwhile', () => {
    const peers = admission();
    peers.onGreeting(B, greeting(), true);
    peers.onDisconnected(B);
    expect(peers.onGreeting(B, greeting(), true)).toEqual({ kind: 'being-bound' });
    peers.onBound(B);
    expect(peers.isAdmitted(B)).toBe(true);
  });

  it('is bound to what it said first, also while that is not yet remembered', () => {
    const peers = admission();
    peers.onGreeting(B, greeting(), true);
    const other = greeting({ incarnation: filled(3) });
    expect(peers.onGreeting(B, other, true)).toEqual({ kind: 'ignored', reason: 'other-incarnation' });
    peers.onBound(B);
    expect(peers.isAdmitted(B)).toBe(false);
  });

  it('is not listened to when it has gone before it was remembered', () => {
    const peers = admission();
    peers.onGreeting(B, greeting(), true);
    peers.onDisconnected(B);
    peers.onBound(B);
    expect(peers.isAdmitted(B)).toBe(false);
  });
});

describe('R28: a peer that was met before', () => {
  const members = new Map([[B, filled(2)]]);

  it('is listened to at once with the same data directory', () => {
    const peers = admission({ members });
    expect(peers.onGreeting(B, greeting({ metAs: MINE }), false)).toEqual({ kind: 'admitted' });
    expect(peers.isAdmitted(B)).toBe(true);
    peers.onDisconnected(B);
    expect(peers.isAdmitted(B)).toBe(false);
  });

  it('is ignored with another data directory, and has no say in whether this node was emptied', () => {
    const peers = admission({ members });
    const other = greeting({ incarnation: filled(3), metAs: filled(9) });
    expect(peers.onGreeting(B, other, false)).toEqual({ kind: 'ignored', reason: 'other-incarnation' });
    expect(peers.isAdmitted(B)).toBe(false);
  });
});

describe('R27: a peer that is none of this cluster', () => {
  it('is ignored where the configuration does not name it', () => {
    const verdict = admission().onGreeting(nodeId('d'), greeting(), true);
    expect(verdict).toEqual({ kind: 'ignored', reason: 'not-a-member' });
  });

  it('is ignored where both know their cluster and it is another', () => {
    const peers = admission({ clusterId: filled(7) });
    const other = greeting({ clusterId: filled(8), metAs: filled(9) });
    expect(peers.onGreeting(B, other, false)).toEqual({ kind: 'ignored', reason: 'other-cluster' });
    expect(peers.onGreeting(C, greeting(), false)).toEqual({ kind: 'to-be-bound' });
  });

  it('is ignored from when this node learns its own cluster', () => {
    const peers = admission({ members: new Map([B, C].map((peer) => [peer, filled(2)])) });
    peers.onGreeting(B, greeting({ clusterId: filled(8) }), false);
    peers.onGreeting(C, greeting({ clusterId: filled(7) }), false);
    expect(peers.onClusterId(filled(7))).toEqual([B]);
    expect([B, C].map((peer) => peers.isAdmitted(peer))).toEqual([false, true]);
  });
});

describe('R28: a node that a peer has met with another data directory', () => {
  it('is the emptied one', () => {
    expect(admission().onGreeting(B, greeting({ metAs: filled(9) }), true)).toEqual({ kind: 'emptied' });
  });
});

describe('R28: an empty node that meets a peer with a log', () => {
  const withLog = greeting({ hasLog: true });

  it('is on probation until every other voter has vouched for it', () => {
    const peers = admission();
    peers.onGreeting(B, withLog, true);
    expect(peers.isOnProbation).toBe(true);
    expect(peers.missingVouchers()).toEqual([C]);
    peers.onGreeting(C, greeting({ hasLog: true, metAs: MINE }), true);
    expect(peers.isOnProbation).toBe(false);
  });

  it('counts those that vouched before, when nobody had a log', () => {
    const peers = admission();
    peers.onGreeting(C, greeting(), true);
    peers.onDisconnected(C);
    expect(peers.isOnProbation).toBe(false);
    peers.onGreeting(B, withLog, true);
    expect(peers.isOnProbation).toBe(false);
  });

  it('is not vouched for by a peer that it does not listen to', () => {
    const peers = admission({ members: new Map([[C, filled(2)]]) });
    peers.onGreeting(B, withLog, true);
    peers.onGreeting(C, greeting({ incarnation: filled(3) }), true);
    expect(peers.isOnProbation).toBe(true);
  });

  it('is not on probation once it holds something itself, nor where nobody has a log', () => {
    const used = admission();
    used.onGreeting(B, withLog, false);
    expect(used.isOnProbation).toBe(false);
    const fresh = admission();
    fresh.onGreeting(B, greeting(), true);
    expect(fresh.isOnProbation).toBe(false);
  });
});
