/** Changes the text of the one module as it is loaded. Runs in the loader's thread. */

import type { InitializeHook, LoadHook } from 'node:module';
import { SABOTAGES, sabotagedSource, type Sabotage } from './sabotage.ts';

let sabotage: Sabotage | null = null;

export const initialize: InitializeHook<unknown> = (name) => {
  sabotage = SABOTAGES.find((one) => one.name === name) ?? null;
  if (sabotage === null) throw new Error(`there is no sabotage ${String(name)}`);
};

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (sabotage === null || !url.endsWith(sabotage.module)) return loaded;
  const source = loaded.source ?? '';
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  return { ...loaded, source: sabotagedSource(sabotage, text) };
};
