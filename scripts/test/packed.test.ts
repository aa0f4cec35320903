/**
 * What a stranger gets: the packages are packed, installed with npm into a project that has nothing else, and used there,
 * by the examples of the documents as they stand and by code that compiles against their types.
 */

import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manifestOf, ROOT } from '../lib/workspace.mjs';
import { runCommand, type CommandResult } from './support/command.ts';
import {
  compileConsumer,
  compileExamples,
  COMPILERS,
  consumerSources,
  MODE_NAMES,
  PLATFORM_NAMES,
  versionOf,
} from './support/consumer-check.ts';
import { examplesOf, type Example } from './support/examples.ts';
import { entryPointsOf, isLibrary, problemsOf } from './support/package-problems.ts';
import { lintOfTarball } from './support/package-lint.ts';
import { packFolder, PackedPackages, PUBLIC_LAYERS } from './support/packed-packages.ts';
import { ServedNode } from './support/served-node.ts';

/** Where the documents say that a node listens. */
const DOCUMENTED_URL = 'ws://127.0.0.1:7580';
const VERSION = manifestOf('packages/raft-core').version ?? '';

/** Whoever publishes a package publishes its README; the first one is read before any of them. */
const DOCUMENTS = [
  { document: 'README.md', package: null },
  ...PUBLIC_LAYERS.map(({ folder, name }) => ({ document: `${folder}/README.md`, package: name })),
].map((entry) => ({ ...entry, examples: examplesOf(readFileSync(join(ROOT, entry.document), 'utf8')) }));

const packed = new PackedPackages();
beforeAll(() => packed.prepare(), 300_000);
afterAll(() => packed.remove());

describe('a packed package', () => {
  for (const { name } of PUBLIC_LAYERS) {
    it(`has what ${name} needs, and nothing else`, () => {
      expect(problemsOf(packed.installed(name), VERSION)).toEqual([]);
    });
  }

  for (const { name } of PUBLIC_LAYERS) {
    it(`has nothing that the linters of packages know to be wrong with ${name}`, async () => {
      expect(await lintOfTarball(packed.tarballOf(name))).toEqual([]);
    });
  }

  it('is refused by the linters where the build was left out, or types are not where they are said to be', async () => {
    const lintWith = async (name: string, change: object): Promise<string> => {
      const folder = join(packed.root, `unpackable-${name}`);
      cpSync(packed.installed('@raftkv/codec'), folder, { recursive: true });
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...codec, ...change }));
      return (await lintOfTarball(await packFolder(folder))).join('\n');
    };
    const codec = packed.manifestOf('@raftkv/codec');
    const wrongTypes = { '.': { types: './dist/absent.d.ts', default: './dist/index.js' } };
    expect(await lintWith('unbuilt', { files: ['src'] })).toMatch(
      /but the file does not exist[^]*NoResolution/,
    );
    expect(await lintWith('untyped', { exports: wrongTypes })).toMatch(/absent\.d\.ts[^]*FallbackCondition/);
  });

  it('is refused for each thing that may be wrong with it', () => {
    const copy = join(packed.root, 'broken');
    const original = packed.installed('@raftkv/kv-client');
    const brokenBy = (breakIt: () => void): string[] => {
      rmSync(copy, { recursive: true, force: true });
      cpSync(original, copy, { recursive: true });
      breakIt();
      return problemsOf(copy, VERSION);
    };
    const manifest = packed.manifestOf('@raftkv/kv-client');
    const withManifest = (change: object): string[] =>
      brokenBy(() => writeFileSync(join(copy, 'package.json'), JSON.stringify({ ...manifest, ...change })));

    for (const name of ['LICENSE', 'README.md', 'dist/index.d.ts', 'dist/node.js'])
      expect(brokenBy(() => rmSync(join(copy, name)))).toContainEqual(expect.stringContaining(name));
    expect(brokenBy(() => rmSync(join(copy, 'src/client.ts')))).toContainEqual(
      expect.stringContaining('the map of dist/client.d.ts leads to ../src/client.ts'),
    );
    expect(brokenBy(() => rmSync(join(copy, 'dist/client.d.ts.map')))).toEqual([
      'dist/client.d.ts has no map',
    ]);
    for (const name of ['dist/.tsbuildinfo', 'src/client.test.js', 'test/client.test.ts', 'tsconfig.json']) {
      mkdirSync(join(copy, 'test'), { recursive: true });
      expect(brokenBy(() => cpSync(join(original, 'LICENSE'), join(copy, name)))).toEqual([
        `${name} has no business there`,
      ]);
    }
    expect(brokenBy(() => appendFileSync(join(copy, 'dist/client.js'), `// ${ROOT}x`))).toEqual([
      'dist/client.js has a path of this machine',
    ]);
    for (const range of ['workspace:^', `^${VERSION}9`, VERSION])
      expect(withManifest({ dependencies: { '@raftkv/kv-protocol': range } })).toEqual([
        `depends on @raftkv/kv-protocol at ${range}`,
      ]);
    expect(withManifest({ dependencies: { ws: '8.23.0' } })).toEqual(['depends on ws at 8.23.0']);
    expect(withManifest({ sideEffects: undefined })).toEqual(['sideEffects is not false']);
    expect(withManifest({ engines: undefined })).toEqual(['engines.node is not >=20.19']);
    expect(withManifest({ license: undefined })).toEqual(['its licence is not MIT']);
    expect(withManifest({ exports: { './package.json': './package.json' } })).toEqual([
      'it can neither be imported nor run',
    ]);
    expect(withManifest({ exports: { '.': './dist/index.js' } })).toEqual(['exports lacks ./package.json']);
  });
});

describe('an example of a document', () => {
  for (const { document, package: name, examples } of DOCUMENTS) {
    const programs = examples.filter(({ language }) => language !== 'ts');
    it(`is in ${document}, and says what it prints`, () => {
      // What can only be run has examples for a shell, which its own tests run.
      const isCommand = name !== null && !isLibrary(packed.manifestOf(name));
      expect(programs.length > 0 || isCommand).toBe(true);
      expect(programs.filter(({ printed }) => printed === null)).toEqual([]);
    });

    it.each(programs)(`prints what ${document} says, as $language`, async (example) => {
      // The core is promised to need nothing beside it.
      const project = name === '@raftkv/core' ? packed.coreAlone : packed.everything;
      const folder = join(project, 'examples', document, String(examples.indexOf(example)));
      const { code, stdout, stderr } = await runExample(folder, example);
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: example.printed, stderr: '' });
    });
  }
});

/** Runs a program in a folder of its own, against a new node where it talks to one. */
async function runExample(folder: string, { language, code }: Example): Promise<CommandResult> {
  mkdirSync(folder, { recursive: true });
  const isClient = code.includes(`endpoints: ['${DOCUMENTED_URL}']`);
  const node = isClient ? await ServedNode.start(packed.everything, join(folder, 'data')) : null;
  const file = join(folder, language === 'js' ? 'example.mjs' : 'example.cjs');
  writeFileSync(file, node === null ? code : code.replace(DOCUMENTED_URL, node.clientUrl));
  try {
    return await runCommand({ command: process.execPath, args: [file], cwd: folder });
  } finally {
    await node?.stop();
  }
}

// Side by side, as each is a process of its own that does nothing but compute.
describe.concurrent('the types', () => {
  it('are all used by the code that is compiled here', () => {
    const manifests = PUBLIC_LAYERS.map(({ name }) => packed.manifestOf(name));
    const sources = consumerSources();
    const entryPoints = manifests.flatMap(entryPointsOf);
    expect(entryPoints.filter((name) => !sources.includes(`from '${name}'`))).toEqual([]);
  });

  it('are served to the oldest compiler that README.md names', () => {
    const [major, minor] = versionOf('typescript-oldest').split('.');
    const [, named] = /TypeScript (\S+) or later/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];
    expect(named).toBe(`${major}.${minor}`);
  });

  for (const compiler of COMPILERS)
    it(`hold with ${compiler} for all that the documents show`, async () => {
      const examples = DOCUMENTS.flatMap((document) => document.examples);
      const sketches = examples.filter(({ language }) => language === 'ts').map(({ code }) => code);
      expect(sketches).not.toEqual([]);
      expect(await compileExamples(packed.everything, compiler, sketches)).toBe('');
    });

  for (const compiler of COMPILERS)
    for (const platform of PLATFORM_NAMES)
      for (const mode of MODE_NAMES)
        it(`hold with ${compiler}, ${mode}, for code that runs ${platform}`, async () => {
          expect(await compileConsumer(packed.everything, compiler, platform, mode)).toBe('');
        });
});
