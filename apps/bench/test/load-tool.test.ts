/** An external load tool: what it is told, and how what it prints is read. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Endings } from '../src/endings.ts';
import { measureTool } from '../src/load-tool/measure-tool.ts';
import { toolResultFrom } from '../src/load-tool/output.ts';
import { outputOf } from '../src/load-tool/run-tool.ts';
import { templateFrom } from '../src/load-tool/template.ts';
import type { Settings } from '../src/load/settings.ts';
import { inDirectory } from './support/program.ts';

const FIXTURE = join(import.meta.dirname, 'fixtures', 'load-tool.mjs');
const SETTINGS: Settings = {
  kind: 'get',
  clients: 4,
  conns: 2,
  valSize: 256,
  keySpaceSize: 20,
  rate: null,
  total: 200,
};
const ETCD = {
  endpoints: ['127.0.0.1:1', '127.0.0.1:2'],
  pids: [process.pid],
  close: (): Promise<void> => Promise.resolve(),
  broken: new Promise<never>(() => {}),
};

/** As etcd’s benchmark tool prints it. */
function report(p50: string, p90: string, p99: string): string {
  return `
Summary:
  Total:\t19.1165 secs.
  Slowest:\t0.1215 secs.
  Fastest:\t0.0100 secs.
  Average:\t0.0480 secs.
  Stddev:\t0.0150 secs.
  Requests/sec:\t5231.0210

Latency distribution:
  10% in ${p50}.
  50% in ${p50}.
  90% in ${p90}.
  99% in ${p99}.
  99.9% in 9${p99}.

Error distribution:
  [2]\tetcdserver: request timed out
  [1]\tcontext deadline exceeded
`;
}

describe('a load tool', () => {
  it('fills, warms up, and is measured, each with the numbers for it', () =>
    inDirectory(async (directory) => {
      const file = join(directory, 'told');
      const command = `${process.execPath} ${FIXTURE} ${file}`;
      const load = templateFrom(`${command} get {endpoints} {clients}/{conns} --total={total} {rate}`);
      const fill = templateFrom(`${command} put {endpoints} {val-size} {key-space-size} {total}`);
      const measurement = await measureTool({ load, fill }, ETCD, SETTINGS, new Endings());
      expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toEqual([
        'put 127.0.0.1:1,127.0.0.1:2 256 20 20',
        'get 127.0.0.1:1,127.0.0.1:2 4/2 --total=20 0',
        'get 127.0.0.1:1,127.0.0.1:2 4/2 --total=200 0',
      ]);
      expect(measurement).toMatchObject({ store: 'etcd/node', operations: 197, failed: 3, perSecond: 5231 });
      // A start of Node takes far more processor time than the least that is counted.
      expect(measurement.loadCpu ?? 1).toBeGreaterThan(0);
    }));

  it('is told from one that failed, with what it said', async () => {
    const failing = templateFrom(`${process.execPath} --no-such-flag {endpoints}`);
    await expect(outputOf(failing, new Endings())).rejects.toThrow(/ended with \d+: .*no-such-flag/s);
  });

  it('is ended with the program', async () => {
    const endings = new Endings();
    const forever = templateFrom(`${process.execPath} -e setInterval(String,1000) {endpoints}`);
    const output = outputOf(forever, endings);
    await endings.all();
    await expect(output).rejects.toThrow('SIGKILL');
  });
});

describe('what a load tool prints', () => {
  it('is read as etcd’s benchmark tool writes it, in seconds or milliseconds', () => {
    const result = { perSecond: 5231.021, p50: 46.1, p90: 80, p99: 120, max: 121.5, failed: 3 };
    expect(toolResultFrom(report('0.0461 secs', '0.0800 secs', '0.1200 secs'))).toEqual(result);
    expect(toolResultFrom(report('46.100 ms', '80.000 ms', '120.000 ms'))).toEqual(result);
  });

  it('is read as one line, with and without what may be missing', () => {
    const line = 'put clients=256 conns=16 total=20000 5231 ops/s p50=46.10ms';
    expect(toolResultFrom(`${line} p99=120.00ms max=121.5ms errs=3\n`)).toEqual({
      perSecond: 5231,
      p50: 46.1,
      p90: null,
      p99: 120,
      max: 121.5,
      failed: 3,
    });
    expect(toolResultFrom(`${line} p90=80ms p99=120.00ms max=121.5ms`)).toMatchObject({ p90: 80, failed: 0 });
  });

  it.each(['', 'Requests/sec: 5231', '5231 ops/s p50=46.10ms'])('is not guessed: %j', (text) => {
    expect(toolResultFrom(text)).toBeNull();
  });
});
