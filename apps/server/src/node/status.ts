/** What a node says of itself to people and scripts. */

import type { Outcome } from '@raftkv/kv-protocol';
import type { KeyValueMachine } from '@raftkv/kv-state-machine';
import type { NodeStatus, RaftNode } from '@raftkv/runtime';
import type { ClientUrls } from './client-urls.ts';
import type { PeerUrls } from './peer-urls.ts';
import { VERSION } from '../version.ts';

/** One member, as this node knows it. */
export interface MemberStatus {
  /** As the configuration of the cluster has it. */
  readonly name: string;
  /** `null` until it has connected, which is when members tell each other. */
  readonly clientUrl: string | null;
  /** `null` where this node was not told. */
  readonly peerUrl: string | null;
  /** Voters decide; learners receive the log, and decide nothing. */
  readonly role: 'voter' | 'learner';
}

/** What a node says of itself; the JSON of `/v1/status`. */
export interface ServerStatus {
  /** Of this node. */
  readonly name: string;
  /** Of the release that it runs. */
  readonly version: string;
  /** `failed` is for ever: the node has to be started again. */
  readonly role: NodeStatus['role'];
  /** The latest that it knows of; 0 before the first election. */
  readonly term: number;
  /** The name of the node that leads; `null` while it knows of none. */
  readonly leader: string | null;
  /** The last entry of the log that is known to be committed. */
  readonly commitIndex: number;
  /** The last entry that reads see; at most `commitIndex`. */
  readonly appliedIndex: number;
  /** The last entry of its log, committed or not. */
  readonly lastIndex: number;
  /** The last entry that is on its disk; at most `lastIndex`. */
  readonly durableIndex: number;
  /** A snapshot holds all up to here, and the log begins behind it; 0 before the first one. */
  readonly snapshotIndex: number;
  /** Of the last change of a key. */
  readonly revision: number;
  /** How many there are. */
  readonly keys: number;
  /** In hexadecimal; `null` until it is known to be committed. */
  readonly clusterId: string | null;
  /** Empty, and waiting for all others to say that it was never a member before. */
  readonly isOnProbation: boolean;
  /** It was removed, and knows: it takes no part any more, and may be stopped. */
  readonly isRemoved: boolean;
  /** Of the entry that the configuration in force came with; 0 before the first change. */
  readonly configurationIndex: number;
  /** Of the configuration in force, in the order of their names; none where this node joins and was not told yet. */
  readonly members: readonly MemberStatus[];
}

export interface StatusSources {
  readonly name: string;
  readonly node: RaftNode<Outcome>;
  readonly machine: KeyValueMachine;
  readonly clientUrls: ClientUrls;
  readonly peerUrls: PeerUrls;
}

export function serverStatus({ name, node, machine, clientUrls, peerUrls }: StatusSources): ServerStatus {
  const { role, currentTerm, leader, clusterId, ...rest } = node.status();
  const { commitIndex, appliedIndex, lastIndex, durableIndex, snapshotIndex, isOnProbation, isRemoved } =
    rest;
  const members = node
    .members()
    .members.map((member) => ({
      name: member.id,
      clientUrl: clientUrls.of(member.id),
      peerUrl: peerUrls.of(member.id) ?? member.address,
      role: member.role,
    }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return {
    name,
    version: VERSION,
    role,
    term: currentTerm,
    leader,
    commitIndex,
    appliedIndex,
    lastIndex,
    durableIndex,
    snapshotIndex,
    revision: machine.revision,
    keys: machine.size,
    clusterId: clusterId === null ? null : Buffer.from(clusterId).toString('hex'),
    isOnProbation,
    isRemoved,
    configurationIndex: rest.configurationIndex,
    members,
  };
}
