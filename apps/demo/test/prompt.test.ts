/** The prompt: its parts, and the built program with commands that come by a pipe or from a terminal. */

import { afterEach, describe, expect, it } from 'vitest';
import { prepareLocalCluster } from '@raftkv/server/local-cluster';
import { complete } from '../src/prompt/completion.ts';
import { wordsOf } from '../src/prompt/line.ts';
import { table } from '../src/prompt/table.ts';
import { endAll, run, runAtTerminal, temporaryDirectory } from './support.ts';

afterEach(endAll);

describe('a line', () => {
  it.each([
    ['  put color   green ', ['put', 'color', 'green']],
    [`put "two words" 'and "more"'`, ['put', 'two words', 'and "more"']],
    ['put key ""', ['put', 'key', '']],
    ['', []],
    ['put "open', null],
    [`put a"b c`, null],
  ])('%j has the words %j', (line, words) => {
    expect(wordsOf(line)).toEqual(words);
  });
});

describe('a table', () => {
  const rows = [
    ['n1', 'leader', '12'],
    ['n2', 'follower', '12'],
  ];

  it('is as wide as what is in it', () => {
    expect(table(['NODE', 'ROLE', 'TERM'], rows, 80)).toEqual([
      'NODE  ROLE      TERM',
      'n1    leader    12',
      'n2    follower  12',
    ]);
  });

  it('leaves out what a narrow terminal has no room for, and always says whom it is about', () => {
    expect(table(['NODE', 'ROLE', 'TERM'], rows, 19)).toEqual([
      'NODE  ROLE',
      'n1    leader',
      'n2    follower',
    ]);
    expect(table(['NODE', 'ROLE', 'TERM'], rows, 3)).toEqual(['NODE', 'n1', 'n2']);
  });
});

it('completes commands, and the nodes to which one can be done', async () => {
  const cluster = await prepareLocalCluster({ directory: await temporaryDirectory() });
  expect(complete(cluster, 're')).toEqual([['restart ', 'resume '], 're']);
  expect(complete(cluster, 'restart ')).toEqual([['n1 ', 'n2 ', 'n3 '], '']);
  expect(complete(cluster, 'restart n2')).toEqual([['n2 '], 'n2']);
  expect(complete(cluster, 'kill ')).toEqual([[], '']);
  expect(complete(cluster, 'get ')).toEqual([[], '']);
  expect(complete(cluster, 'log n1 ')).toEqual([[], '']);
});

it('does what it is told, and says what is wrong with what it cannot do', async () => {
  const demo = run(['--prompt'], { cwd: await temporaryDirectory() });
  const answers: [string, string][] = [
    ['put color "light green"', 'revision 2, version 1, on the disks of a majority'],
    ['get color', '"light green", written by revision 2'],
    ['get nothing', 'there is no such key'],
    ['del color', 'removed by revision 3'],
    ['put color', 'it is: put KEY VALUE'],
    ['put "color', 'a quote is not closed'],
    ['kil n1', "there is no 'kil'; help says what there is"],
    ['kill n4', "there is no node 'n4'; there are n1, n2, n3"],
    ['restart n1', 'n1 runs: kill n1 comes first'],
    ['resume n1', 'n1 is not paused: it is running'],
    ['pause n1', 'n1 is paused'],
    ['resume n1', 'n1 goes on'],
    ['kill n1', 'n1 is killed'],
    ['kill n1', 'n1 is down already: restart n1'],
    ['pause n1', 'n1 does not run: it is down'],
    ['status', 'n1    down'],
    ['restart n1', 'n1 takes part: process'],
    ['log n1', 'this node takes part'],
    ['help', 'kill -9 its process'],
    ['kill n2', 'n2 is killed'],
    ['kill n3', 'n3 is killed'],
    ['put no quorum', 'applied)'],
    ['exit', 'stopped; what was written is kept'],
  ];
  await demo.untilPrinted('type help');
  for (const [line, answer] of answers) {
    demo.tell(`${line}\n`);
    await demo.untilPrinted(answer);
  }
  expect(await demo.ended).toBe(0);
});

// `script` is what gives a process a terminal; without it, or with another one's flags, there is nothing to try.
describe.runIf(process.platform === 'linux')('at a terminal', () => {
  it('keeps what is being typed below what happens, and ends on Ctrl-D', async () => {
    const demo = runAtTerminal(await temporaryDirectory());
    await demo.untilPrinted('type help');
    demo.tell('put half a li');
    await demo.untilPrinted('half a li');
    process.kill(Number(/n2 takes part: process (\d+)/.exec(demo.printed())?.[1]), 'SIGKILL');
    await demo.untilPrinted('n2 has ENDED by itself');
    // The line that was begun stands below what was told, to be gone on with.
    await demo.untilPrinted('raftkv> put half a li');
    demo.tell('\u0003');
    demo.tell('get color\r');
    await demo.untilPrinted('there is no such key');
    demo.tell('\u0004');
    await demo.untilPrinted('stopped; what was written is kept');
    expect(await demo.ended).toBe(0);
  });
});
