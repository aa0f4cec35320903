/** The script for zsh: to be sourced, or to be a file `_raftkv` in `$fpath`. */

import type { CompletedCommand, CompletedFlag, CompletionTree } from './tree.ts';

export function zshCompletion({ name, commands, flags }: CompletionTree): string {
  return `#compdef ${name}
# ${name} completion for zsh: source <(${name} completion zsh)
_${name}() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C ${joined(flags.flatMap(specsOf))} '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      local -a commands=(
${commands.map((command) => `        ${quote(`${escaped(command.name)}:${command.summary}`)}`).join('\n')}
      )
      _describe command commands
      ;;
    argument)
      case $words[1] in
${commands.map((command) => `        ${command.name}) _arguments ${joined(argumentsOf(command, flags))} ;;`).join('\n')}
      esac
      ;;
  esac
}
if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;
}

function argumentsOf({ flags, choices }: CompletedCommand, common: readonly CompletedFlag[]): string[] {
  const names = new Set(flags.flatMap((flag) => flag.names));
  const others = common.filter((flag) => !flag.names.some((name) => names.has(name)));
  const values = choices.length === 0 ? [] : [quote(`1:value:(${choices.join(' ')})`)];
  return [...[...flags, ...others].flatMap(specsOf), ...values];
}

/** One for each name; having given one, none is offered again. */
function specsOf({ names, summary, hasValue, choices }: CompletedFlag): string[] {
  const value = hasValue ? `:value:${choices.length === 0 ? ' ' : `(${choices.join(' ')})`}` : '';
  return names.map((name) => {
    const takes = hasValue && name.startsWith('--') ? '=' : '';
    return quote(`(${names.join(' ')})${name}${takes}[${bracketed(summary)}]${value}`);
  });
}

function joined(specs: readonly string[]): string {
  return specs.map((spec) => `\\\n    ${spec}`).join(' ');
}

function escaped(text: string): string {
  return text.replaceAll(':', '\\:');
}

function bracketed(text: string): string {
  return text.replace(/[[\]:]/g, '\\$&');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
