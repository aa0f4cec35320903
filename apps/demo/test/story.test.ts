/** The story as a user sees it: the built program in a process of its own. */

import { readdir } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { endAll, run, temporaryDirectory } from './support.ts';

afterEach(endAll);

const STEPS = [
  /n1, n2 and n3 start/,
  /n\d takes part: process \d+/,
  /n\d asks for votes in term \d+/,
  /n\d LEADS term \d+/,
  /n\d follows n\d in term \d+/,
  /put color green: revision 2, on the disks of a majority/,
  /get color: green/,
  /kill -9 n\d, in the middle of it/,
  /n\d LEADS term \d+/,
  /the first write after the kill is acknowledged, \d+(\.\d)? ms after it/,
  /the writers end: \d+ writes were acknowledged, none failed/,
  /n\d starts again with what its disk has/,
  /all three have caught up: revision \d+, \d+ keys/,
  /n1 holds all \d+ acknowledged values, each at version 1/,
  /n3 holds all \d+ acknowledged values, each at version 1/,
  /the story holds/,
];

it('elects, writes, loses its leader, goes on, catches up, and compares all three', async () => {
  const TMPDIR = await temporaryDirectory();
  const { ended, printed } = run(['--story'], { env: { TMPDIR } });
  expect([await ended, printed()]).toEqual([0, expect.any(String)]);
  let rest = printed();
  for (const step of STEPS) {
    const at = rest.search(step);
    expect(at, `${String(step)} in\n${printed()}`).toBeGreaterThanOrEqual(0);
    rest = rest.slice(at + 1);
  }
  // Each line has its time, which never goes back.
  const times = printed()
    .trim()
    .split('\n')
    .map((line) => Number(/^ *(\d+) ms {2}\S/.exec(line)?.[1]));
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(await readdir(TMPDIR)).toEqual([]);
});

it('fails where a node ends that was not told to, and keeps what there is to look at', async () => {
  const TMPDIR = await temporaryDirectory();
  const story = run(['--story'], { env: { TMPDIR } });
  await story.untilPrinted('LEADS');
  process.kill(Number(/n2 takes part: process (\d+)/.exec(story.printed())?.[1]), 'SIGKILL');
  expect(await story.ended).toBe(1);
  expect(story.printed()).toContain('n2 has ENDED by itself');
  expect(story.printed()).toContain('the story fails');
  expect(await readdir(TMPDIR)).toHaveLength(1);
});

it('leaves nothing when it is stopped before its end', async () => {
  const TMPDIR = await temporaryDirectory();
  const story = run(['--story'], { env: { TMPDIR } });
  await story.untilPrinted('LEADS');
  process.kill(story.pid, 'SIGTERM');
  expect(await story.ended).toBe(1);
  expect(await readdir(TMPDIR)).toEqual([]);
});
