/** The script for fish. */

import type { CompletedFlag, CompletionTree } from './tree.ts';

export function fishCompletion({ name, commands, flags }: CompletionTree): string {
  const isFirst = `-n __fish_use_subcommand`;
  const lines = [
    `# ${name} completion for fish: ${name} completion fish > ~/.config/fish/completions/${name}.fish`,
    `complete -c ${name} -f`,
    ...flags.map((flag) => `complete -c ${name} ${flagWords(flag)}`),
    ...commands.map(
      (command) => `complete -c ${name} ${isFirst} -a ${command.name} -d ${quote(command.summary)}`,
    ),
  ];
  const common = new Set(flags.flatMap((flag) => flag.names));
  for (const command of commands) {
    const isHere = `-n '__fish_seen_subcommand_from ${command.name}'`;
    const own = command.flags.filter((flag) => !flag.names.some((flagName) => common.has(flagName)));
    for (const flag of own) lines.push(`complete -c ${name} ${isHere} ${flagWords(flag)}`);
    if (command.choices.length > 0)
      lines.push(`complete -c ${name} ${isHere} -a ${quote(command.choices.join(' '))}`);
  }
  return `${lines.join('\n')}\n`;
}

function flagWords({ names, summary, hasValue, choices }: CompletedFlag): string {
  const words = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const value = hasValue ? ['-x'] : [];
  const offered = choices.length === 0 ? [] : [`-a ${quote(choices.join(' '))}`];
  return [...words, ...value, ...offered, `-d ${quote(summary)}`].join(' ');
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
