import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runScenario, unifiedDiff } from '../../src/scenario/index.ts';

const FOLDER = join(import.meta.dirname, '../../scenarios');
const FILES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.txt'),
);

describe('each scenario causes the trace that stands below it', () => {
  it('and there are scenarios, all 28 cases of etcd-io/raft among them', () => {
    expect(FILES.length).toBeGreaterThan(60);
    expect(FILES.filter((name) => name.startsWith('etcd/'))).toHaveLength(28);
  });

  it.each(FILES.toSorted())('%s', (name) => {
    const expected = readFileSync(join(FOLDER, name), 'utf8');
    const { text, violations } = runScenario(expected);
    expect(violations).toEqual([]);
    expect(unifiedDiff(name, expected, text)).toBe('');
  });
});
