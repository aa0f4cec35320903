import { nodeFiles, type FileSystem, type OpenFile } from '@raftkv/storage-file';
import { rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { freePorts } from '../src/local-cluster/ports.ts';
import { http, run, start, started, temporaryDirectory, until } from './support.ts';

/** What the log writes when it only vouches for what is on disk. */
const SEAL_BYTES = 24;

/** The system's files, until the disk is full. */
function disk(): { files: FileSystem; fill: () => void } {
  let isFull = false;
  const wrap = async (opening: Promise<OpenFile>): Promise<OpenFile> => {
    const file = await opening;
    const writeSynced = file.writeSynced.bind(file);
    file.writeSynced = (bytes, offset, done) => {
      // A seal comes by itself when nothing is written: the first write that fails is to be the test's own.
      if (!isFull || bytes.length <= SEAL_BYTES) return writeSynced(bytes, offset, done);
      setImmediate(() => done(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })));
    };
    return file;
  };
  const files: FileSystem = {
    ...nodeFiles,
    open: (path) => wrap(nodeFiles.open(path)),
    create: (path) => wrap(nodeFiles.create(path)),
  };
  return { files, fill: () => (isFull = true) };
}

it('acknowledges nothing after a failed write, and says why', async () => {
  const { files, fill } = disk();
  const server = await started({ files });
  fill();
  const put = await fetch(http(server, '/v1/kv/a'), { method: 'PUT', body: 'x' });
  expect([put.status, await put.json()]).toMatchObject([
    503,
    { code: 'outcome-unknown', outcome: 'unknown' },
  ]);
  expect(await server.failed).toMatchObject({ code: 'STORAGE_FAILED' });
  const ready = await fetch(http(server, '/readyz'));
  expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('ENOSPC')]);
  expect(server.status().role).toBe('failed');
  expect((await fetch(http(server, '/livez'))).status).toBe(200);
});

it('exits with 6 where the data directory of a member was emptied', async () => {
  const names = ['n1', 'n2', 'n3'];
  const ports = await freePorts(names.length);
  const urls = names.map((name, at) => [name, `ws://127.0.0.1:${ports[at]}`] as const);
  const initialCluster = new Map(urls);
  const directory = await temporaryDirectory();
  const [first, second] = await Promise.all(
    ['n1', 'n2'].map((name, at) =>
      start({ name, initialCluster, listenPeer: { host: '127.0.0.1', port: ports[at]! } }),
    ),
  );
  const args = ['--name', 'n3', '--data-dir', directory, '--listen-client', '127.0.0.1:0'];
  args.push('--listen-peer', `127.0.0.1:${ports[2]}`, '--initial-cluster');
  args.push(urls.map(([name, url]) => `${name}=${url}`).join(','));
  const third = run(...args);
  await third.taking();
  await until(async () => {
    const put = await fetch(http(first!, '/v1/kv/a'), { method: 'PUT', body: 'x' });
    return put.status === 200 && third.output().includes('"leader":"n');
  });
  third.process.kill('SIGKILL');
  await third.exit;
  await rm(directory, { recursive: true });
  const emptied = run(...args);
  expect(await emptied.exit).toBe(6);
  expect(second!.status().role).not.toBe('failed');
});
