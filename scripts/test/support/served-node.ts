/** A node of a cluster of its own, run by the command of the installed `@raftkv/server`. */

import { join } from 'node:path';
import { startProcess, type Started } from './processes.ts';

export class ServedNode {
  readonly #process: Started;
  /** Where clients reach it. */
  readonly clientUrl: string;

  private constructor(process: Started, clientUrl: string) {
    this.#process = process;
    this.clientUrl = clientUrl;
  }

  /** @param directory where it keeps what it holds */
  static async start(project: string, directory: string): Promise<ServedNode> {
    const program = join(project, 'node_modules/@raftkv/server/dist/main.js');
    const anyPort = '127.0.0.1:0';
    const flags = ['--data-dir', directory, '--listen-client', anyPort, '--listen-peer', anyPort];
    const started = startProcess(process.execPath, [program, ...flags, '--segment-bytes', String(2 ** 20)]);
    const [, url = ''] = await started.untilSaid(/"clientUrl":"(ws:[^"]+)"/);
    return new ServedNode(started, url);
  }

  async stop(): Promise<void> {
    this.#process.child.kill('SIGTERM');
    await this.#process.ended;
  }
}
