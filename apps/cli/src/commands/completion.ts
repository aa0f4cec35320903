/** `raftkv completion`. */

import { Argument, type Command } from 'commander';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { completionTree, type CompletionTree } from '../completion/tree.ts';
import { zshCompletion } from '../completion/zsh.ts';
import type { Context } from '../context.ts';
import { writeResult } from '../output.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

const SCRIPTS: Readonly<Record<Shell, (tree: CompletionTree) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

const EXAMPLES = `
Examples:
  source <(raftkv completion bash)    # in ~/.bashrc
  source <(raftkv completion zsh)     # in ~/.zshrc, after compinit
  raftkv completion fish > ~/.config/fish/completions/raftkv.fish`;

export function addCompletion(program: Command, context: Context): void {
  program
    .command('completion')
    .summary('print a script that completes commands and flags')
    .description('Print a script by which a shell completes commands and flags.')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell) => writeResult(context.output, SCRIPTS[shell](completionTree(program))));
}
