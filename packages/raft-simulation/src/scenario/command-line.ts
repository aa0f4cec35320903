/** The grammar of one command: which words each takes. */

import { nodeId, type NodeId } from '@raftkv/core';
import type { Command, Link, Selection } from './command.ts';
import { parseGiven, parseOptions } from './given-line.ts';
import { ScenarioError } from './scenario-error.ts';

/** A command where it stands. */
export interface CommandLine {
  /** As written; it may go on in indented lines. */
  readonly text: string;
  /** In the text of the scenario, from 1 on. */
  readonly line: number;
  /** `quietly` stands before it: what it causes is checked, and not written. */
  readonly isQuiet: boolean;
  readonly command: Command;
}

const UNNOTICED = 'unnoticed';

/** The words of one line after its verb, taken from left to right. */
class Words {
  private readonly words: readonly string[];
  private readonly line: number;
  private at = 0;

  constructor(words: readonly string[], line: number) {
    this.words = words;
    this.line = line;
  }

  get isAtEnd(): boolean {
    return this.at >= this.words.length;
  }

  fail(why: string): never {
    throw new ScenarioError(this.line, why);
  }

  next(what: string): string {
    const word = this.words[this.at] ?? this.fail(`${what} is missing`);
    this.at += 1;
    return word;
  }

  rest(): readonly string[] {
    const rest = this.words.slice(this.at);
    this.at = this.words.length;
    return rest;
  }

  /** Takes `word` if it stands here. */
  takes(word: string): boolean {
    if (this.words[this.at] !== word) return false;
    this.at += 1;
    return true;
  }

  node(): NodeId {
    return parseNode(this.next('a node'), this.line);
  }

  nodes(): readonly NodeId[] {
    const nodes: NodeId[] = [];
    while (!this.isAtEnd && this.words[this.at] !== UNNOTICED) nodes.push(this.node());
    return nodes;
  }

  milliseconds(): number {
    const word = this.next('a time');
    const match = /^(\d+)ms$/u.exec(word) ?? this.fail(`a time is written 500ms, not '${word}'`);
    return Number(match[1]);
  }

  count(what: string): number {
    const word = this.next(what);
    return /^\d+$/u.test(word) ? Number(word) : this.fail(`${what} is a number, not '${word}'`);
  }

  /** Ends the line, where it stands: who sends snapshots does not hear what becomes of them. */
  isNoticed(): boolean {
    return !this.takes(UNNOTICED);
  }

  selection(): Selection {
    const links: Link[] = [];
    while (!this.isAtEnd && this.words[this.at] !== UNNOTICED) {
      if (this.takes('first')) return { links, which: 'first' };
      if (this.takes('last')) return { links, which: 'last' };
      links.push(this.link());
    }
    return { links, which: 'all' };
  }

  private link(): Link {
    const word = this.next('a link');
    const [from, to, ...more] = word.split('->');
    if (from === undefined || to === undefined || more.length > 0)
      this.fail(`a link is written a->b, not '${word}'`);
    return { from: parseNode(from, this.line), to: parseNode(to, this.line) };
  }
}

const VERBS: Readonly<Record<string, (words: Words, line: number) => Command>> = {
  cluster: (words, line) => {
    const { options, others } = parseOptions(words.rest(), line);
    const at = others.includes('joining') ? others.indexOf('joining') : others.length;
    const parse = (word: string) => parseNode(word, line);
    const [nodes, joining] = [others.slice(0, at).map(parse), others.slice(at + 1).map(parse)];
    if (nodes.length === 0) words.fail('a cluster has nodes');
    if (new Set([...nodes, ...joining]).size < nodes.length + joining.length)
      words.fail('a cluster names each node once');
    return { kind: 'cluster', nodes, joining, options };
  },
  given: (words, line) => ({ kind: 'given', ...parseGiven(words.rest(), line) }),
  campaign: (words) => ({ kind: 'campaign', node: words.node() }),
  elect: (words) => {
    const node = words.node();
    if (words.isAtEnd) return { kind: 'elect', node, voters: [] };
    return words.takes('by') ? { kind: 'elect', node, voters: words.nodes() } : words.fail('by whom?');
  },
  propose: (words) => {
    const node = words.node();
    const texts = words.rest();
    if (texts.length === 0) words.fail('a command to propose is missing');
    const odd = texts.find((text) => !/^[!-~]{1,16}$/u.test(text));
    if (odd !== undefined) words.fail(`a command is 1 to 16 characters of ASCII, not '${odd}'`);
    return { kind: 'propose', node, texts };
  },
  read: (words) => {
    const node = words.node();
    const asksLeader = words.takes('asking');
    const maxStalenessMs = words.takes('within') ? words.milliseconds() : 0;
    return { kind: 'read', node, asksLeader: asksLeader || maxStalenessMs > 0, maxStalenessMs };
  },
  change: (words, line) => {
    const node = words.node();
    const force = words.takes('forced');
    const ifIndex = words.takes('if') ? words.count('the index of a configuration') : null;
    if (!words.takes('to')) words.fail('to which voters?');
    const names = words.rest();
    const at = names.includes('learning') ? names.indexOf('learning') : names.length;
    const parse = (word: string) => parseNode(word, line);
    const [voters, learners] = [names.slice(0, at).map(parse), names.slice(at + 1).map(parse)];
    return { kind: 'change', node, voters, learners, ifIndex, force };
  },
  transfer: (words) => ({
    kind: 'transfer',
    node: words.node(),
    target: words.isAtEnd ? null : words.node(),
  }),
  compact: (words) => ({ kind: 'compact', node: words.node(), index: words.count('an index') }),
  doubt: (words) => ({ kind: 'doubt', node: words.node() }),
  tick: (words) => ({ kind: 'tick', node: words.node() }),
  advance: (words) => ({ kind: 'advance', ms: words.milliseconds() }),
  run: (words) => ({ kind: 'run', ms: words.milliseconds() }),
  deliver: (words) => ({ kind: 'deliver', ...words.selection(), isNoticed: words.isNoticed() }),
  drop: (words) => ({ kind: 'drop', ...words.selection(), isNoticed: words.isNoticed() }),
  repeat: (words) => ({ kind: 'repeat', ...words.selection() }),
  stabilize: (words) => ({ kind: 'stabilize', nodes: words.nodes() }),
  replicate: (words) => ({ kind: 'replicate', node: words.node(), peer: words.node() }),
  cut: (words) => {
    const nodes = words.nodes();
    if (nodes.length === 0) words.fail('a node is missing');
    return { kind: 'cut', nodes, isNoticed: words.isNoticed() };
  },
  heal: () => ({ kind: 'heal' }),
  connect: (words) => ({ kind: 'connect', node: words.node(), peer: words.node() }),
  disconnect: (words) => ({
    kind: 'disconnect',
    node: words.node(),
    peer: words.node(),
    processGone: words.takes('gone'),
  }),
  'stall-disk': (words) => ({ kind: 'stall-disk', node: words.node() }),
  'resume-disk': (words) => ({ kind: 'resume-disk', node: words.node() }),
  'fail-disk': (words) => ({ kind: 'fail-disk', node: words.node() }),
  'hold-machine': (words) => ({ kind: 'hold-machine', node: words.node() }),
  'release-machine': (words) => ({ kind: 'release-machine', node: words.node() }),
  sync: (words) => ({
    kind: 'sync',
    node: words.node(),
    write: words.isAtEnd ? null : words.count('a write'),
  }),
  crash: (words) => ({
    kind: 'crash',
    node: words.node(),
    keptWrites: words.takes('keeping') ? words.count('how many writes are kept') : 0,
  }),
  restart: (words) => ({ kind: 'restart', node: words.node() }),
  status: (words) => ({ kind: 'status', nodes: words.nodes() }),
  log: (words) => ({ kind: 'log', nodes: words.nodes() }),
  progress: (words) => ({ kind: 'progress', node: words.node() }),
};

const QUIETLY = 'quietly';

/** @throws {ScenarioError} if there is no such command, or its words make no sense. */
export function parseCommand(text: string, line: number): CommandLine {
  const words = text.split(/\s+/u).filter((word) => word !== '');
  const isQuiet = words[0] === QUIETLY;
  const [verb = '', ...others] = isQuiet ? words.slice(1) : words;
  const parse = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (parse === undefined)
    throw new ScenarioError(line, `no command '${verb}'; there are ${Object.keys(VERBS).join(', ')}`);
  const rest = new Words(others, line);
  const command = parse(rest, line);
  if (!rest.isAtEnd) throw new ScenarioError(line, `'${rest.next('a word')}' is too much for ${verb}`);
  return { text, line, isQuiet, command };
}

function parseNode(word: string, line: number): NodeId {
  if (!/^[a-z][a-z0-9]*$/u.test(word))
    throw new ScenarioError(line, `a node is named like a or n1, not '${word}'`);
  return nodeId(word);
}
