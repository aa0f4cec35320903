/** Members in processes of their own: starts and kills them, and passes on what they say to each other. */

import { nodeId, type NodeId } from '@raftkv/core';
import type { Greeting, NodeStatus } from '@raftkv/runtime';
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { SERIALIZATION, type Order, type Word } from './protocol.ts';

const MEMBER = join(import.meta.dirname, 'member-main.js');

interface Member {
  readonly id: NodeId;
  readonly child: ChildProcess;
  /** Its greetings to those that it is not yet connected with. */
  readonly greetings: Map<NodeId, Greeting>;
  isReady: boolean;
  /** Was it killed, or told to close? */
  isToEnd: boolean;
  status: NodeStatus | null;
}

/** Words that are not about the connections. */
export type Answer = Extract<Word, { kind: 'applied' | 'refused' | 'report' | 'failed' }>;

export class ProcessCluster {
  readonly ids: readonly NodeId[];
  private readonly directory: string;
  private readonly members = new Map<NodeId, Member>();
  /** Hears what members answer, and that something has changed. */
  private readonly onAnswer: (id: NodeId, answer: Answer) => void;
  private readonly onChange: () => void;

  constructor(
    names: readonly string[],
    directory: string,
    onAnswer: (id: NodeId, answer: Answer) => void,
    onChange: () => void,
  ) {
    this.ids = names.map(nodeId);
    this.directory = directory;
    this.onAnswer = onAnswer;
    this.onChange = onChange;
  }

  /** The member that says it leads the highest term. */
  get leader(): NodeId | null {
    let leader: Member | null = null;
    for (const member of this.members.values()) {
      if (member.status?.role !== 'leader') continue;
      if (leader === null || member.status.currentTerm > (leader.status?.currentTerm ?? 0)) leader = member;
    }
    return leader?.id ?? null;
  }

  /** What each member last said of itself, for whoever wonders why nothing goes on. */
  describe(): string {
    const states = this.ids.map((id) => {
      const status = this.members.get(id)?.status;
      return status === undefined || status === null
        ? `${id}: ${this.members.has(id) ? 'silent' : 'down'}`
        : `${id}: ${JSON.stringify(status)}`;
    });
    return states.join('\n');
  }

  get living(): readonly NodeId[] {
    return [...this.members.keys()];
  }

  start(id: NodeId): void {
    const args = [id, this.ids.join(','), join(this.directory, id)];
    const child = fork(MEMBER, args, {
      serialization: SERIALIZATION,
      // Not what a test runner was started with: a member runs as it was built.
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const member: Member = { id, child, greetings: new Map(), isReady: false, isToEnd: false, status: null };
    this.members.set(id, member);
    child.on('message', (word: Word) => this.onWord(member, word));
    child.on('exit', () => this.onExit(member));
    // A frame to a process that is just being killed is lost, as it would be on a network.
    child.on('error', () => {});
  }

  /** As `kill -9`. Resolves when the process is gone. */
  kill(id: NodeId): Promise<void> {
    return this.gone(id, (child) => child.kill('SIGKILL'));
  }

  close(id: NodeId): Promise<void> {
    return this.gone(id, () => this.order(id, { kind: 'close' }));
  }

  order(id: NodeId, order: Order): void {
    const child = this.members.get(id)?.child;
    if (child?.connected === true) child.send(order, () => {});
  }

  private gone(id: NodeId, end: (child: ChildProcess) => void): Promise<void> {
    const member = this.members.get(id);
    if (member === undefined) return Promise.resolve();
    member.isToEnd = true;
    const { child } = member;
    return new Promise((resolve) => {
      child.once('exit', () => resolve());
      end(child);
    });
  }

  private onWord(member: Member, word: Word): void {
    if (this.members.get(member.id) !== member) return;
    switch (word.kind) {
      case 'ready':
        member.isReady = true;
        for (const other of this.members.values())
          if (other !== member && other.isReady) this.introduce(member, other);
        return;
      case 'greeting':
        member.greetings.set(word.peer, word.greeting);
        return this.connect(member, word.peer);
      case 'frame':
        return this.order(word.to, { kind: 'frame', from: member.id, messages: word.messages });
      case 'status':
        member.status = word.status;
        return this.onChange();
      case 'applied':
      case 'refused':
      case 'report':
      case 'failed':
        return this.onAnswer(member.id, word);
    }
  }

  private introduce(one: Member, other: Member): void {
    this.order(one.id, { kind: 'greet', peer: other.id });
    this.order(other.id, { kind: 'greet', peer: one.id });
  }

  /** Once both have greeted, each hears the other. */
  private connect(member: Member, peer: NodeId): void {
    const other = this.members.get(peer);
    const [greeting, answer] = [member.greetings.get(peer), other?.greetings.get(member.id)];
    if (greeting === undefined || answer === undefined) return;
    member.greetings.delete(peer);
    other?.greetings.delete(member.id);
    this.order(peer, { kind: 'connected', peer: member.id, greeting });
    this.order(member.id, { kind: 'connected', peer, greeting: answer });
  }

  private onExit(member: Member): void {
    if (this.members.get(member.id) !== member) return;
    this.members.delete(member.id);
    if (!member.isToEnd) this.onAnswer(member.id, { kind: 'failed', error: 'its process ended by itself' });
    for (const other of this.members.values()) {
      other.greetings.delete(member.id);
      this.order(other.id, { kind: 'disconnected', peer: member.id });
    }
    this.onChange();
  }
}
