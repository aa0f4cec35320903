/**
 * Starts children and sees to it that none of them outlives this process. It stops them when it is
 * told to (SIGINT, SIGTERM, SIGHUP) and when the process that started it is gone: npm passes on few of
 * the signals it gets, so for a script under npm that is the only sign that it should end.
 *
 * @import { ChildProcess } from 'node:child_process'
 * @import { Call } from './tools.mjs'
 * @typedef {{ child: ChildProcess, isGroup: boolean, ended: Promise<Ending> }} Running
 * @typedef {{ code: number | null, signal: NodeJS.Signals | null, isStopped: boolean }} Ending
 * @typedef {object} RunOptions
 * @property {boolean} [isInteractive] give the child the terminal and a channel on whose end it can
 *   notice the death of this process; otherwise it and all its descendants form a group of their own,
 *   which is stopped as a whole
 * @property {NodeJS.ProcessEnv} [env]
 */

import { spawn, spawnSync } from 'node:child_process';
import { watchParent } from './parent-watch.mjs';

const STOP_SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

export class Supervisor {
  #graceMs;
  /** @type {Set<Running>} */
  #running = new Set();
  /** @type {string | null} */
  #stopReason = null;
  #wasKilled = false;

  /** @param {{ graceMs: number }} options how long a child may take to end before it is killed */
  constructor({ graceMs }) {
    this.#graceMs = graceMs;
    for (const signal of STOP_SIGNALS) process.on(signal, () => this.stop(signal));
    watchParent(() => this.stop('the parent process is gone'));
    // With the parent its end of the pipe may be gone too, and the stop must not fail over a line of output.
    process.stdout.on('error', () => {});
    process.stderr.on('error', () => {});
  }

  /** Why the children were stopped, or `null` while nothing asked for it. */
  get stopReason() {
    return this.#stopReason;
  }

  /** Whether a child had to be killed because it did not end in time. */
  get wasKilled() {
    return this.#wasKilled;
  }

  /**
   * Runs a command to its end. Once a stop was asked for, nothing new is started.
   *
   * @param {Call} call
   * @param {RunOptions} [options]
   * @returns {Promise<Ending>}
   */
  run({ command, args, cwd, shell = false }, { isInteractive = false, env = process.env } = {}) {
    if (this.#stopReason !== null) return Promise.resolve({ code: null, signal: null, isStopped: true });
    const isGroup = !isInteractive && process.platform !== 'win32';
    const child = spawn(command, args, {
      cwd,
      env,
      shell,
      detached: isGroup,
      stdio: isInteractive ? ['inherit', 'inherit', 'inherit', 'ipc'] : ['ignore', 'inherit', 'inherit'],
    });
    /** @type {Promise<Ending>} */
    const ended = new Promise((resolve) => {
      child.once('error', (error) => {
        process.stderr.write(`cannot start ${command}: ${error.message}\n`);
        resolve({ code: 127, signal: null, isStopped: false });
      });
      child.once('exit', (code, signal) => {
        resolve({ code, signal, isStopped: this.#stopReason !== null });
      });
    });
    const running = { child, isGroup, ended };
    this.#running.add(running);
    return ended.finally(() => this.#running.delete(running));
  }

  /**
   * Asks every child to end, and kills what has not ended after the time of grace. `run` resolves as
   * each one ends. Later calls change nothing: a terminal and npm may both deliver the same Ctrl-C.
   *
   * @param {string} reason
   */
  stop(reason) {
    if (this.#stopReason !== null) return;
    this.#stopReason = reason;
    for (const running of this.#running) {
      send(running, 'SIGTERM');
      const escalation = setTimeout(() => {
        this.#wasKilled = true;
        send(running, 'SIGKILL');
      }, this.#graceMs);
      void running.ended.then(() => clearTimeout(escalation));
    }
  }
}

/**
 * @param {Running} running
 * @param {NodeJS.Signals} signal
 */
function send({ child, isGroup }, signal) {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    // A signal ends only the process itself there, and a batch file's children would stay.
    spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F']);
    return;
  }
  try {
    process.kill(isGroup ? -child.pid : child.pid, signal);
  } catch {
    // It ended in the meantime.
  }
}
