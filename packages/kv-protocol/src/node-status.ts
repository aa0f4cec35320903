/** What a node says of itself to an operator. */

import { DecodeError, EncodeError, type ByteReader, type ByteWriter } from '@raftkv/codec';
import { MEMBERS_MAX } from './limits.ts';
import { readName, readOptionalName, writeName, writeOptionalName } from './name.ts';
import { readBoolean } from './outcome.ts';

/** What a node is in its term; `failed` is for ever: it has to be started again. */
export type NodeRole = 'follower' | 'pre-candidate' | 'candidate' | 'leader' | 'failed';

/** How a leader sends the log to a peer. */
export type PeerFlow =
  /** It looks for where the logs part. */
  | 'probing'
  /** Entries go out as they come. */
  | 'replicating'
  /** Entries are read from the leader's disk first. */
  | 'fetching'
  /** The peer lacks more than the leader's log has: it gets a snapshot. */
  | 'snapshot';

/** What a leader knows of one peer. */
export interface PeerStatus {
  /** The peer's name. */
  readonly id: string;
  /** Up to here the peer holds the leader's log, as far as it has said so. */
  readonly matchIndex: number;
  /** The next entry to send to it. */
  readonly nextIndex: number;
  /** How it is sent to. */
  readonly flow: PeerFlow;
  /** How long ago it last answered; at the start of a leadership, since then. */
  readonly silentMs: number;
}

/** One node, as it knows itself at this moment; nobody else is asked. */
export interface NodeStatus {
  /** As the configuration names it. */
  readonly name: string;
  /** What it does in its term. */
  readonly role: NodeRole;
  /** The latest that it knows of; 0 before the first election. */
  readonly term: number;
  /** The name of the node that leads; `null` while it knows of none. */
  readonly leader: string | null;
  /** The last entry of the log that it knows to be committed. */
  readonly commitIndex: number;
  /** The last entry that its reads see. */
  readonly appliedIndex: number;
  /** Of the last change of a key. */
  readonly revision: number;
  /** It was removed, and knows: it takes no part any more, and may be stopped (R26). */
  readonly isRemoved: boolean;
  /** The others, in the order of the configuration, where it leads; else none. */
  readonly peers: readonly PeerStatus[];
}

/** The place in these lists is the byte. New ones go to the end. */
const ROLES: readonly NodeRole[] = ['follower', 'pre-candidate', 'candidate', 'leader', 'failed'];
const FLOWS: readonly PeerFlow[] = ['probing', 'replicating', 'fetching', 'snapshot'];

export function writeNodeStatus(writer: ByteWriter, status: NodeStatus): void {
  const { peers } = status;
  if (peers.length > MEMBERS_MAX) throw new EncodeError(`${peers.length} peers are more than ${MEMBERS_MAX}`);
  writeName(writer, status.name);
  writer.byte(ROLES.indexOf(status.role)).counter(status.term);
  writeOptionalName(writer, status.leader);
  writer.counter(status.commitIndex).counter(status.appliedIndex).counter(status.revision);
  writer.byte(status.isRemoved ? 1 : 0).counter(peers.length);
  for (const peer of peers) writePeer(writer, peer);
}

/** @throws {DecodeError} */
export function readNodeStatus(reader: ByteReader): NodeStatus {
  const name = readName(reader);
  const role = readOneOf(reader, ROLES, 'role of a node');
  const term = reader.counter();
  const leader = readOptionalName(reader);
  const [commitIndex, appliedIndex, revision] = [reader.counter(), reader.counter(), reader.counter()];
  const isRemoved = readBoolean(reader);
  const count = reader.counterUpTo(MEMBERS_MAX, 'the number of peers');
  const peers: PeerStatus[] = [];
  while (peers.length < count) peers.push(readPeer(reader));
  return { name, role, term, leader, commitIndex, appliedIndex, revision, isRemoved, peers };
}

function writePeer(writer: ByteWriter, { id, matchIndex, nextIndex, flow, silentMs }: PeerStatus): void {
  writeName(writer, id);
  writer.counter(matchIndex).counter(nextIndex).byte(FLOWS.indexOf(flow)).counter(silentMs);
}

function readPeer(reader: ByteReader): PeerStatus {
  const id = readName(reader);
  const [matchIndex, nextIndex] = [reader.counter(), reader.counter()];
  return { id, matchIndex, nextIndex, flow: readOneOf(reader, FLOWS, 'flow'), silentMs: reader.counter() };
}

function readOneOf<Word>(reader: ByteReader, words: readonly Word[], what: string): Word {
  const { offset } = reader;
  const word = words[reader.byte()];
  if (word === undefined) throw new DecodeError(`an unknown ${what}`, offset);
  return word;
}
