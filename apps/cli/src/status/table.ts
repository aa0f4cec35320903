/** The nodes of a cluster as text: a line for each, in columns. */

import { printable } from '../printable.ts';
import type { SurveyedNode } from './survey.ts';

const HEADER = ['NAME', 'ROLE', 'TERM', 'LEADER', 'COMMIT', 'APPLIED', 'REVISION', 'KEYS', 'CLIENT'];

export function statusTable(nodes: readonly SurveyedNode[]): string {
  const rows = [HEADER, ...nodes.map(cells)];
  const widths = HEADER.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function cells(node: SurveyedNode): string[] {
  const { name, role, term, leader, commitIndex, appliedIndex, revision, keys, clientUrl, reason } = node;
  const values = [
    name,
    role ?? 'unreachable',
    term,
    leader,
    commitIndex,
    appliedIndex,
    revision,
    keys,
    // As `--endpoints` takes it too; with the scheme, a table of three nodes would be wider than a terminal.
    clientUrl?.replace(/^ws:\/\//, ''),
  ];
  // What is not known has a cell too, so that a script can count them.
  const texts = values.map((value) => printable(String(value ?? '-')) || '-');
  return reason === null ? texts : [...texts.slice(0, -1), `${texts.at(-1)} (${printable(reason)})`];
}
