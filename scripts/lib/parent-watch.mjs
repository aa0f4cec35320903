/**
 * Tells when the process that asked for this one is gone. Mostly that is the parent, whose end shows as
 * a new `process.ppid`. Under npm there may be a shell in between (dash stays where bash would replace
 * itself), which outlives a killed npm without a word, so there the shell's own parent is watched too.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const POLL_MS = 200;

/**
 * Calls back once, when the parent is gone. Does not keep the process alive.
 *
 * @param {() => void} onGone
 * @param {NodeJS.ProcessEnv} [env]
 */
export function watchParent(onGone, env = process.env) {
  const parent = process.ppid;
  const isUnderNpm = env['npm_lifecycle_event'] !== undefined;
  const grandparent = isUnderNpm ? parentOf(parent) : null;
  const poll = setInterval(() => {
    if (process.ppid === parent && (grandparent === null || isStillParent(grandparent, parent))) return;
    clearInterval(poll);
    onGone();
  }, POLL_MS);
  poll.unref();
}

/**
 * @param {number} pid
 * @returns {number | null} `null` where it cannot be learned
 */
function parentOf(pid) {
  try {
    if (process.platform === 'linux') return parentByProc(pid);
    if (process.platform === 'win32') return null;
    return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
  } catch {
    return null;
  }
}

/** @param {number} pid */
function parentByProc(pid) {
  // The name of the program stands in parentheses and may contain anything; what follows is fixed.
  const [, , parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, ')').split(' ');
  return Number(parent);
}

/**
 * @param {number} parent
 * @param {number} child
 */
function isStillParent(parent, child) {
  // On Linux a dead parent that nobody has waited for yet can still be signalled, but has no children.
  if (process.platform === 'linux') return parentOf(child) === parent;
  try {
    return process.kill(parent, 0);
  } catch {
    return false;
  }
}
