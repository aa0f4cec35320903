/** The small pure parts. */

import { freePorts } from '@raftkv/server/local-cluster';
import * as client from '@raftkv/kv-client';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { callCluster } from '../src/cluster.ts';
import { formatDuration, parseDuration } from '../src/duration.ts';
import { endpointsOf, httpUrl } from '../src/endpoints.ts';
import { CommandError, EXIT_CODES, exitCodeOf, UsageError } from '../src/exit-codes.ts';
import { Interruption } from '../src/interruption.ts';
import { printable } from '../src/printable.ts';
import { createProgram } from '../src/program.ts';
import { reasonOf } from '../src/reason.ts';
import { at, started } from './support/servers.ts';
import { raftkv } from './support/command.ts';
import { containing } from './support/matching.ts';

const interruption = new Interruption();

afterAll(() => interruption.release());

describe('an error', () => {
  it.each([
    [new client.ConditionFailedError(5), 3],
    [new client.InvalidArgumentError('no'), 2],
    [new client.RequestTooLargeError('a key', 5_000, 4_096), 2],
    [new client.TimeoutError(1, 'not-applied'), 4],
    [new client.UnavailableError('no', 'not-applied'), 4],
    [new client.OverloadedError('no'), 4],
    [new client.SessionExpiredError('not-applied'), 4],
    [new client.ProtocolError('no', 'not-applied'), 1],
    [new client.ValueFormatError('text'), 1],
    [new client.ClosedError('not-applied'), 1],
    [new client.InvalidArgumentError('no', 'unknown'), 5],
    [new client.TimeoutError(1, 'unknown'), 5],
    [new client.UnavailableError('no', 'unknown'), 5],
    [new client.SessionExpiredError('unknown'), 5],
    [new client.ProtocolError('no', 'unknown'), 5],
    [new client.ClosedError('unknown'), 5],
    [new UsageError('no'), 2],
    [new CommandError(EXIT_CODES.notSo, 'no'), 3],
    [new TypeError('no'), 1],
    ['no error at all', 1],
  ])('%s has exit code %i', (error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });
});

describe('a duration', () => {
  it.each([
    ['500', 500],
    ['500ms', 500],
    ['5s', 5_000],
    ['1.5s', 1_500],
    ['2m', 120_000],
    ['24h', 86_400_000],
  ])('of %s has %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', 's', '5 s', '-1', '0', '0.1ms', '1e3', '5x', '5sec', 'Infinity', '25h', '9'.repeat(400)])(
    'is not %j',
    (text) => {
      expect(() => parseDuration(text)).toThrow('500ms, 5s or 2m');
    },
  );

  it('is told in seconds where it has whole ones', () => {
    expect([formatDuration(5_000), formatDuration(1_500)]).toEqual(['5 s', '1500 ms']);
  });
});

describe('an endpoint', () => {
  it.each([
    ['127.0.0.1:7580', 'ws://127.0.0.1:7580'],
    ['node-1:7580', 'ws://node-1:7580'],
    ['[::1]:7580', 'ws://[::1]:7580'],
    ['ws://a:1', 'ws://a:1'],
    ['WS://A:1/', 'ws://a:1'],
    ['wss://a', 'wss://a'],
    ['http://a:1/', 'ws://a:1'],
    ['https://a/raft', 'wss://a/raft'],
  ])('%s becomes %s', (text, url) => {
    expect(endpointsOf(text, {})).toEqual([url]);
  });

  it.each([
    'a',
    '::1',
    'ftp://a:1',
    'ws://',
    'a:99999',
    'user:password@a:1',
    'ws://a:1?b',
    'ws://a:1/#b',
    'a b:1',
  ])('is not %s', (text) => {
    expect(() => endpointsOf(text, {})).toThrow(UsageError);
  });

  it('comes from the flag, else from the variable, else is on this machine', () => {
    const environment = { RAFTKV_ENDPOINTS: 'b:2, c:3,b:2,' };
    expect(endpointsOf('a:1', environment)).toEqual(['ws://a:1']);
    expect(endpointsOf(undefined, environment)).toEqual(['ws://b:2', 'ws://c:3']);
    expect(endpointsOf(undefined, { RAFTKV_ENDPOINTS: '' })).toEqual(['ws://127.0.0.1:7580']);
  });

  it('serves HTTP at the same port', () => {
    expect(httpUrl('ws://a:1', '/v1/status')).toBe('http://a:1/v1/status');
    expect(httpUrl('wss://a/raft', '/v1/status')).toBe('https://a/raft/v1/status');
  });
});

it('gives up when each endpoint was tried in vain, though there is time left, unless it is to be patient', async () => {
  const endpoints = await freePorts(2);
  const target = { endpoints: endpoints.map((port) => `ws://127.0.0.1:${port}`), timeoutMs: 3_600_000 };
  const call = callCluster({ ...target, isPatient: false }, interruption, () => Promise.resolve());
  await expect(call).rejects.toMatchObject({ exitCode: 4, message: containing('ECONNREFUSED') });
});

it('finds the reason beneath errors that say nothing', () => {
  const refused = new Error('connect ECONNREFUSED');
  expect(reasonOf(new TypeError('fetch failed', { cause: new AggregateError([refused]) }))).toBe(
    refused.message,
  );
  expect(reasonOf(new Error('closed', { cause: 'text' }))).toBe('closed');
});

it('makes one line of any text', () => {
  expect(printable(' a\n\u001B[1mb\u2028c\u0085 ')).toBe('a [1mb c');
});

it.each([
  ['green', true, 'green\n'],
  ['green\n', true, 'green\n'],
  ['', true, '\n'],
  ['green', false, 'green'],
])('prints %j, on a terminal: %j, as %j', async (value, isTTY, expected) => {
  const server = await started();
  await raftkv(['put', 'color'], at(server), value);
  const output = Object.assign(new PassThrough(), { isTTY });
  const [input, errors] = [new PassThrough(), new PassThrough()];
  const program = createProgram({ environment: at(server), input, output, errors, interruption }, () => {});
  await program.parseAsync(['get', 'color'], { from: 'user' });
  expect(String(output.read())).toBe(expected);
});
