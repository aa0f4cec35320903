import { afterEach, describe, expect, it } from 'vitest';
import { ROOT } from '../lib/workspace.mjs';
import { startProcess, type Started } from './support/processes.ts';

/** The beginning of the first line that the demo itself says. */
const DEMO_SPEAKS = /^raftkv: /m;
let npm: Started | null = null;

/** `npm start`, as leader of a process group, once the demo speaks. */
async function npmStart(): Promise<Started> {
  npm = startProcess('npm', ['start'], { cwd: ROOT, isGroup: true });
  await npm.untilSaid(DEMO_SPEAKS);
  return npm;
}

afterEach(() => {
  if (npm === null) return;
  try {
    process.kill(-npm.pid, 'SIGKILL');
  } catch {
    // Nothing of the group is left, which is how each test should end.
  }
});

// Windows has neither process groups nor these signals. `ended` waits for the streams to close, and
// they close when the last process that could write to them is gone, of whatever group it is.
describe.runIf(process.platform !== 'win32')('npm start', () => {
  it('ends all of it on Ctrl-C, which a terminal sends to the whole group', async () => {
    const { pid, said, ended } = await npmStart();
    process.kill(-pid, 'SIGINT');
    await ended;
    expect(said()).not.toMatch(/error/i);
  });

  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
    it(`leaves nothing running when npm alone gets a ${signal}`, async () => {
      const { pid, said, ended } = await npmStart();
      process.kill(pid, signal);
      await ended;
      expect(said()).not.toMatch(/error/i);
    });
  }
});
