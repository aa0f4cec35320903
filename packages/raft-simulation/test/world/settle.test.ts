/** Elsewhere than in Node, a message to oneself ends an event. */

import { expect, it, onTestFinished, vi } from 'vitest';

it('lets reactions settle by a MessageChannel where there is no setImmediate', async () => {
  const ports: { close(): void }[] = [];
  class ClosableChannel extends MessageChannel {
    constructor() {
      super();
      ports.push(this.port1, this.port2);
    }
  }
  vi.resetModules();
  vi.stubGlobal('setImmediate', undefined);
  vi.stubGlobal('MessageChannel', ClosableChannel);
  onTestFinished(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
    for (const port of ports) port.close();
  });
  const { runSeed } = await import('../../src/index.ts');
  vi.unstubAllGlobals();
  const result = await runSeed(3, { hosts: 3, safetyMs: 1000 });
  expect(ports.length).toBe(2);
  vi.resetModules();
  const { runSeed: runInNode } = await import('../../src/index.ts');
  expect((await runInNode(3, { hosts: 3, safetyMs: 1000 })).digest).toBe(result.digest);
});
