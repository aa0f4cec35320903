/** What each command measures, on real processes. */

import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startLocalCluster } from '@raftkv/server/local-cluster';
import { describe, expect, it } from 'vitest';
import { inDirectory, run, start } from './support/program.ts';

interface Written {
  readonly machine: { readonly processors: number };
  readonly disk: { readonly p50: number; readonly p99: number };
  readonly measurements: readonly {
    readonly p50: number;
    readonly max: number;
    readonly nodeCpu: readonly number[];
    readonly cpuMicros: number | null;
  }[];
}

const isLinux = process.platform === 'linux';
/** Files of the log that a start is soon done with. */
const SHORT = ['--segment-bytes', String(4 * 1024 * 1024)];
const SMALL = ['--clients', '4', '--conns', '2', '--total', '200', '--key-space-size', '20'];

describe('npm run bench', () => {
  it('fail-over measures how long a killed leader is missed', () =>
    inDirectory(async (directory) => {
      const json = join(directory, 'result.json');
      const { code, out } = await run(['fail-over', ...SHORT, '--kills', '2', '--json', json]);
      expect([code, out]).toEqual([
        0,
        expect.stringMatching(/2 kills: median \d+ ms, least \d+ ms, most \d+ ms\n$/),
      ]);
      expect(out.match(/^kill /gm)).toHaveLength(2);
      const { gaps, medianMs } = JSON.parse(await readFile(json, 'utf8')) as {
        gaps: { gapMs: number }[];
        medianMs: number;
      };
      const [one = 0, other = 0] = gaps.map(({ gapMs }) => gapMs);
      expect(medianMs).toBeCloseTo((one + other) / 2);
    }));

  it('put measures on processes of its own, and writes what it measured to files', () =>
    inDirectory(async (directory) => {
      const [json, markdown] = ['json', 'md'].map((end) => join(directory, `result.${end}`)) as [
        string,
        string,
      ];
      const { code, out } = await run(['put', ...SHORT, ...SMALL, '--json', json, '--markdown', markdown]);
      expect([code, out]).toEqual([0, expect.stringMatching(/^raftkv +\d+\/s {2}p50\/p90\/p99\/max/m)]);
      expect(out).toMatch(/^disk: .* \(p50\), .* \(p99\)/m);
      const written = JSON.parse(await readFile(json, 'utf8')) as Written;
      expect(written.machine.processors).toBeGreaterThan(0);
      expect(written.disk.p99).toBeGreaterThanOrEqual(written.disk.p50);
      expect(written.measurements).toMatchObject([{ store: 'raftkv', operations: 200, failed: 0 }]);
      const [measured] = written.measurements;
      expect(measured?.p50).toBeLessThanOrEqual(measured?.max ?? 0);
      expect(measured?.nodeCpu).toHaveLength(isLinux ? 3 : 0);
      expect(measured?.cpuMicros ?? 0).toBeGreaterThan(isLinux ? 0 : -1);
      expect(await readFile(markdown, 'utf8')).toMatch(/^\| raftkv \| 4 \| 2 \| 256 \| 20 \| \d+ /m);
    }));

  it('get measures reads of what one node has applied, at a rate, on a cluster that runs already', () =>
    inDirectory(async (directory) => {
      const cluster = await startLocalCluster({ directory });
      try {
        const endpoints = cluster.endpoints.join(',');
        const args = ['get', ...SMALL, '--consistency', 's', '--rate', '400', '--endpoints', endpoints];
        const { code, out } = await run(args);
        expect([code, out]).toEqual([
          0,
          expect.stringMatching(/^get-serializable: 4 clients on 2 connections, .*, 400 a second$/m),
        ]);
        // A little above: the last of 200 is due one time before half a second.
        expect(Number(/^raftkv +(\d+)\/s/m.exec(out)?.[1])).toBeLessThan(405);
        expect(cluster.nodes.map(({ state }) => state)).toEqual(['running', 'running', 'running']);
      } finally {
        await cluster.close();
      }
    }));

  it('core measures three cores in memory', async () => {
    const { code, out } = await run(['core', '--entries', '6400', '--runs', '3']);
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^64 at a time: \d+ k entries\/s, median of 3 runs .*\n1 at a time: \d+ k /),
    ]);
  });

  it('memory looks at the nodes again and again; Ctrl-C leaves no process and no directory', () =>
    inDirectory(async (directory) => {
      const temporary = join(directory, 'temporary');
      await mkdir(temporary);
      const child = start(['memory', ...SHORT, '--minutes', '60', '--every', '0.2'], { TMPDIR: temporary });
      const ended = once(child, 'exit');
      const pids: number[] = [];
      let samples = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        pids.push(...[...line.matchAll(/\(process (\d+)\)/g)].map(([, pid]) => Number(pid)));
        if (/min +\d+ writes +(\d+|-) \+ \d+/.test(line)) samples += 1;
        if (samples === 3) break;
      }
      expect(pids.map(isRunning)).toEqual([true, true, true]);
      expect(await readdir(temporary)).toHaveLength(1);
      child.kill('SIGINT');
      expect(await ended).toEqual([130, null]);
      expect(pids.map(isRunning)).toEqual([false, false, false]);
      expect(await readdir(temporary)).toEqual([]);
    }));
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
