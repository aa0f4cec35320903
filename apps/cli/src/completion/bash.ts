/** The script for bash. */

import { flagsWithValue, type CompletedFlag, type CompletionTree } from './tree.ts';

export function bashCompletion({ name, commands, flags }: CompletionTree): string {
  const all = commands.flatMap((command) => command.flags);
  const valued = flagsWithValue([...flags, ...all]);
  const offers = commands.map((command) => {
    const words = [...command.choices, ...namesOf([...command.flags, ...flags])];
    return `    ${command.name}) words=${quote(words)} ;;`;
  });
  const first = [...commands.map((command) => command.name), ...namesOf(flags)];
  return `# ${name} completion for bash: source <(${name} completion bash)
_${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command='' words='' at
  COMPREPLY=()
  # bash takes --flag=value for three words.
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $previous == '=' && $COMP_CWORD -gt 1 ]]; then
    previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
      --) return ;;
      ${patternOf(valued)}) [[ \${COMP_WORDS[at+1]} == '=' ]] && ((at++)); ((at++)) ;;
      -*) ;;
      *) [[ -z $command ]] && command=\${COMP_WORDS[at]} ;;
    esac
  done
  case $previous in
${uniqueValued(valued)
  .map(({ names, choices }) => `    ${names.join('|')}) words=${quote(choices)}; ${REPLY}; return ;;`)
  .join('\n')}
  esac
  case $command in
    '') words=${quote(first)} ;;
${offers.join('\n')}
  esac
  ${REPLY}
}
complete -F _${name} ${name}
`;
}

const REPLY = `COMPREPLY=($(compgen -W "$words" -- "$current"))`;

function namesOf(flags: readonly CompletedFlag[]): string[] {
  return [...new Set(flags.flatMap(({ names }) => names.at(-1) ?? []))];
}

function patternOf(flags: readonly CompletedFlag[]): string {
  return [...new Set(flags.flatMap(({ names }) => names))].join('|');
}

/** Several commands have a flag of one name. */
function uniqueValued(flags: readonly CompletedFlag[]): readonly CompletedFlag[] {
  return [...new Map(flags.map((flag) => [flag.names.join('|'), flag])).values()];
}

/** They are names of commands and flags, and have no quotes. */
function quote(words: readonly string[]): string {
  return `'${words.join(' ')}'`;
}
