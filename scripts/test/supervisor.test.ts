import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { isRunning, startProcess, untilGone, type Started } from './support/processes.ts';

const started: Started[] = [];

/** A supervisor over one child, once the child runs. */
async function supervise(
  child: string,
  graceMs = 10_000,
  mode = '',
): Promise<{ own: Started; childPid: number }> {
  const own = start('supervise.mjs', child, String(graceMs), mode);
  const [, pid] = await own.untilSaid(/pid (\d+)/);
  return { own, childPid: Number(pid) };
}

function start(fixture: string, ...args: string[]): Started {
  const path = fileURLToPath(new URL(`fixtures/${fixture}`, import.meta.url));
  const launched = startProcess(process.execPath, [path, ...args]);
  started.push(launched);
  return launched;
}

afterEach(() => {
  for (const { child } of started.splice(0)) child.kill('SIGKILL');
});

describe.runIf(process.platform !== 'win32')('a supervisor', () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`stops its child on ${signal} and waits for it`, async () => {
      const { own, childPid } = await supervise('polite.mjs');
      own.child.kill(signal);
      await own.ended;
      expect(own.said()).toContain('polite: leaving');
      expect(own.said()).toContain(`"isStopped":true,"reason":"${signal}","wasKilled":false`);
      expect(isRunning(childPid)).toBe(false);
    });
  }

  it('kills a child that does not leave within the time of grace', async () => {
    const { own, childPid } = await supervise('stubborn.mjs', 300);
    own.child.kill('SIGTERM');
    await own.ended;
    expect(own.said()).toContain('stubborn: no');
    expect(own.said()).toContain('"signal":"SIGKILL"');
    expect(own.said()).toContain('"wasKilled":true');
    expect(isRunning(childPid)).toBe(false);
  });

  it('stops the children of its child', async () => {
    const { own, childPid: grandchildPid } = await supervise('parent.mjs');
    own.child.kill('SIGTERM');
    await own.ended;
    await untilGone(grandchildPid);
    expect(isRunning(grandchildPid)).toBe(false);
  });

  for (const mode of ['', 'interactive']) {
    it(`stops its ${mode === '' ? 'background' : mode} child when its parent is killed`, async () => {
      const launch = start('launch.mjs', 'polite.mjs', '10000', mode);
      const [, supervisorPid] = await launch.untilSaid(/supervisor (\d+)/);
      const [, childPid] = await launch.untilSaid(/pid (\d+)/);
      launch.child.kill('SIGKILL');
      await untilGone(Number(supervisorPid));
      await untilGone(Number(childPid));
      await launch.ended;
      expect(launch.said()).toContain('the parent process is gone');
    });
  }

  it('reports a command that does not exist as 127', async () => {
    const own = start('supervise-missing.mjs');
    await own.ended;
    expect(own.said()).toContain('"code":127');
  });
});
