/** Which hellos are refused, with what code, and what the other side is told to do about it. Source: DESIGN §6, R27. */

import type { NodeId } from '@raftkv/core';
import type { Greeting } from '@raftkv/runtime';
import { DIGEST_BYTES, PROTOCOL_VERSION, type Hello, type Purpose } from './bytes/hello.ts';

/** Why a handshake came to nothing; docs/errors.md explains each. */
export type RefusalKind =
  | 'not-a-hello'
  | 'other-version'
  | 'other-cluster'
  | 'other-configuration'
  | 'unknown-node'
  | 'wrong-node'
  | 'self'
  | 'out-of-turn';

/** The codes with which a handshake is closed; fixed for ever, since they are the protocol. */
export const CLOSE_CODES: Readonly<Record<RefusalKind, number>> = {
  'not-a-hello': 4400,
  'other-version': 4401,
  'other-cluster': 4402,
  'other-configuration': 4403,
  'unknown-node': 4404,
  'wrong-node': 4405,
  self: 4406,
  'out-of-turn': 4407,
};

const KINDS = Object.keys(CLOSE_CODES).filter(isKind);

export interface Refusal {
  readonly kind: RefusalKind;
  readonly reason: string;
}

/** What this node holds a hello against. */
export interface OwnSide {
  readonly id: NodeId;
  readonly cluster: string;
  readonly configurationDigest: Uint8Array;
  /** The node has no member of any cluster before it: it waits to be added to one. */
  readonly isJoining: boolean;
  isPeer(id: NodeId): boolean;
}

/** In the place of the digest of a first configuration, where there is none: that of a node that is to join. */
export const JOINING_DIGEST: Uint8Array = new Uint8Array(DIGEST_BYTES);

/** The kind of a refusal by its code; `null` where that is no refusal's. */
export function refusalKindOf(code: number): RefusalKind | null {
  return KINDS.find((kind) => CLOSE_CODES[kind] === code) ?? null;
}

export function otherVersion(version: number): Refusal {
  return {
    kind: 'other-version',
    reason: `protocol version ${version} meets version ${PROTOCOL_VERSION}: run releases that share one`,
  };
}

/**
 * Who speaks, and does it mean this node? Comes before this node says anything of itself. Whom this node does not know is
 * heard where it belongs to the same cluster: the configuration here may be the older one (R24). A node that is to join
 * does not know who adds it: it hears whoever is of a cluster, of which the name is judged later.
 *
 * @param clusterId this node's own; `null` while it does not know it.
 */
export function judgeNames(
  own: OwnSide,
  { from, to, greeting }: Hello,
  clusterId: Uint8Array | null,
): Refusal | null {
  if (from === own.id) {
    return {
      kind: 'self',
      reason: `${name(from)} met itself: check the peer addresses, and that names are unique`,
    };
  }
  if (to !== own.id) {
    return {
      kind: 'wrong-node',
      reason: `${name(own.id)} is here, not ${name(to)}: check the address of ${name(to)}`,
    };
  }
  const isOfCluster =
    greeting.clusterId !== null &&
    (clusterId === null ? own.isJoining : areEqual(clusterId, greeting.clusterId));
  if (!own.isPeer(from) && !isOfCluster) {
    return {
      kind: 'unknown-node',
      reason: `${name(own.id)} knows no ${name(from)}: check names and peers of both`,
    };
  }
  return null;
}

/** A directory that began without members did so whatever this start was told. */
export function sideOf(own: OwnSide, { hasJoined }: Greeting): OwnSide {
  return hasJoined ? { ...own, configurationDigest: JOINING_DIGEST, isJoining: true } : own;
}

export function wrongNode(wanted: NodeId, found: NodeId): Refusal {
  return { kind: 'wrong-node', reason: `${found} is there, not ${wanted}: check the address of ${wanted}` };
}

/** The node may be of this cluster, but so may too many that nobody here knows. */
export function tooManyUnnamed(count: number): Refusal {
  return {
    kind: 'unknown-node',
    reason: `${count} nodes are heard that the configuration does not name: look whether all of them are meant to run`,
  };
}

/** Are both of one cluster? Name and first configuration count only until both know the cluster's id (R27). */
export function judgeCluster(own: OwnSide, greeting: Greeting, hello: Hello): Refusal | null {
  const [ours, theirs] = [greeting.clusterId, hello.greeting.clusterId];
  if (ours !== null && theirs !== null) {
    if (areEqual(ours, theirs)) return null;
    return {
      kind: 'other-cluster',
      reason: 'the ids of the clusters differ: check addresses and data directories',
    };
  }
  if (hello.cluster !== own.cluster) {
    const names = `${name(hello.cluster)} meets ${name(own.cluster)}`;
    return {
      kind: 'other-cluster',
      reason: `cluster ${names}: start both with one name, or check the address`,
    };
  }
  if (joins(greeting, own, hello)) return null;
  if (!areEqual(hello.configurationDigest, own.configurationDigest)) {
    return {
      kind: 'other-configuration',
      reason: 'the first configurations differ: start all members with the same members in the same order',
    };
  }
  return null;
}

/** One of the two has no first configuration, and the other is of a cluster that there is: the name has to do. */
function joins(greeting: Greeting, own: OwnSide, hello: Hello): boolean {
  const isOtherJoining = areEqual(hello.configurationDigest, JOINING_DIGEST);
  if (own.isJoining) return isOtherJoining || hello.greeting.clusterId !== null;
  return isOtherJoining && greeting.clusterId !== null;
}

/**
 * The node whose id comes first dials for the connection that stays, so that there is one. A snapshot is dialed by whoever
 * sends it, whatever its id: there is nothing to decide between two such connections, and to ask to be dialed would be one
 * more message that may be lost, with one more thing to wait for on either side.
 */
export function dials(from: NodeId, to: NodeId): boolean {
  return from < to;
}

/**
 * What comes of a hello. Where `to` is whose turn it is, and does not know `from`, it would never dial: then it takes the
 * connection that there is. So a member that lags behind a change of membership is reached by who came since (R24), and a
 * node that is to join by who adds it.
 */
export function purposeOf({ purpose, from, to }: Hello, isPeer: boolean): Purpose {
  return purpose === 'probe' && dials(to, from) && !isPeer ? 'stay' : purpose;
}

export function judgeTurn({ purpose, from, to }: Hello): Refusal | null {
  if (purpose !== 'stay' || dials(from, to)) return null;
  return {
    kind: 'out-of-turn',
    reason: `${name(to)} dials ${name(from)}, not the other way: run one release`,
  };
}

function isKind(text: string): text is RefusalKind {
  return Object.hasOwn(CLOSE_CODES, text);
}

/** As much of a name as fits in a close frame beside the rest. */
function name(text: string): string {
  return JSON.stringify(text.length > 24 ? `${text.slice(0, 24)}…` : text);
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
