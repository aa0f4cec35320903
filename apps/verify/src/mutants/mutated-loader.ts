/** Gives the compiled copy in the place of the one module. Runs in the loader's thread. */

import { readFile } from 'node:fs/promises';
import type { InitializeHook, LoadHook } from 'node:module';
import type { MutatedModule } from './mutated-module.ts';

let mutated: MutatedModule = { module: '', path: '' };

export const initialize: InitializeHook<MutatedModule> = (data) => {
  mutated = data;
};

export const load: LoadHook = async (url, context, nextLoad) => {
  if (!url.endsWith(mutated.module)) return nextLoad(url, context);
  return { format: 'module', source: await readFile(mutated.path), shortCircuit: true };
};
