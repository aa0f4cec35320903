/** Reading and writing, as a shell sees it. */

import { expect, it } from 'vitest';
import { raftkv, raftkvHere } from './support/command.ts';
import { at, started } from './support/servers.ts';
import { containing } from './support/matching.ts';

it('writes, reads and deletes, and prints revisions', async () => {
  const node = at(await started());
  const put = await raftkv(['put', 'color', 'green'], node);
  expect(put).toMatchObject({ code: 0, output: 'revision 2\n', errors: '' });
  expect(await raftkv(['get', 'color'], node)).toMatchObject({ code: 0, output: 'green', errors: '' });
  expect(await raftkv(['del', 'color'], node)).toMatchObject({ code: 0, output: 'revision 3\n', errors: '' });
});

it('prints the same as JSON, with the flag before or after the command', async () => {
  const node = at(await started());
  const put = await raftkvHere(['-o', 'json', 'put', 'color', 'grün'], node);
  expect([put.code, put.output]).toEqual([0, '{"key":"color","revision":2}\n']);
  const get = await raftkvHere(['get', 'color', '--output=json'], node);
  expect(get.output.endsWith('}\n')).toBe(true);
  expect(JSON.parse(get.output)).toEqual({
    key: 'color',
    value: 'grün',
    encoding: 'utf-8',
    createRevision: 2,
    modRevision: 2,
    version: 1,
  });
  const del = await raftkvHere(['del', 'color', '-o', 'json'], node);
  expect(JSON.parse(del.output)).toEqual({ key: 'color', revision: 3 });
});

it('takes a value of any bytes from standard input, and gives it back as it was', async () => {
  const node = at(await started());
  const value = Buffer.from([
    0,
    255,
    10,
    13,
    0xc3,
    0x28,
    ...Array.from({ length: 300_000 }, (_, n) => n % 256),
  ]);
  expect(await raftkv(['put', 'bytes'], node, value)).toMatchObject({ code: 0, errors: '' });
  const got = await raftkv(['get', 'bytes'], node);
  expect(Buffer.compare(got.bytes, value)).toBe(0);
  const json = await raftkvHere(['get', 'bytes', '-o', 'json'], node);
  const { value: text, encoding } = JSON.parse(json.output) as { value: string; encoding: BufferEncoding };
  expect([encoding, Buffer.compare(Buffer.from(text, encoding), value)]).toEqual(['base64', 0]);
  // A byte order mark is a part of the text.
  expect(await raftkvHere(['put', 'bytes', '-'], node, '\uFEFFx')).toMatchObject({ code: 0 });
  expect(JSON.parse((await raftkvHere(['get', 'bytes', '-o', 'json'], node)).output)).toMatchObject({
    value: '\uFEFFx',
    encoding: 'utf-8',
  });
});

it('writes an empty value, and does not read standard input where there is a value', async () => {
  const node = at(await started());
  expect(await raftkvHere(['put', 'empty', ''], node, 'not this')).toMatchObject({ code: 0 });
  expect(await raftkvHere(['get', 'empty'], node)).toMatchObject({ code: 0, output: '' });
});

it('takes keys and values that look like flags after --, and numbers as they are', async () => {
  const node = at(await started());
  expect(await raftkvHere(['put', 'offset', '--', '-5'], node)).toMatchObject({ code: 0 });
  expect(await raftkvHere(['get', 'offset'], node)).toMatchObject({ output: '-5' });
  expect(await raftkvHere(['put', 'offset', '-7.5'], node)).toMatchObject({ code: 0 });
  expect(await raftkvHere(['get', 'offset'], node)).toMatchObject({ output: '-7.5' });
  expect(await raftkvHere(['put', '-o', 'text', '--', '--output', '--help'], node)).toMatchObject({
    code: 0,
  });
  expect(await raftkvHere(['get', '--', '--output'], node)).toMatchObject({ output: '--help' });
  expect(await raftkvHere(['del', '--', '--output'], node)).toMatchObject({ code: 0 });
});

it('writes and deletes only if the key is as the flag says, else exits with 3', async () => {
  const node = at(await started());
  expect(await raftkvHere(['put', 'k', 'a', '--if-absent'], node)).toMatchObject({ code: 0 });
  const again = await raftkvHere(['put', 'k', 'b', '--if-absent'], node);
  expect(again).toMatchObject({ code: 3, output: '', errors: containing('at revision 2') });
  expect(await raftkvHere(['put', 'k', 'b', '--if-revision', '1'], node)).toMatchObject({
    code: 3,
    output: '',
  });
  expect(await raftkvHere(['put', 'k', 'b', '--if-revision', '2'], node)).toMatchObject({ code: 0 });
  expect(await raftkvHere(['put', 'k', 'c', '--if-revision', '0'], node)).toMatchObject({ code: 3 });
  expect(await raftkvHere(['put', 'new', 'c', '--if-revision', '0'], node)).toMatchObject({ code: 0 });
  expect(await raftkvHere(['del', 'k', '--if-revision', '2'], node)).toMatchObject({ code: 3, output: '' });
  expect(await raftkvHere(['get', 'k'], node)).toMatchObject({ output: 'b' });
  expect(await raftkvHere(['del', 'k', '--if-revision', '3'], node)).toMatchObject({ code: 0 });
});

it('exits with 3 and says so where a key is absent', async () => {
  const node = at(await started());
  const expected = { code: 3, output: '', errors: containing('the key "nothing" is absent') };
  expect(await raftkvHere(['get', 'nothing'], node)).toMatchObject(expected);
  expect(await raftkvHere(['get', 'nothing', '-o', 'json'], node)).toMatchObject(expected);
  expect(await raftkvHere(['del', 'nothing'], node)).toMatchObject(expected);
});

it('finds the node by flag before variable, in any of its forms', async () => {
  const server = await started();
  const { host } = new URL(server.clientUrl);
  const wrong = { RAFTKV_ENDPOINTS: 'ws://127.0.0.1:1' };
  for (const endpoint of [host, `http://${host}/`, `ws://127.0.0.1:1,${server.clientUrl}`]) {
    const got = await raftkvHere(['get', 'k', '--endpoints', endpoint], wrong);
    expect({ endpoint, code: got.code }).toEqual({ endpoint, code: 3 });
  }
  expect(await raftkvHere(['get', 'k'], { RAFTKV_ENDPOINTS: host })).toMatchObject({ code: 3 });
});
