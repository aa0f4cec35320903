/**
 * A scenario as text and back: comments, and cases of commands with the trace that they are expected to cause. The form
 * is that of data-driven tests: commands, a line `----`, the trace, an empty line.
 */

import { parseCommand, type CommandLine } from './command-line.ts';
import { ScenarioError } from './scenario-error.ts';

/** Commands, and what stands below them. */
export interface Case {
  readonly kind: 'case';
  /** At least one, done in this order. */
  readonly commands: readonly CommandLine[];
  /** The trace, line by line, as it was in the text. */
  readonly expected: readonly string[];
}

/** A comment, or an empty line that a reader wanted. */
export interface Remark {
  readonly kind: 'remark';
  readonly text: string;
}

/** A text of scenarios, read. */
export interface Scenario {
  readonly parts: readonly (Case | Remark)[];
}

const RULE = '----';

/**
 * Reads a text of scenarios.
 *
 * @throws {ScenarioError} naming the line of the first command that makes no sense.
 */
export function parseScenario(text: string): Scenario {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const parts: (Case | Remark)[] = [];
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? '';
    if (line.trim() === '' || line.startsWith('#')) {
      parts.push({ kind: 'remark', text: line.trimEnd() });
      at += 1;
      continue;
    }
    const rule = lines.indexOf(RULE, at);
    const end = endOf(lines, rule === -1 ? at : rule + 1);
    parts.push(parseCase(lines, at, rule, end));
    // The empty line belongs to the case.
    at = end + 1;
  }
  return { parts };
}

/** The text that has `traces` where `scenario` had what was expected, one a case. */
export function writeScenario({ parts }: Scenario, traces: readonly (readonly string[])[]): string {
  const lines: string[] = [];
  let cases = 0;
  for (const part of parts) {
    if (part.kind === 'remark') {
      lines.push(part.text);
      continue;
    }
    const trace = traces[cases] ?? part.expected;
    cases += 1;
    lines.push(...part.commands.map(({ text }) => text), RULE, ...trace, '');
  }
  while (lines.at(-1) === '') lines.pop();
  return `${lines.join('\n')}\n`;
}

function parseCase(lines: readonly string[], from: number, rule: number, end: number): Case {
  const commands: CommandLine[] = [];
  for (let at = from; at < (rule === -1 ? from + 1 : rule);) {
    const first = at;
    // What is indented goes on with the command above it.
    for (at += 1; at < rule && /^\s+\S/u.test(lines[at] ?? '');) at += 1;
    const text = lines.slice(first, at).map((line) => line.trimEnd());
    if (text.join('') === '') throw new ScenarioError(first + 1, `commands end in a line ${RULE}`);
    commands.push(parseCommand(text.join('\n'), first + 1));
  }
  if (rule === -1) throw new ScenarioError(from + 1, `commands end in a line ${RULE}`);
  return { kind: 'case', commands, expected: lines.slice(rule + 1, end) };
}

/** The first empty line from `from` on, or the end. */
function endOf(lines: readonly string[], from: number): number {
  const end = lines.findIndex((line, at) => at >= from && line.trim() === '');
  return end === -1 ? lines.length : end;
}
