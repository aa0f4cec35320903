/** What a process keeps in memory, and on the disk. */

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Resident bytes; `null` where the system does not say, or the process is gone. */
export async function residentBytesOf(pid: number): Promise<number | null> {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) * 1024;
  } catch {
    return null;
  }
}

/** Of all files below, as long as they say that they are: with what is preallocated. */
export async function bytesBelow(directory: string): Promise<number> {
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const sizes = await Promise.all(files.map((file) => bytesOf(join(file.parentPath, file.name))));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

/** A file that is gone by now has none. */
async function bytesOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}
