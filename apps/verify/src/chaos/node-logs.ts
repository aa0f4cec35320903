/** What nodes say in their logs, and what of it no node says that meets nothing but faults of processes and connections. */

import { readFile } from 'node:fs/promises';

/** Of pino, whose lines the log is made of. */
const ERROR_LEVEL = 50;
/** What one node holds against another one that it knows: nobody else ever speaks in its name. */
const ACCUSATIONS = ['a peer says what no correct peer says', 'a peer sent what no peer sends'];

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
