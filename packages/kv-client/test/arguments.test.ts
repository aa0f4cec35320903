/** What callers give is checked and copied before anything is sent (R42). */

import { runInNewContext } from 'node:vm';
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from '@raftkv/kv-protocol';
import { expect, it } from 'vitest';
import { connect, type ConnectOptions, type KvClient } from '../src/index.ts';
import { ScriptedCluster, watched } from './support/cluster.ts';
import { containing, having } from './support/matching.ts';

const REFUSED: Record<string, [(kv: KvClient) => Promise<unknown>, string, string]> = {
  'an empty key': [(kv) => kv.get(''), 'KV_INVALID_ARGUMENT', 'at least one byte'],
  'a key that is neither text nor bytes': [(kv) => kv.get(7 as never), 'KV_INVALID_ARGUMENT', 'Uint8Array'],
  'a key in numbers that are no bytes': [
    (kv) => kv.get(new Uint16Array(1) as never),
    'KV_INVALID_ARGUMENT',
    'Uint8Array',
  ],
  'a key that says it is bytes': [
    (kv) => kv.get({ [Symbol.toStringTag]: 'Uint8Array', length: 1, 0: 1 } as never),
    'KV_INVALID_ARGUMENT',
    'Uint8Array',
  ],
  'a value that is neither': [
    (kv) => kv.put('k', null as never),
    'KV_INVALID_ARGUMENT',
    'a value is a string',
  ],
  'a key with half of a surrogate pair': [(kv) => kv.put('a\ud800', ''), 'KV_INVALID_ARGUMENT', 'surrogate'],
  'a value with half of a surrogate pair': [
    (kv) => kv.put('a', '\udc00'),
    'KV_INVALID_ARGUMENT',
    'surrogate',
  ],
  'a long key': [(kv) => kv.delete('k'.repeat(KEY_BYTES_MAX + 1)), 'KV_REQUEST_TOO_LARGE', '4096 bytes'],
  'a key that is long in UTF-8': [(kv) => kv.get('é'.repeat(2_049)), 'KV_REQUEST_TOO_LARGE', '4098 bytes'],
  'a long value': [
    (kv) => kv.put('k', new Uint8Array(VALUE_BYTES_MAX + 1)),
    'KV_REQUEST_TOO_LARGE',
    `${VALUE_BYTES_MAX} bytes`,
  ],
  'a revision that is none': [
    (kv) => kv.put('k', '', { ifRevision: 1.5 }),
    'KV_INVALID_ARGUMENT',
    'ifRevision',
  ],
  'a revision below 0': [(kv) => kv.delete('k', { ifRevision: -1 }), 'KV_INVALID_ARGUMENT', 'ifRevision'],
  'two conditions': [
    (kv) => kv.put('k', '', { ifRevision: 1, ifAbsent: true }),
    'KV_INVALID_ARGUMENT',
    'exclude each other',
  ],
  'an unknown consistency': [
    (kv) => kv.get('k', { consistency: 'eventual' as never }),
    'KV_INVALID_ARGUMENT',
    'eventual',
  ],
  'a call without end': [(kv) => kv.get('k', { timeoutMs: Infinity }), 'KV_INVALID_ARGUMENT', 'timeoutMs'],
};

it.each(Object.keys(REFUSED))('refuses %s, and sends nothing', async (name) => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client();
  const [call, code, message] = REFUSED[name] ?? [() => kv.get('k'), '', ''];
  const ended = watched(call(kv));
  await cluster.time.settle();
  expect(ended.error).toMatchObject({ code, outcome: 'not-applied', retryable: false });
  expect(ended.error).toMatchObject({ message: containing(message) });
  expect(a.asked).toHaveLength(0);
});

it.each<[string, (kv: KvClient) => Promise<unknown>]>([
  ['put', (kv) => kv.put('k', 'v', null as never)],
  ['get', (kv) => kv.get('k', null as never)],
  ['delete', (kv) => kv.delete('k', null as never)],
  ['get with a signal that is none', (kv) => kv.get('k', { signal: {} as never })],
])('rejects where %s is given what is no options, and throws nothing', async (_, call) => {
  const cluster = new ScriptedCluster();
  cluster.node('ws://a');
  const rejected = watched(call(await cluster.client()));
  await cluster.time.settle();
  expect(rejected.error).toBeInstanceOf(TypeError);
});

it('takes keys and values up to their limits, as text and as bytes', async () => {
  const cluster = new ScriptedCluster();
  cluster.node('ws://a');
  const kv = await cluster.client();
  const key = 'é'.repeat(2_048);
  const value = new Uint8Array(VALUE_BYTES_MAX).fill(7);
  await Promise.all([kv.put(key, value), cluster.time.settle()]);
  const [got] = await Promise.all([kv.get(new TextEncoder().encode(key)), cluster.time.settle()]);
  expect(got?.value.length).toBe(VALUE_BYTES_MAX);
  expect(new TextDecoder().decode(got?.key)).toBe(key);
});

it('takes bytes of another realm', async () => {
  const cluster = new ScriptedCluster();
  cluster.node('ws://a');
  const kv = await cluster.client();
  const foreign = runInNewContext('Uint8Array.of(1, 2)') as Uint8Array;
  expect(foreign).not.toBeInstanceOf(Uint8Array);
  await Promise.all([kv.put('k', foreign), cluster.time.settle()]);
  const [got] = await Promise.all([kv.get('k'), cluster.time.settle()]);
  expect(got?.value).toEqual(Uint8Array.of(1, 2));
});

it('sends what was given at the time of the call, whatever is done with it later', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client();
  const [key, value] = [Buffer.from('key'), Buffer.from('value')];
  const put = kv.put(key, value);
  key.fill(0);
  value.fill(0);
  await Promise.all([put, cluster.time.settle()]);
  const [operation] = a.of('write').map(({ request }) => request.operation);
  expect(operation).toMatchObject({
    key: new Uint8Array(Buffer.from('key')),
    value: new Uint8Array(Buffer.from('value')),
  });
});

it('gives text and JSON of a value, and refuses what is not that', async () => {
  const cluster = new ScriptedCluster();
  cluster.node('ws://a');
  const kv = await cluster.client();
  const json = { color: 'grün', mark: '\ufeff' };
  await Promise.all([
    kv.put('json', JSON.stringify(json)),
    kv.put('bytes', new Uint8Array([0xff])),
    cluster.time.settle(),
  ]);
  const [entry, bytes] = await Promise.all([kv.get('json'), kv.get('bytes'), cluster.time.settle()]);
  expect(entry?.json()).toEqual(json);
  expect(entry?.text()).toBe(JSON.stringify(json));
  expect(() => bytes?.text()).toThrow(having({ code: 'KV_VALUE_FORMAT', outcome: 'not-applied' }));
  expect(() => bytes?.json()).toThrow(having({ code: 'KV_VALUE_FORMAT' }));
});

const OPTIONS: [string, Partial<ConnectOptions>][] = [
  ['endpoints', { endpoints: [] }],
  ['http://a', { endpoints: ['http://a'] }],
  ['ws://', { endpoints: ['ws://'] }],
  ['timeoutMs', { timeoutMs: 0 }],
  ['maxInFlight', { maxInFlight: 1_025 }],
  ['maxWaiting', { maxWaiting: -1 }],
  ['pendingBytesMax', { pendingBytesMax: 0 }],
  ['offlineWaitMs', { offlineWaitMs: Number.NaN }],
  ['helloTimeoutMs', { helloTimeoutMs: Infinity }],
  ['silenceMs', { silenceMs: -1 }],
  ['backoffMs', { backoffMs: 0 }],
  ['backoffMaxMs', { backoffMaxMs: 0 }],
];

it.each(OPTIONS)('names %s where it is out of range', async (name, options) => {
  const cluster = new ScriptedCluster();
  cluster.node('ws://a');
  await expect(connect(cluster.options(options))).rejects.toMatchObject({
    code: 'KV_INVALID_ARGUMENT',
    message: containing(name),
  });
  expect(cluster.dialled).toHaveLength(0);
});
