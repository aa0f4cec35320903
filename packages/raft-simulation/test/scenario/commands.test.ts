/** What the commands do that no story would miss: the stories are in scenarios/. */

import { expect, it } from 'vitest';
import { traceOf } from './support.ts';

const ELECTED = ['quietly cluster a b c', 'quietly elect a', 'quietly stabilize', 'quietly run 5ms'];

it('quietly writes nothing, and the clock not either', () => {
  expect(traceOf(...ELECTED, 'quietly tick a')).toEqual(['ok']);
  expect(traceOf(...ELECTED, 'quietly tick a', 'status b')).toEqual([
    'b    follower of a t1 vote=a last=1@t1 commit=1',
  ]);
});

it('elect loses the questions to those who are not to answer, and leaves all else under way', () => {
  expect(traceOf('quietly cluster a b c', 'quietly elect a by b', 'deliver a->c')).toEqual([
    'c    follows a in t1',
    'c    persists t1 vote=- [1@t1]',
    'c->a AppendEntriesReply t1 matched=1',
  ]);
});

it('cut loses what is sent from then on, both ways, and nothing between those cut off', () => {
  const lines = traceOf(...ELECTED, 'cut a b', 'propose a x=1', 'campaign c');
  expect(lines.filter((line) => line.endsWith('(lost)')).map((line) => line.slice(0, 4))).toEqual([
    'a->c',
    'c->a',
    'c->b',
  ]);
  expect(
    traceOf(...ELECTED, 'quietly cut a', 'quietly heal', 'campaign c').filter((line) =>
      line.includes('(lost)'),
    ),
  ).toEqual([]);
});

it('deliver takes links in their order, and of each the first, the last or all', () => {
  const sent = [...ELECTED, 'quietly propose a x=1 y=2'];
  const answers = (...how: readonly string[]) =>
    traceOf(...sent, `deliver ${how.join(' ')}`).filter((line) => line.includes('Reply'));
  expect(answers('a->c', 'a->b', 'first')).toEqual([
    'c->a AppendEntriesReply t1 matched=2',
    'b->a AppendEntriesReply t1 matched=2',
  ]);
  expect(answers('a->b', 'last')).toEqual(['b->a AppendEntriesReply t1 refused prev=2 hint=1@t1']);
  expect(answers()).toHaveLength(4);
});

it('a message that was dropped does not come, and one that was repeated comes twice', () => {
  const sent = [...ELECTED, 'quietly propose a x=1'];
  expect(traceOf(...sent, 'quietly drop a->b', 'deliver a->b')).toEqual(['ok']);
  const twice = traceOf(...sent, 'quietly repeat a->b', 'deliver a->b').filter((line) =>
    line.includes('Reply'),
  );
  expect(twice).toHaveLength(2);
});

it('a crash loses the writes under way but for those that it keeps, and the messages that wait for them', () => {
  const writing = [...ELECTED, 'stall-disk b', 'quietly propose a x=1 y=2', 'quietly deliver a->b'];
  expect(traceOf(...writing, 'crash b', 'quietly restart b', 'log b', 'sync b')).toEqual([
    'b    crashes, and loses 2 of its writes',
    'b    [1@t1]',
  ]);
  expect(traceOf(...writing, 'crash b keeping 1', 'quietly restart b', 'log b')).toEqual([
    'b    crashes, and loses 1 of its writes',
    'b    [1@t1 2@t1]',
  ]);
});

it('a disk that was stalled works again', () => {
  const writing = [
    ...ELECTED,
    'stall-disk b',
    'quietly propose a x=1',
    'quietly deliver a->b',
    'resume-disk b',
  ];
  expect(traceOf(...writing)).toEqual(['b    finishes write 3', 'b->a AppendEntriesReply t1 matched=2']);
  expect(traceOf(...writing, 'quietly propose a y=2', 'deliver a->b').at(-2)).toBe('b    persists [3@t1]');
});

it('tick wakes one node alone, advance each when it is due', () => {
  expect(traceOf('quietly cluster a b', 'tick b').filter((line) => line.includes('becomes'))).toEqual([
    'b    becomes pre-candidate in t0',
  ]);
  expect(
    traceOf('quietly cluster a b', 'advance 1000ms').filter((line) => line.includes('becomes')),
  ).toHaveLength(2);
});

const SENDING = [
  'quietly given a=leader t2 base=3@t1 [4@t2] b=follower t2 [1..3@t1 4@t2] c=follower t2 [1@t1] commit=3',
  'quietly replicate a b',
  'quietly connect a c',
  'quietly deliver a->c',
];
const SENT = [...SENDING, 'quietly deliver c->a'];

/** What a is about to do for c. */
const flowOf = (...commands: readonly string[]) =>
  traceOf(...commands, 'progress a')
    .at(-1)
    ?.split(' ')[5];

it('who sends a snapshot hears what becomes of it, unless that is unnoticed', () => {
  expect(flowOf(...SENT)).toBe('snapshot');
  expect(flowOf(...SENT, 'quietly drop a->c')).toBe('probing');
  expect(flowOf(...SENT, 'quietly drop a->c unnoticed')).toBe('snapshot');
  expect(flowOf(...SENT, 'quietly crash c', 'quietly deliver a->c')).toBe('probing');
  expect(flowOf(...SENDING, 'quietly cut c', 'quietly deliver c->a')).toBe('probing');
  expect(flowOf(...SENDING, 'quietly cut c unnoticed', 'quietly deliver c->a')).toBe('snapshot');
});

it('a snapshot that was sent again, or is a repeated one, is of no interest to its sender', () => {
  expect(flowOf(...SENT, 'quietly repeat a->c', 'quietly drop a->c last')).toBe('snapshot');
  const again = ['quietly connect a c', 'quietly deliver a->c last', 'quietly deliver c->a'];
  expect(flowOf(...SENT, ...again, 'quietly drop a->c first')).toBe('snapshot');
  expect(flowOf(...SENT, ...again, 'quietly drop a->c last')).toBe('probing');
});

it('a delivered snapshot is awaited no longer than an election timeout, one that is not known to be for its own time', () => {
  const silent = [
    'quietly crash c',
    'quietly advance 500ms',
    'quietly stabilize a b',
    'quietly advance 500ms',
  ];
  expect(flowOf(...SENT, 'stall-disk c', 'quietly deliver a->c', ...silent)).toBe('probing');
  expect(flowOf(...SENT, 'stall-disk c', 'quietly deliver a->c unnoticed', ...silent)).toBe('snapshot');
});

it('a machine that is held answers when it is released, and no process answers for the one before', () => {
  const held = [...SENT, 'hold-machine c', 'quietly deliver a->c'];
  expect(traceOf(...held, 'release-machine c')).toEqual(['c    has all up to 3 in its machine']);
  expect(traceOf(...held, 'quietly crash c', 'quietly restart c', 'release-machine c')).toEqual(['ok']);
});

it('a log behind a base is written as such, and its nodes know what it stands for', () => {
  expect(traceOf(SENT[0] ?? '', 'log', 'status a')).toEqual([
    'a    base=3@t1 [4@t2]',
    'b    [1@t1 2@t1 3@t1 4@t2]',
    'c    [1@t1]',
    'a    leader t2 vote=a last=4@t2 commit=4',
  ]);
});
