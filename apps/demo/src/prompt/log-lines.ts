/** The end of a node's log, for a person to read. */

import { open } from 'node:fs/promises';

/** More than enough for the lines that are shown. */
const TAIL_BYTES = 64 * 1024;
const LINES = 20;
const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
};

/** @throws the system's error if the file cannot be read. */
export async function logLines(path: string): Promise<string[]> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const lines = buffer.subarray(0, bytesRead).toString().trimEnd().split('\n');
    return lines.slice(-LINES).map(readable);
  } finally {
    await file.close();
  }
}

function readable(line: string): string {
  const parsed = fieldsOf(line);
  if (parsed === null) return line;
  const { time, level, msg, ...rest } = parsed;
  const details = Object.entries(rest).map(([name, value]) => `${name}=${text(value)}`);
  const label = LEVELS[Number(level)] ?? '';
  return [text(time).slice(11, 23), label.padEnd(5), text(msg), ...details].join(' ');
}

function fieldsOf(line: string): { time?: unknown; level?: unknown; msg?: unknown } | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
