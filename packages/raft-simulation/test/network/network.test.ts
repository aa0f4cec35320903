/** What the network does to what is sent: each kind of bad weather, cuts and clogs, and what is told of connections. */

import { nodeId } from '@raftkv/core';
import { describe, expect, it } from 'vitest';
import { connected, Witness } from './witness.ts';

const [A, B] = [nodeId('a'), nodeId('b')];
const NUMBERS = Array.from({ length: 200 }, (_, at) => at + 1);

async function pair(weather: Parameters<typeof connected>[1] = {}) {
  const { world, network, ends } = await connected('a b', weather);
  const [a, b] = ends as [Witness, Witness];
  const pass = (ms: number) => world.runUntil(world.nowMs + ms);
  return { world, network, a, b, pass };
}

describe('weather', () => {
  it('delivers everything in order while it is calm', async () => {
    const { a, b, pass } = await pair();
    a.send('b', ...NUMBERS);
    await pass(10);
    expect(b.news()).toEqual(NUMBERS.map((number) => `a ${number}`));
  });

  it('delays, within its bounds', async () => {
    const { a, b, pass } = await pair({ delayMs: [20, 30] });
    a.send('b', 1);
    await pass(19.9);
    expect(b.news()).toEqual([]);
    await pass(10.2);
    expect(b.news()).toEqual(['a 1']);
  });

  it('is slow for a share, and still in order', async () => {
    const { a, b, pass } = await pair({ slowShare: 0.5, slowMs: [500, 600] });
    a.send('b', 1, 2, 3, 4, 5, 6, 7, 8);
    await pass(100);
    expect(b.told.length).toBeLessThan(8);
    await pass(600);
    expect(b.news()).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((number) => `a ${number}`));
  });

  it('loses a share', async () => {
    const { a, b, pass } = await pair({ lossShare: 0.3 });
    a.send('b', ...NUMBERS);
    await pass(10);
    expect(b.told.length).toBeGreaterThan(100);
    expect(b.told.length).toBeLessThan(180);
  });

  it('repeats a share', async () => {
    const { a, b, pass } = await pair({ duplicateShare: 0.3 });
    a.send('b', ...NUMBERS);
    await pass(10);
    expect(b.told.length).toBeGreaterThan(220);
    expect(new Set(b.told).size).toBe(200);
  });

  it('loses the order of a share', async () => {
    const { a, b, pass } = await pair({ overtakeShare: 0.5, delayMs: [0, 5] });
    a.send('b', ...NUMBERS);
    await pass(10);
    const inOrder = NUMBERS.map((number) => `a ${number}`);
    expect(b.told).not.toEqual(inOrder);
    expect(b.told.toSorted()).toEqual(inOrder.toSorted());
  });

  it('gets worse for a time, and is then as it was', async () => {
    const { network, a, b, pass } = await pair();
    const end = network.worsen({ lossShare: 1 });
    a.send('b', 1);
    await pass(10);
    end();
    a.send('b', 2);
    await pass(10);
    expect(b.news()).toEqual(['a 2']);
  });
});

describe('a link', () => {
  it('that is cut loses what is sent in that direction alone, and what is under way', async () => {
    const { network, a, b, pass } = await pair({ delayMs: [5, 5] });
    a.send('b', 1);
    network.cut(A, B);
    a.send('b', 2);
    b.send('a', 3);
    await pass(10);
    network.heal(A, B);
    a.send('b', 4);
    await pass(10);
    expect([a.news(), b.news()]).toEqual([['b 3'], ['a 4']]);
  });

  it('that two faults cut is cut until both have ended', async () => {
    const { network, a, b, pass } = await pair();
    network.cut(A, B);
    network.cut(A, B);
    network.heal(A, B);
    a.send('b', 1);
    await pass(10);
    network.heal(A, B);
    a.send('b', 2);
    await pass(10);
    expect(b.news()).toEqual(['a 2']);
  });

  it('that is clogged keeps what is sent until it is free', async () => {
    const { network, a, b, pass } = await pair();
    network.clog(A, B);
    a.send('b', 1, 2, 3);
    b.send('a', 4);
    await pass(100);
    expect([a.news(), b.news()]).toEqual([['b 4'], []]);
    network.unclog(A, B);
    await pass(10);
    expect(b.news()).toEqual(['a 1', 'a 2', 'a 3']);
  });

  it('that two faults clog is clogged until both have ended', async () => {
    const { network, a, b, pass } = await pair();
    network.clog(A, B);
    network.clog(A, B);
    a.send('b', 1);
    await pass(10);
    network.unclog(A, B);
    await pass(10);
    // What came is neither delivered nor lost.
    expect(b.news()).toEqual([]);
    a.send('b', 2);
    await pass(10);
    network.unclog(A, B);
    await pass(10);
    expect(b.news()).toEqual(['a 1', 'a 2']);
  });

  it('that stays cut is given up by both ends, and they meet again when it has healed', async () => {
    const { network, a, b, pass } = await pair({ silenceMs: 300 });
    network.cut(A, B);
    await pass(290);
    expect([a.news(), b.news()]).toEqual([[], []]);
    await pass(20);
    expect([a.news(), b.news()]).toEqual([['b lost'], ['a lost']]);
    await pass(500);
    expect([a.news(), b.news()]).toEqual([[], []]);
    network.heal(A, B);
    await pass(100);
    expect([a.news(), b.news()]).toEqual([['b connected'], ['a connected']]);
  });

  it('that heals in time is not given up', async () => {
    const { network, a, pass } = await pair({ silenceMs: 300 });
    network.cut(A, B);
    await pass(200);
    network.heal(A, B);
    network.cut(A, B);
    await pass(200);
    expect(a.news()).toEqual([]);
  });
});

describe('a connection', () => {
  it('that breaks is told to each end early, late or never, and right or wrong', async () => {
    const { network, a, b, pass } = await pair();
    network.flap(A, B, [{ afterMs: 10, processGone: true }, null]);
    await pass(9);
    expect(a.news()).toEqual([]);
    await pass(2);
    expect(a.news()).toEqual(['b gone']);
    await pass(100);
    // The one that never heard of the end hears of the new connection all the same.
    expect([a.news(), b.news()]).toEqual([['b connected'], ['a connected']]);
  });

  it('that another has replaced ends without a word', async () => {
    const { network, a, pass } = await pair();
    network.flap(A, B, [
      { afterMs: 500, processGone: true },
      { afterMs: 0, processGone: false },
    ]);
    await pass(1000);
    expect(a.news()).toEqual(['b connected']);
  });

  it('carries nothing after its end', async () => {
    const { network, a, b, pass } = await pair({ delayMs: [5, 5] });
    a.send('b', 1);
    network.flap(A, B, [null, { afterMs: 1, processGone: false }]);
    a.send('b', 2);
    await pass(30);
    expect(b.news()).toEqual(['a lost']);
  });

  it('of a crashed process is noticed by the others, as late as the weather has it', async () => {
    const { network, a, b, pass } = await pair({ noticeMs: [50, 50] });
    b.life.end();
    network.onCrash(B);
    await pass(49);
    expect(a.news()).toEqual([]);
    await pass(2);
    expect([a.news(), b.news()]).toEqual([['b gone'], []]);
  });

  it('of a crashed process is taken for merely broken, or not noticed at all, where the weather has it so', async () => {
    const mistaken = await pair({ mistakenShare: 1 });
    mistaken.network.onCrash(B);
    const unnoticed = await pair({ unnoticedShare: 1 });
    unnoticed.network.onCrash(B);
    await mistaken.pass(100);
    await unnoticed.pass(100);
    expect([mistaken.a.news(), unnoticed.a.news()]).toEqual([['b lost'], []]);
  });

  it('of a crashed process is not noticed over a link that is cut', async () => {
    const { network, a, pass } = await pair();
    network.cut(B, A);
    network.onCrash(B);
    await pass(100);
    expect(a.news()).toEqual([]);
  });

  it('is not made with a process that is paused', async () => {
    const { world, network, a, pass } = await pair();
    a.life.pause();
    const c = new Witness(world, network, 'c');
    await pass(200);
    expect(c.news()).toEqual(['b connected']);
    a.life.resume();
    await pass(200);
    expect(c.news()).toEqual(['a connected']);
  });
});
