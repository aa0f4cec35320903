import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manifestOf, ROOT } from '../lib/workspace.mjs';

const documents = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((path) => !path.startsWith('.changeset/') && !path.endsWith('CHANGELOG.md'))
  // Code, written by `npm run api`.
  .filter((path) => !path.startsWith('docs/api/'));

function found(pattern: RegExp): { document: string; text: string }[] {
  return documents.flatMap((document) =>
    [...readFileSync(join(ROOT, document), 'utf8').matchAll(pattern)].map(([, text = '']) => ({
      document,
      text,
    })),
  );
}

describe('the documents', () => {
  it('link to files that are there', () => {
    const links = found(/\]\(([^)\s#]+)[^)]*\)/g).filter(({ text }) => !/^[a-z]+:/.test(text));
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter(({ document, text }) => !existsSync(join(ROOT, dirname(document), text)))).toEqual(
      [],
    );
  });

  it('name commands that exist', () => {
    const commands = found(/\bnpm run ([a-z][a-z:-]*)/g);
    expect(commands.length).toBeGreaterThan(0);
    const scripts = Object.keys(manifestOf('.').scripts ?? {});
    expect(commands.filter(({ text }) => !scripts.includes(text))).toEqual([]);
  });
});
