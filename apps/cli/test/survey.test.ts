/** What is made of the answers of nodes, without nodes. */

import { describe, expect, it } from 'vitest';
import type { NodeStatus } from '../src/status/answer.ts';
import { hasLeader, survey, type SurveyedNode } from '../src/status/survey.ts';
import { statusTable } from '../src/status/table.ts';
import { containing, matching } from './support/matching.ts';

function status(name: string, urls: Record<string, string | null>): NodeStatus {
  const members = Object.entries(urls).map(([member, clientUrl]) => ({ name: member, clientUrl }));
  const numbers = { term: 1, commitIndex: 2, appliedIndex: 2, revision: 3, keys: 4 };
  return { name, role: 'follower', leader: null, clusterId: 'c', ...numbers, members };
}

function surveyed(
  endpoints: string[],
  answers: Record<string, NodeStatus>,
): Promise<readonly SurveyedNode[]> {
  const ask = (url: string): Promise<NodeStatus | string> => Promise.resolve(answers[url] ?? 'gone');
  return survey(endpoints, 1_000, new AbortController().signal, ask);
}

const NAMED = (nodes: readonly SurveyedNode[]): unknown[] =>
  nodes.map(({ name, clientUrl, reason }) => [name, clientUrl, reason]);

describe('the survey', () => {
  it('asks members that members name, each once', async () => {
    const asked: string[] = [];
    const answers: Record<string, NodeStatus> = {
      'ws://a': status('a', { a: 'ws://a', b: 'ws://b' }),
      'ws://b': status('b', { a: 'ws://a', c: 'ws://c' }),
      'ws://c': status('c', { a: 'ws://a', b: 'ws://b', c: 'ws://c' }),
    };
    const nodes = await survey(['ws://a'], 1_000, new AbortController().signal, (url) => {
      asked.push(url);
      return Promise.resolve(answers[url] ?? 'gone');
    });
    expect(asked).toEqual(['ws://a', 'ws://b', 'ws://c']);
    expect(nodes.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('shows a node that has two addresses once, by the one that was given', async () => {
    const own = { a: 'ws://127.0.0.1' };
    const nodes = await surveyed(['ws://localhost'], {
      'ws://localhost': status('a', own),
      'ws://127.0.0.1': status('a', own),
    });
    expect(NAMED(nodes)).toEqual([['a', 'ws://localhost', null]]);
  });

  it('does not miss a node at the address it announced if it answers at another', async () => {
    const nodes = await surveyed(['ws://here'], { 'ws://here': status('a', { a: 'ws://inside' }) });
    expect(NAMED(nodes)).toEqual([['a', 'ws://here', null]]);
  });

  it('gives a node that is gone its name where a member tells it', async () => {
    const answers = { 'ws://a': status('a', { a: 'ws://a', b: 'ws://b', c: null }) };
    const nodes = await surveyed(['ws://a', 'ws://x'], answers);
    expect(NAMED(nodes)).toEqual([
      ['a', 'ws://a', null],
      ['b', 'ws://b', 'gone'],
      ['c', null, containing('--endpoints')],
      [null, 'ws://x', 'gone'],
    ]);
  });

  it('comes to an end where nodes name others for ever', async () => {
    let count = 0;
    const nodes = await survey(['ws://0'], 1_000, new AbortController().signal, () => {
      count += 1;
      return Promise.resolve(status(`n${count}`, { next: `ws://${count}` }));
    });
    expect([count, nodes.length]).toEqual([64, 65]);
    expect(hasLeader(nodes)).toBe(false);
  });
});

it('makes a table in which each cell has something, and nothing that a terminal would obey', async () => {
  const answers = { 'ws://a': status('\u001B[2Ja\n', { a: 'ws://a', b: null }) };
  const lines = statusTable(await surveyed(['ws://a'], answers))
    .trimEnd()
    .split('\n');
  expect(lines).toEqual([
    matching(/^NAME +ROLE /),
    matching(/^\[2Ja +follower +1 +- +2 +2 +3 +4 +a$/),
    matching(/^a +unreachable( +-){7} \(.*\)$/),
    matching(/^b +unreachable( +-){7} \(.*\)$/),
  ]);
});
