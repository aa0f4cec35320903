/**
 * What each entry point of each public package exports, with signatures, as text: reviewed when it changes, and the
 * promise that a version number is about.
 */

import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LAYERS } from './layers.mjs';
import { manifestOf, readJson, ROOT, workspaceFolders } from './workspace.mjs';

/**
 * @import { Target } from './workspace.mjs'
 * @typedef {object} EntryPoint
 * @property {string} folder of the package, absolute
 * @property {string} types the declarations, relative to the folder
 * @property {string} report the name of the file that is reviewed
 */

/** Where the reviewed reports are, relative to the root. */
export const REPORTS = 'docs/api';

/**
 * Of the packages that exist; one that has other types for Node than for browsers counts twice.
 *
 * @returns {EntryPoint[]}
 */
export function publicEntryPoints() {
  const existing = workspaceFolders();
  const layers = LAYERS.filter(({ folder, isPublic }) => isPublic && existing.includes(folder));
  return layers.flatMap(({ folder, name }) => {
    const targets = Object.values(manifestOf(folder).exports ?? {});
    return targets.flatMap(typesOf).map((types) => ({
      folder: join(ROOT, folder),
      types,
      report: `${name.split('/')[1] ?? name}${suffixOf(types)}.api.md`,
    }));
  });
}

/**
 * @param {Target} target
 * @returns {string[]}
 */
function typesOf(target) {
  if (typeof target === 'string') return [];
  return Object.entries(target).flatMap(([condition, inner]) =>
    condition === 'types' && typeof inner === 'string' ? [inner] : typesOf(inner),
  );
}

/** `./dist/index.d.ts` is the package itself, `./dist/testing/index.d.ts` is `.testing`. @param {string} types */
function suffixOf(types) {
  const parts = types.replace(/^\.\/dist\//, '').replace(/(^|\/)index\.d\.ts$|\.d\.ts$/, '');
  return parts === '' ? '' : `.${parts.replaceAll('/', '.')}`;
}

/**
 * @param {EntryPoint} entry
 * @returns {string}
 */
export function reportOf({ folder, types, report }) {
  const output = mkdtempSync(join(tmpdir(), 'raftkv-api-'));
  try {
    const { succeeded } = Extractor.invoke(configuration(folder, types, report, output), {
      localBuild: true,
      messageCallback: (message) => {
        // It is an older compiler that reads what a newer one wrote; what it cannot read must not pass for nothing.
        if (message.logLevel === ExtractorLogLevel.Error) return;
        message.handled = true;
      },
    });
    if (!succeeded) throw new Error(`${report} cannot be made`);
    return readFileSync(join(output, report), 'utf8');
  } finally {
    rmSync(output, { recursive: true });
  }
}

/**
 * @param {string} folder
 * @param {string} types
 * @param {string} report
 * @param {string} output
 */
function configuration(folder, types, report, output) {
  /** @type {{ compilerOptions?: { lib?: string[], types?: string[] } }} */
  const own = readJson(join(folder, 'tsconfig.json'));
  const { lib = ['ES2023'], types: platform = [] } = own.compilerOptions ?? {};
  const compilerOptions = {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    skipLibCheck: true,
    lib,
    types: platform,
  };
  /** @satisfies {import('@microsoft/api-extractor').IExtractorMessagesConfig} */
  const messages = {
    compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
    extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
    tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
  };
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: join(folder, types),
      compiler: { overrideTsconfig: { compilerOptions, files: [types] } },
      // What a signature names without being exported is a part of the promise too.
      apiReport: {
        enabled: true,
        reportFolder: output,
        reportTempFolder: join(output, 'temporary'),
        reportFileName: report,
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages,
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
  });
}

/**
 * The names of reports that are not in the folder as they are here, and of those in the folder that are not here.
 *
 * @param {ReadonlyMap<string, string>} reports
 * @param {string} folder
 */
export function differences(reports, folder) {
  const reviewed = existsSync(folder) ? readdirSync(folder) : [];
  const changed = [...reports]
    .filter(([name, text]) => !reviewed.includes(name) || readFileSync(join(folder, name), 'utf8') !== text)
    .map(([name]) => name);
  return [...changed, ...reviewed.filter((name) => !reports.has(name))].toSorted();
}

/**
 * What a report's entry point exports without saying what it is.
 *
 * @param {string} report
 */
export function undocumented(report) {
  const declared = [...report.matchAll(/^\/\/ @public \(undocumented\)\n(.*)$/gm)].map(
    ([, line = '']) => line,
  );
  // One that has the name of something global is declared under another name, and exported below.
  const isExported = (/** @type {string} */ line) =>
    line.startsWith('export ') || report.includes(`export { ${/^\w+ (\w+)/.exec(line)?.[1] ?? line} as `);
  return declared.filter(isExported).map((line) => line.replace(/[;{=(].*$/, '').trim());
}

/**
 * The members of classes and interfaces of which a report does not say what they are. That may be left unsaid where the
 * type is a single value, as of a `kind`, and where a class has the member from what it extends or implements and that
 * says it.
 *
 * @param {string} report
 * @param {Iterable<string>} reports all, since a package implements what another one declares
 */
export function undocumentedMembers(report, reports) {
  const shapes = [...reports].flatMap(shapesOf);
  /** @type {(bases: readonly string[], member: string) => boolean} */
  const isInherited = (bases, member) =>
    shapes.some(
      (shape) =>
        bases.includes(shape.name) &&
        (shape.members.some(({ name, isDocumented }) => name === member && isDocumented) ||
          isInherited(shape.bases, member)),
    );
  return shapesOf(report).flatMap(({ name, bases, members }) =>
    members
      .filter((member) => !member.isDocumented && !member.isOneValue && !isInherited(bases, member.name))
      .map((member) => `${name}.${member.name}`),
  );
}

/**
 * What nobody outside has to name: the parts of a state, which are no part of the contract, and the mark of a number or
 * text of a kind of its own, which nobody else may make.
 */
const SEALED = ['NodeState', 'Branded'];

/**
 * What the signatures of an entry point name, and no entry point of the package exports: a caller could not write it down.
 *
 * @param {string} report
 * @param {readonly string[]} ofPackage the reports of all its entry points
 */
export function unexported(report, ofPackage) {
  const exported = new Set(ofPackage.flatMap(exportedNames));
  const declarations = declarationsOf(report);
  const hidden = declarations.filter(({ name }) => !exported.has(name) && !SEALED.includes(name));
  const promised = declarations.filter(({ name }) => exported.has(name) && !SEALED.includes(name));
  return hidden
    .map(({ name }) => name)
    .filter((name) => promised.some(({ text }) => new RegExp(`\\b${name}\\b`).test(text)));
}

/** @param {string} report */
function exportedNames(report) {
  const aliases = [...report.matchAll(/^export \{ (\w+)(?: as (\w+))? \}/gm)];
  const direct = declarationsOf(report).filter(({ text }) => text.startsWith('export '));
  return [...direct.map(({ name }) => name), ...aliases.flatMap(([, own = '', as = own]) => [own, as])];
}

/** @param {string} report */
function declarationsOf(report) {
  const start = /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|const|function|enum) (\w+)/;
  return report.split(/\n\n(?=\/\/ @)/).flatMap((block) => {
    const text = block.replace(/^\/\/.*\n/gm, '');
    const name = start.exec(text)?.[1];
    return name === undefined ? [] : [{ name, text }];
  });
}

const SHAPE = /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface) (\w+)(.*) \{\n((?: {4}.*\n)*)\}/gm;
const MEMBER = /^ {4}(?:(?:static|abstract|readonly|get) )*(\[[\w.]+\]|\w+)/;
const ONE_VALUE = /(?:: | = )(?:'[^']*'|"[^"]*"|true|false|\d+);$/;

/** @param {string} report */
function shapesOf(report) {
  return [...report.matchAll(SHAPE)].map(([, name = '', heritage = '', body = '']) => {
    const lines = body.split('\n');
    const members = lines.flatMap((line, at) => {
      const member = MEMBER.exec(line)?.[1];
      if (member === undefined || member === 'constructor') return [];
      return { name: member, isDocumented: !isMarked(lines[at - 1]), isOneValue: ONE_VALUE.test(line) };
    });
    return { name, bases: heritage.match(/\w+/g) ?? [], members };
  });
}

/** @param {string | undefined} line that stands before a member */
function isMarked(line) {
  return line !== undefined && /^ {4}\/\/ .*\(undocumented\)/.test(line);
}
