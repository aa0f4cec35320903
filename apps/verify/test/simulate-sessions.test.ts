/** Whether a session lives as long as its client was told. */

import { encodeCommand, type Request } from '@raftkv/kv-protocol';
import { logIndex, term } from '@raftkv/core';
import { expect, it } from 'vitest';
import { BrokenPromise } from '../src/simulate/broken-promise.ts';
import { SessionPromises } from '../src/simulate/session-promises.ts';

const SESSION = 7;
const KEEP_ALIVE: Request = { kind: 'keepAlive', session: SESSION };

function endOf(session: number) {
  const data = encodeCommand({ kind: 'endSessions', sessions: [session] });
  return [{ index: logIndex(9), term: term(1), data }];
}

it('notices a session that is ended before the time that its client was told', () => {
  let nowMs = 0;
  const promises = new SessionPromises(() => nowMs, []);
  promises.onRequest({ kind: 'open', nonce: new Uint8Array(16) })({
    kind: 'opened',
    session: SESSION,
    ttlMs: 1060,
  });
  nowMs = 500;
  const onResponse = promises.onRequest(KEEP_ALIVE);
  nowMs = 900;
  onResponse({ kind: 'alive', ttlMs: 1060 });
  nowMs = 1490;
  expect(() => promises.onApply(endOf(SESSION))).toThrow(BrokenPromise);
});

it('takes an end that comes in time, or that the client asked for', () => {
  let nowMs = 0;
  const promises = new SessionPromises(() => nowMs, []);
  promises.onRequest(KEEP_ALIVE)({ kind: 'alive', ttlMs: 1060 });
  nowMs = 1001;
  expect(() => promises.onApply(endOf(SESSION))).not.toThrow();
  // Another node applies it, too.
  expect(() => promises.onApply(endOf(SESSION))).not.toThrow();

  const asked = new SessionPromises(() => 0, []);
  asked.onRequest(KEEP_ALIVE)({ kind: 'alive', ttlMs: 1060 });
  asked.onRequest({ kind: 'end', session: SESSION });
  expect(() => asked.onApply(endOf(SESSION))).not.toThrow();
});

it('allows for a clock that jumped by less than what counts as a stall', () => {
  let nowMs = 0;
  const promises = new SessionPromises(() => nowMs, [{ atMs: 200, byMs: 90 }]);
  promises.onRequest(KEEP_ALIVE)({ kind: 'alive', ttlMs: 1060 });
  nowMs = 905;
  expect(() => promises.onApply(endOf(SESSION))).toThrow(BrokenPromise);
  const others = new SessionPromises(() => nowMs, [{ atMs: 950, byMs: 90 }]);
  others.onRequest(KEEP_ALIVE)({ kind: 'alive', ttlMs: 1060 });
  nowMs = 1876;
  expect(() => others.onApply(endOf(SESSION))).not.toThrow();
});
