/** `npm run chaos -- [--rounds N]`: three processes over real files, killed while commands flow; nothing may be lost. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChaos } from './chaos/run.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  console.error(`--rounds must be an integer of at least 1, not '${values.rounds}'`);
  process.exit(2);
}

const directory = await mkdtemp(join(tmpdir(), 'raftkv-chaos-'));
let completed = 0;
try {
  const result = await runChaos(directory, rounds, (round, acknowledged) => {
    completed = round;
    if (round % 10 === 0) console.log(`round ${round}: ${acknowledged} commands acknowledged`);
  });
  const { kills, acknowledged, longestGapMs, faults } = result;
  for (const fault of faults.slice(0, 20)) console.error(fault);
  console.log(
    `${kills} processes killed, ${acknowledged} commands acknowledged, longest gap ${longestGapMs.toFixed(0)} ms`,
  );
  const isHeld = faults.length === 0;
  if (isHeld) await rm(directory, { recursive: true, force: true });
  else console.error(`the logs are kept in ${directory}`);
  console.log(`${isHeld ? rounds : 0} passed, ${isHeld ? 0 : rounds} failed`);
  process.exitCode = isHeld ? 0 : 1;
} catch (error) {
  console.error(error);
  console.error(`the logs are kept in ${directory}`);
  console.log(`${completed} passed, 1 failed`);
  process.exitCode = 1;
}
