/** What nodes say in their logs, and what of it no node says that meets nothing but faults of processes and connections. */

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Failure } from '../workload/check.ts';

/** Of pino, whose lines the log is made of. */
const ERROR_LEVEL = 50;
/** What one node holds against another one that it knows: nobody else ever speaks in its name. */
const ACCUSATIONS = ['a peer says what no correct peer says', 'a peer sent what no peer sends'];

/** Each node's, by the first thing that it complains of. */
export async function checkLogs(logFiles: readonly string[]): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const file of logFiles) {
    const [first, ...others] = await complaintsIn(file);
    if (first === undefined) continue;
    const what = `${basename(file)} says, and ${others.length} times more: ${first}`;
    failures.push({ promise: 'understood', what });
  }
  return failures;
}

/** Lines in which a node says that it cannot go on, or that another one broke the protocol. */
export async function complaintsIn(logFile: string): Promise<readonly string[]> {
  const lines = (await readFile(logFile, 'utf8')).split('\n');
  return lines.filter(isComplaint);
}

export async function lastLinesOf(logFile: string, count: number): Promise<string> {
  return (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-count).join('\n');
}

function isComplaint(line: string): boolean {
  const { level, msg } = parsed(line);
  if (typeof level === 'number' && level >= ERROR_LEVEL) return true;
  return ACCUSATIONS.some((accusation) => String(msg).startsWith(accusation));
}

/** A process that is killed may leave half a line. */
function parsed(line: string): { readonly level?: unknown; readonly msg?: unknown } {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
