/** Plans that once failed, on a node with the mistake that their file is named after: on the code that ships they hold. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { replay, type Plan } from '../../src/index.ts';

const FOLDER = join(import.meta.dirname, '../fixed');

it.each(readdirSync(FOLDER).toSorted())('holds on %s', async (file) => {
  const plan = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Plan;
  const { violation } = await replay(plan);
  expect(violation).toBe(null);
});
