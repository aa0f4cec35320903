import { describe, expect, it } from 'vitest';
import { runScenario, ScenarioError, unifiedDiff } from '../../src/scenario/index.ts';

/** Where parsing or running `text` fails, and why. */
function failureOf(text: string): string {
  try {
    runScenario(text);
  } catch (error) {
    if (error instanceof ScenarioError && error.message.startsWith(`line ${error.line}: `))
      return `${error.code} ${error.message}`;
    throw error;
  }
  return 'nothing';
}

const CASE = (...commands: readonly string[]) => `# why\n\n${commands.join('\n')}\n----\n`;

describe('a text of scenarios', () => {
  const text = '# why\ncluster a\ncampaign a\n----\nanything\n\n\n# another\nstatus\n----\n\n';
  const once = runScenario(text).text;

  it('keeps comments and commands, and gets the traces that it causes', () => {
    expect(once.split('\n').slice(0, 5)).toEqual([
      '# why',
      'cluster a',
      'campaign a',
      '----',
      'a    becomes candidate in t1',
    ]);
    expect(once).toMatch(/\n\n\n# another\nstatus\n----\na {4}leader t1 vote=a last=1@t1 commit=1\n$/u);
  });

  it('is as it was when its traces are written again', () => {
    expect(runScenario(once).text).toBe(once);
  });

  it('differs from one with a line that nothing caused', () => {
    const wrong = once.replace('becomes candidate in t1', 'becomes candidate in t2');
    expect(unifiedDiff('x', wrong, runScenario(wrong).text)).toContain(
      '\n-a    becomes candidate in t2\n+a    becomes candidate in t1\n',
    );
  });

  it('writes ok where nothing is to be seen', () => {
    expect(runScenario(CASE('cluster a b')).text).toBe('# why\n\ncluster a b\n----\nok\n');
  });

  it('may go on with a command in indented lines, and names the first of them', () => {
    const wrapped = 'given commit=1\n  a=follower t1 [1@t1]\n  b=follower t1 [1@t1]\nlog b\n----\n';
    expect(runScenario(wrapped).text).toBe(`${wrapped}b    [1@t1]\n`);
    expect(failureOf(`log\n  a\n----\n`)).toBe('RAFT_SCENARIO line 1: there is no cluster yet');
    expect(failureOf(`cluster a\nlog\n  c\n----\n`)).toBe('RAFT_SCENARIO line 2: there is no node c');
  });

  it('may have line ends of another system', () => {
    expect(runScenario(once.replaceAll('\n', '\r\n')).text).toBe(once);
  });
});

describe('an error names its line', () => {
  it.each([
    [CASE('cluster a b', 'climb a'), "line 4: no command 'climb'"],
    [CASE('cluster a', 'toString a'), "line 4: no command 'toString'"],
    [CASE('cluster'), 'line 3: a cluster has nodes'],
    [CASE('cluster a a'), 'line 3: a cluster names each node once'],
    [CASE('cluster a B'), "line 3: a node is named like a or n1, not 'B'"],
    [CASE('cluster a speed=3'), "line 3: no option 'speed=3'"],
    [CASE('cluster a election=500'), 'line 3: election=500: election takes a range'],
    [CASE('cluster a batch=1..2'), 'line 3: batch=1..2: election takes a range'],
    [CASE('cluster a', 'campaign'), 'line 4: a node is missing'],
    [CASE('cluster a', 'campaign a b'), "line 4: 'b' is too much for campaign"],
    [CASE('cluster a', 'propose a'), 'line 4: a command to propose is missing'],
    [CASE('cluster a', 'propose a käse'), 'line 4: a command is 1 to 16 characters of ASCII'],
    [CASE('cluster a', 'advance 5'), "line 4: a time is written 500ms, not '5'"],
    [CASE('cluster a', 'deliver a-b'), "line 4: a link is written a->b, not 'a-b'"],
    [CASE('cluster a', 'sync a x'), "line 4: a write is a number, not 'x'"],
    [CASE('cluster a', 'elect a with b'), 'line 4: by whom?'],
    [CASE('given a=king t1 []'), 'line 3: a node is given like'],
    [CASE('given a=follower t1 [1@1]'), 'line 3: entries are written 1@t1'],
    [CASE('given a=follower t1 [2@t1]'), 'line 3: 2@t1 does not follow in a log'],
    [CASE('given a=follower t2 [1@t2 2@t1]'), 'line 3: 2@t1 does not follow in a log'],
    [CASE('given a=follower t1 [1@t2]'), "line 3: a's log is ahead of its term"],
    [CASE('given a=leader t2 [1@t1]'), 'line 3: a leads t2: its log ends in its own no-op'],
    [CASE('given a=follower t1 base=2@t1 [2@t1] commit=2'), 'line 3: 2@t1 does not follow in a log'],
    [CASE('given a=follower t1 base=2@t1 [3@t1]'), "line 3: what a's base stands for is committed: commit=2"],
    [CASE('given a=follower t1 base=0@t1 []'), "line 3: a's base is none"],
    [CASE('given a=leader t2 base=1@t2 [2@t2] commit=1'), 'line 3: a leads t2: its base is of an earlier'],
    [CASE('cluster a', 'repeat a->b unnoticed'), "line 4: 'unnoticed' is too much for repeat"],
    [CASE('given a=follower t1 [] commit=x'), 'line 3: commit is written commit=1'],
    ['cluster a\nstatus\n\n', 'line 1: commands end in a line ----'],
    ['cluster a\n\nstatus\n----\n', 'line 2: commands end in a line ----'],
  ])('%j', (text, why) => {
    expect(failureOf(text)).toContain(`RAFT_SCENARIO ${why}`);
  });

  it.each([
    [CASE('campaign a'), 'line 3: there is no cluster yet'],
    [CASE('cluster a', 'campaign b'), 'line 4: there is no node b'],
    [CASE('cluster a', 'stabilize b'), 'line 4: there is no node b'],
    [CASE('cluster a', 'crash a', 'campaign a'), 'line 5: a is down'],
    [CASE('cluster a', 'restart a'), 'line 4: a runs'],
    [CASE('cluster a', 'campaign a', 'compact a 2'), 'line 5: a has applied 1'],
  ])('%j, when it runs', (text, why) => {
    expect(failureOf(text)).toContain(`RAFT_SCENARIO ${why}`);
  });
});
