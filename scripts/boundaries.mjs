/** Writes `.oxlintrc.boundaries.json` from the table of layers; with `--check` only compares. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { boundaryConfig, BOUNDARY_FILE } from './lib/boundary-rules.mjs';
import { LAYERS } from './lib/layers.mjs';
import { ROOT } from './lib/workspace.mjs';

const path = join(ROOT, BOUNDARY_FILE);
const text = boundaryConfig(LAYERS);

if (!process.argv.includes('--check')) {
  writeFileSync(path, text);
} else if (readFileSync(path, 'utf8') !== text) {
  console.error(
    `${BOUNDARY_FILE} differs from scripts/lib/layers.mjs; \`npm run boundaries\` writes it anew.`,
  );
  process.exitCode = 1;
}
