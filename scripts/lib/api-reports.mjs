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
