#!/usr/bin/env node
/** `raftkv-server`. */

import { runServer } from './run.ts';

process.exit(await runServer(process.argv.slice(2), process.env));
