/** When a turn is over, in Node and elsewhere. */

import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

async function orderOfTurn(): Promise<string[]> {
  const { systemClock } = await import('../src/clock.ts');
  const order: string[] = [];
  const isOver = new Promise<void>((resolve) => {
    systemClock.endOfTurn(() => {
      order.push('end');
      resolve();
    });
  });
  const later = async (): Promise<void> => {
    await Promise.resolve();
    await Promise.resolve();
    order.push('promises');
  };
  void later();
  order.push('now');
  await isOver;
  await Promise.resolve();
  await Promise.resolve();
  return order;
}

it('is over in Node when all promises have been told', async () => {
  expect(await orderOfTurn()).toEqual(['now', 'promises', 'end']);
});

it('is over when the caller is done where there are no immediates', async () => {
  vi.stubGlobal('setImmediate', undefined);
  expect((await orderOfTurn()).slice(0, 2)).toEqual(['now', 'end']);
});
