#!/usr/bin/env node
/** `raftkv`. */

import { run } from './run.ts';

// Not by itself: sockets of a node that is silent would keep the process alive.
process.exit(await run(process.argv.slice(2), process.env));
