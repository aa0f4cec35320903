import { logIndex, nodeId, term, type Entry, type NodeState } from '@raftkv/core';
import { describe, expect, it } from 'vitest';
import { runScenario } from '../../src/scenario/index.ts';
import { flushThen, stepAfter, violated } from './support.ts';

/** Forgets its vote whenever it is asked for one. */
const forgetsVotes = stepAfter((state, input) =>
  input.kind === 'receive' && input.message.kind === 'voteRequest' ? { ...state, votedFor: null } : state,
);

/** Answers before its writes are done. */
const answersEarly = flushThen((flushed) => ({
  ...flushed,
  effects: flushed.effects.map((effect) =>
    effect.kind === 'send' ? { ...effect, afterWrite: 0 as typeof effect.afterWrite } : effect,
  ),
}));

/** Takes its reads for confirmed before anyone has answered. */
const confirmsReadsItself = stepAfter((state, input) =>
  input.kind === 'read' ? withAllRoundsEchoed(state) : state,
);

const repeatsOutcomes = flushThen((flushed) => ({
  ...flushed,
  effects: flushed.effects.flatMap((effect) =>
    Array.from({ length: effect.kind === 'result' ? 2 : 1 }, () => effect),
  ),
}));

/** As one node; the others are the shipped ones. */
const isB = ({ options }: NodeState) => options.id === 'b';

const forgetsItsTerm = stepAfter((state, input) =>
  input.kind === 'read' ? { ...state, currentTerm: term(0) } : state,
);

const forgetsItsCommit = stepAfter((state, input) =>
  input.kind === 'read' ? { ...state, commitIndex: logIndex(0) } : state,
);

const followsAnother = stepAfter((state) => (isB(state) ? { ...state, termLeader: nodeId('c') } : state));

const writesWhatItWasNotSent = flushThen((flushed) => ({
  ...flushed,
  effects: flushed.effects.map((effect) =>
    effect.kind === 'persist' && isB(flushed.state)
      ? { ...effect, entries: effect.entries.map(garbled) }
      : effect,
  ),
}));

const appliesWhatItWasNotSent = flushThen((flushed) => ({
  ...flushed,
  effects: flushed.effects.map((effect) =>
    effect.kind === 'apply' && isB(flushed.state)
      ? { ...effect, entries: effect.entries.map(garbled) }
      : effect,
  ),
}));

function garbled(entry: Entry): Entry {
  return { ...entry, data: new Uint8Array(3) };
}

/** Takes an entry for committed that a majority holds, whatever its term (Raft Figure 8). */
const commitsOlderTerms = stepAfter((state) => {
  if (state.role.kind !== 'leader') return state;
  const matches = [state.disk.durableIndex, ...state.role.progress.map(({ matchIndex }) => matchIndex)];
  const held = matches.toSorted((one, other) => other - one)[Math.floor(matches.length / 2)];
  return held !== undefined && held > state.commitIndex ? { ...state, commitIndex: held } : state;
});

/** Takes what its machine is still restoring for restored. */
const appliesWhileItRestores = stepAfter((state) => ({ ...state, appliedIndex: state.handedApply }));

/** Takes a snapshot for written that it was only sent. */
const restoresWhatItMayLose = stepAfter((state) => {
  const { disk, log } = state;
  return disk.durableIndex < log.base.index
    ? { ...state, disk: { ...disk, durableIndex: log.base.index } }
    : state;
});

/** Goes on behind a snapshot that its machine was never handed. */
const restoresNothing = stepAfter((state) => {
  const { index } = state.log.base;
  return state.handedApply < index ? { ...state, handedApply: index, appliedIndex: index } : state;
});

/** Names a snapshot's own index as that of its configuration. */
const misnamesConfigurations = stepAfter((state) => {
  const { base } = state.log;
  return { ...state, log: { ...state.log, base: { ...base, configurationIndex: base.index } } };
});

/** Its snapshots are of more than is committed. */
const compactsTooMuch = stepAfter((state) => {
  const { log, commitIndex } = state;
  return log.base.index > 0 && log.base.index === commitIndex
    ? { ...state, log: { ...log, base: { ...log.base, index: logIndex(commitIndex + 1) } } }
    : state;
});

function withAllRoundsEchoed(state: NodeState): NodeState {
  if (state.role.kind !== 'leader') return state;
  const echoedRound = (state.role.round + 1) as typeof state.role.round;
  return {
    ...state,
    role: { ...state.role, progress: state.role.progress.map((one) => ({ ...one, echoedRound })) },
  };
}

const DEPOSED = [
  'cluster a b c',
  'elect a',
  'stabilize',
  'cut a',
  'advance 500ms',
  'elect b',
  'stabilize b c',
  'propose b x=1',
  'stabilize b c',
  'read a',
];

const ELECTED = ['cluster a b c', 'elect a', 'stabilize', 'run 5ms'];

const BEHIND = [
  'given commit=3 a=leader t2 base=3@t1 [4@t2] b=follower t2 [1..3@t1 4@t2] c=follower t2 [1@t1]',
  'replicate a b',
  'hold-machine c',
];

const COMPACTED = [...ELECTED, 'propose a x=1', 'stabilize', 'run 5ms', 'compact b 2'];

const TWO_CANDIDATES = [
  'cluster a b c',
  'campaign a',
  'campaign b',
  'deliver',
  'deliver',
  'deliver a->c',
  'deliver b->c',
];

describe('a core that breaks a promise is found out, by the name of the promise', () => {
  it.each([
    ['forgets its term', forgetsItsTerm, [...ELECTED, 'read b'], 'term-monotonic'],
    ['forgets what is committed', forgetsItsCommit, [...ELECTED, 'read b'], 'commit-monotonic'],
    ['blames its leader', followsAnother, [...ELECTED, 'propose a x=1', 'deliver a->b'], 'election-safety'],
    ['writes something else', writesWhatItWasNotSent, ELECTED, 'log-matching'],
    ['applies something else', appliesWhatItWasNotSent, ELECTED, 'state-machine-safety'],
    ['forgets its vote', forgetsVotes, TWO_CANDIDATES, 'one-vote-per-term'],
    [
      'answers before its disk does',
      answersEarly,
      ['cluster a b c', 'stall-disk b', 'stall-disk c', 'elect a', 'stabilize'],
      'committed-is-durable',
    ],
    ['confirms its reads itself', confirmsReadsItself, DEPOSED, 'linearizable-read'],
    [
      'applies while it restores',
      appliesWhileItRestores,
      [...BEHIND, 'replicate a c'],
      'state-machine-safety',
    ],
    [
      'restores what it may lose',
      restoresWhatItMayLose,
      [...BEHIND, 'stall-disk c', 'replicate a c', 'advance 600ms'],
      'apply-durable',
    ],
    ['restores nothing', restoresNothing, [...BEHIND, 'replicate a c'], 'state-machine-safety'],
    ['misnames configurations', misnamesConfigurations, [...COMPACTED, 'read b'], 'log-matching'],
    ['compacts too much', compactsTooMuch, [...COMPACTED, 'read b'], 'state-machine-safety'],
    ['answers twice', repeatsOutcomes, ['cluster a', 'campaign a', 'propose a x=1'], 'one-outcome'],
  ] as const)('%s', (_, core, commands, name) => {
    expect(violated(core, ...commands)).toEqual([name]);
    expect(violated({}, ...commands)).toEqual([]);
  });

  it('commits an older term by counting', () => {
    const commands = [
      'given batch=1 a=leader t4 [1@t1 2@t2 3@t4] b=follower t4 [1@t1 2@t2] c=follower t4 [1@t1 2@t2] d=follower t4 [1@t1] e=down t3 vote=e [1@t1 2@t3] commit=1',
      'tick a',
      'drop',
      'crash a',
      'restart e',
      'advance 500ms',
      'elect e by b c d',
      'elect e by b c d',
    ];
    expect(violated(commitsOlderTerms, ...commands)).toEqual(['leader-completeness']);
    expect(violated({}, ...commands)).toEqual([]);
  });
});

describe('what cannot be is not given', () => {
  it.each([
    ['election-safety', 'a=leader t4 [1@t4] b=leader t4 [1@t4] c=follower t4 []'],
    [
      'leader-completeness',
      'a=leader t4 [1@t1 2@t4] b=follower t4 [1..2@t1] c=follower t4 [1..2@t1] commit=2',
    ],
    ['committed-is-durable', 'a=follower t1 [1..2@t1] b=follower t1 [1@t1] c=follower t1 [] commit=2'],
    ['log-matching', 'a=follower t2 [1@t1 2@t2] b=follower t2 [1..2@t2] c=follower t2 []'],
    [
      'leader-completeness',
      'a=leader t4 base=2@t1 [3@t4] b=follower t4 base=2@t1 [3@t1] c=follower t4 [1..3@t1] commit=3',
    ],
    ['committed-is-durable', 'a=follower t1 base=2@t1 [] b=follower t1 [1@t1] c=follower t1 [] commit=2'],
    [
      'log-matching',
      'a=follower t2 base=2@t1 [3@t1 4@t2] b=follower t2 base=2@t1 [3..4@t2] c=follower t2 [] commit=2',
    ],
    ['state-machine-safety', 'a=follower t2 base=2@t1 [] b=follower t2 [1..2@t2] c=follower t2 [] commit=2'],
    ['state-machine-safety', 'a=follower t2 [1@t1] b=follower t2 [1@t2] c=follower t2 [1@t1] commit=1'],
  ])('%s', (name, nodes) => {
    expect(violated({}, `given ${nodes}`)).toEqual([name]);
  });
});

it('shows a violation in the trace, by its name and source, and stops until the next cluster', () => {
  const text =
    'quietly given a=leader t4 [1@t4] b=leader t4 [1@t4]\n----\n\ntick a\n----\n\ncluster a\nstatus\n----\n';
  expect(runScenario(text).text).toBe(
    text
      .replace(
        '----',
        '----\n! line 1: election-safety: a and b lead t4 (at most one leader is elected in a term; Raft §5.2, Figure 3)',
      )
      .replace('tick a\n----', 'tick a\n----\nstopped')
      .replace(/----\n$/u, '----\na    follower t0 last=0 commit=0\n'),
  );
});
