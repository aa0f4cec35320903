/** What `npm start` runs. The narrated election comes here; until then it waits to be stopped. */

import { INVARIANTS } from '@raftkv/core';
import { untilStopped } from './until-stopped.ts';

const count = Object.keys(INVARIANTS).length;
console.log(`raftkv: a core with ${count} named invariants, and no cluster to show yet; Ctrl-C ends it`);
await untilStopped();
console.log('raftkv: stopped');
