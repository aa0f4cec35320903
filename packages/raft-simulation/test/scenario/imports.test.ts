import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const FOLDER = join(import.meta.dirname, '../../src/scenario');

// The compiler has no types but the language's there: what a global would give does not compile.
it('scenarios need the core and the language, and nothing else: they run in browsers', () => {
  const sources = readdirSync(FOLDER).map((name) => readFileSync(join(FOLDER, name), 'utf8'));
  const imports = sources.flatMap((text) =>
    [...text.matchAll(/ from '([^']+)';$/gmu)].map(([, from]) => from),
  );
  expect(imports).toContain('@raftkv/core');
  expect(imports.filter((from) => from !== '@raftkv/core' && !/^\.\/[a-z-]+\.ts$/u.test(from ?? ''))).toEqual(
    [],
  );
});
