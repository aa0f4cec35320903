/** `node --import=…/sabotage-main.js?name=NAME`: breaks the program in the way of that name. */

import { register } from 'node:module';

const name = new URL(import.meta.url).searchParams.get('name');
register('./sabotage-loader.js', import.meta.url, { data: name });
