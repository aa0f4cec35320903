/** What was begun ends with the program. */

import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Endings, temporaryDirectory } from '../src/endings.ts';

describe('what is owed an end', () => {
  it('is ended once, what began last first, and nothing begins after that', async () => {
    const endings = new Endings();
    const ended: string[] = [];
    const owe = (name: string): (() => Promise<void>) =>
      endings.owe(() => {
        ended.push(name);
        return Promise.resolve();
      });
    owe('directory');
    owe('process');
    const early = owe('ended before');
    await early();
    await endings.all();
    await early();
    expect(ended).toEqual(['ended before', 'process', 'directory']);
    expect(() => owe('late')).toThrow('interrupted');
    expect(() => temporaryDirectory(endings, 'bench-test')).toThrow('interrupted');
  });

  it('is a directory that is made', async () => {
    const endings = new Endings();
    const { path } = temporaryDirectory(endings, 'bench-test');
    expect(existsSync(path)).toBe(true);
    await endings.all();
    expect(existsSync(path)).toBe(false);
  });
});
