import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  differences,
  publicEntryPoints,
  reportOf,
  undocumented,
  undocumentedMembers,
  unexported,
} from '../lib/api-reports.mjs';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'raftkv-api-test-'));
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'example', type: 'module' }));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { lib: ['ES2023', 'DOM'] } }),
  );
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The report of a package with these declarations. */
function report(declarations: string): string {
  writeFileSync(join(folder, 'dist/index.d.ts'), `${declarations}export {};\n`);
  return reportOf({ folder, types: './dist/index.d.ts', report: 'example.api.md' });
}

describe('the report of an entry point', () => {
  it('has what is exported with its signature, and what that names', () => {
    const text = report(
      'interface Hidden { readonly size: number }\n/** Does it. */\nexport declare function act(input: Hidden): void;\n',
    );
    expect(text).toContain('export function act(input: Hidden): void;');
    expect(text).toContain('readonly size: number');
  });

  it('changes with a signature, and not with what is said of it', () => {
    const before = report('/** Does it. */\nexport declare function act(input: number): void;\n');
    expect(report('/** Does it well. */\nexport declare function act(input: number): void;\n')).toBe(before);
    expect(report('/** Does it. */\nexport declare function act(input: string): void;\n')).not.toBe(before);
  });

  it('shows what has no docstring, under a name of its own too', () => {
    const text = report(
      'export declare function act(): void;\n/** Said. */\nexport declare const said: number;\n' +
        'interface Hidden { a: number }\nexport type Request = Hidden | null;\n',
    );
    expect(undocumented(text)).toEqual(['export function act', 'type Request_2']);
  });

  it('shows what member has no docstring, but for a single value and what is said where it comes from', () => {
    const text = report(`
      export interface Port {
          /** Said. */
          open(): void;
          close(): void;
      }
      export interface Happening {
          readonly kind: 'event';
          readonly size: number;
      }
      export declare class Socket80 implements Port {
          constructor(path: string);
          open(): void;
          close(): void;
          static of(path: string): Socket80;
          [Symbol.iterator](): Iterator<string>;
          private inner;
      }`);
    expect(undocumentedMembers(text, [])).toEqual([
      'Happening.size',
      'Port.close',
      'Socket80.[Symbol.iterator]',
      'Socket80.close',
      'Socket80.of',
      'Socket80.open',
    ]);
    expect(undocumentedMembers(text, [text])).not.toContain('Socket80.open');
  });

  it('shows what a signature names and nobody can import', () => {
    const inner =
      'interface Hidden { readonly size: number }\nexport interface NodeState { readonly log: Hidden }\n' +
      'interface Other { readonly size: number }\n';
    const text = report(`${inner}export declare function act(input: Other, state: NodeState): void;\n`);
    expect(unexported(text, [text])).toEqual(['Other']);
    expect(unexported(text, [text, report(`${inner}export { Other };\n`)])).toEqual([]);
  });

  it('cannot be made of declarations that do not compile', () => {
    expect(() => report('export declare function act(input: Nowhere): void;\n')).toThrow('Nowhere');
  });
});

describe('the reviewed reports', () => {
  it('differ where one was changed, is new or is gone', () => {
    const reports = new Map([
      ['changed', 'new'],
      ['new', 'new'],
      ['same', 'same'],
    ]);
    const reviewed = join(folder, 'reviewed');
    expect(differences(reports, reviewed)).toEqual(['changed', 'new', 'same']);
    mkdirSync(reviewed);
    for (const [name, text] of Object.entries({ changed: 'old', same: 'same', gone: 'old' }))
      writeFileSync(join(reviewed, name), text);
    expect(differences(reports, reviewed)).toEqual(['changed', 'gone', 'new']);
  });

  it('are of each entry point, once for Node and once for browsers where these differ', () => {
    const names = publicEntryPoints().map((entry) => entry.report);
    expect(names).toEqual(
      expect.arrayContaining([
        'core.api.md',
        'runtime.compliance.api.md',
        'kv-client.api.md',
        'kv-client.node.api.md',
      ]),
    );
    expect(new Set(names).size).toBe(names.length);
  });
});
