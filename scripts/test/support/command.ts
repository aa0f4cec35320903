/** Runs a command to its end, for a test that looks at what came of it. */

import { spawn } from 'node:child_process';

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandCall {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly shell?: boolean;
}

/** Resolves with what the command said, however it ended. */
export function runCommand({ command, args, cwd, shell = false }: CommandCall): Promise<CommandResult> {
  const child = spawn(command, args, { cwd, shell, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/**
 * The same, for a command that has to succeed.
 *
 * @throws {Error} with all that it said, if it fails.
 */
export async function runOrThrow(call: CommandCall): Promise<string> {
  const { code, stdout, stderr } = await runCommand(call);
  if (code === 0) return stdout;
  throw new Error(`${call.command} ${call.args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`);
}

/** Where npx has started this process, what it was asked for is no option of an npx that is started here. */
function environment(): NodeJS.ProcessEnv {
  const { npm_config_call: _call, npm_config_package: _package, ...rest } = process.env;
  return rest;
}
