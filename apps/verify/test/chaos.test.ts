import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Ledger } from '../src/chaos/ledger.ts';

function ledger(): Ledger {
  const book = new Ledger();
  for (let nth = 0; nth < 3; nth += 1) book.next();
  book.onApplied(1, 10);
  book.onRefused(2, 'not-applied');
  book.onRefused(3, 'unknown');
  return book;
}
function logs(...lists: [number, number][][]): Map<string, [number, number][]> {
  return new Map(lists.map((list, at) => [`n${at}`, list]));
}

describe('three processes over real files', () => {
  it('lose nothing that was acknowledged, however they are killed', async () => {
    // As it was built: a member is a process of its own.
    const { runChaos } = await import('../dist/chaos/run.js');
    const directory = await mkdtemp(join(tmpdir(), 'raftkv-chaos-test-'));
    const { faults, acknowledged } = await runChaos(directory, 8, () => {});
    expect(faults).toEqual([]);
    expect(acknowledged).toBeGreaterThan(8);
    await rm(directory, { recursive: true, force: true });
  });
});

describe('the ledger', () => {
  it('is content with what was acknowledged, and with what may or may not have taken effect', () => {
    expect(ledger().faults(logs([[10, 1]], [[10, 1]]))).toEqual([]);
    expect(
      ledger().faults(
        logs([
          [10, 1],
          [11, 3],
        ]),
      ),
    ).toEqual([]);
  });

  it.each([
    ['a command that was acknowledged is missing', logs([[11, 3]])],
    ['it stands at another index', logs([[11, 1]])],
    [
      'a command was applied twice',
      logs([
        [10, 1],
        [11, 3],
        [12, 3],
      ]),
    ],
    [
      'a command was refused and applied',
      logs([
        [10, 1],
        [11, 2],
      ]),
    ],
    [
      'a command was never proposed',
      logs([
        [10, 1],
        [11, 9],
      ]),
    ],
    [
      'two logs differ',
      logs(
        [[10, 1]],
        [
          [10, 1],
          [11, 3],
        ],
      ),
    ],
    ['there is none', logs()],
  ])('finds fault where %s', (_, given) => {
    expect(ledger().faults(given)).toHaveLength(1);
  });
});
