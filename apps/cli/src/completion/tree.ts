/** What there is to complete, read from the tree of commands: nothing is listed twice by hand. */

import type { Command, Option } from 'commander';

export interface CompletionTree {
  readonly name: string;
  readonly commands: readonly CompletedCommand[];
  /** Of every command, and before it. */
  readonly flags: readonly CompletedFlag[];
}

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly CompletedFlag[];
  /** What its first argument may be, where that is a choice. */
  readonly choices: readonly string[];
}

export interface CompletedFlag {
  /** With their dashes: `-o`, `--output`. */
  readonly names: readonly string[];
  readonly summary: string;
  readonly hasValue: boolean;
  /** What its value may be, where that is a choice. */
  readonly choices: readonly string[];
}

export function completionTree(program: Command): CompletionTree {
  const help = program.createHelp();
  const visible = help.visibleCommands(program);
  const names = visible.map((command) => command.name());
  const commands = visible.map((command) => ({
    name: command.name(),
    summary: command.summary() || command.description(),
    flags: help.visibleOptions(command).map(flagOf),
    // `help` takes a command.
    choices: command.name() === 'help' ? names : (command.registeredArguments[0]?.argChoices ?? []),
  }));
  return { name: program.name(), commands, flags: help.visibleOptions(program).map(flagOf) };
}

/** Those that take a value, so that what follows is not taken for an argument. */
export function flagsWithValue(flags: readonly CompletedFlag[]): readonly CompletedFlag[] {
  return flags.filter(({ hasValue }) => hasValue);
}

function flagOf({ short, long, description, required, argChoices }: Option): CompletedFlag {
  const names = [short, long].filter((name) => name !== undefined);
  return { names, summary: description, hasValue: required, choices: argChoices ?? [] };
}
