/** Whether a program is there, before anything is begun that would need it. */

import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { BenchError } from '../errors.ts';

/** @throws {BenchError} with `advice`, if `program` is neither a path to one nor found in `PATH`. */
export async function checkProgram(program: string, advice: string): Promise<void> {
  const isPath = program.includes('/') || program.includes('\\');
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = isPath ? [program] : folders.map((folder) => join(folder, program));
  const found = await Promise.allSettled(paths.map((path) => access(path, constants.X_OK)));
  if (!found.some(({ status }) => status === 'fulfilled')) {
    throw new BenchError(`there is no program '${program}' here: ${advice}`);
  }
}
