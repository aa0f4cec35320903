/** `node --import=…/mutated-main.js?module=MODULE&path=PATH`: loads the file at PATH wherever MODULE is asked for. */

import { register } from 'node:module';
import type { MutatedModule } from './mutated-module.ts';

const { searchParams } = new URL(import.meta.url);
const data: MutatedModule = {
  module: searchParams.get('module') ?? '',
  path: searchParams.get('path') ?? '',
};
register('./mutated-loader.js', import.meta.url, { data });
