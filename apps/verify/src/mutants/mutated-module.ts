/** A copy of one source file with a mutant in it, compiled as the package is built. */

import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { mutatedSource, type Mutant } from './mutant.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const COMPILER = join(ROOT, 'node_modules/typescript/bin/tsc');

/** What is loaded in the place of what. */
export interface MutatedModule {
  /** The end of the address of the module as it was built. */
  readonly module: string;
  /** The compiled copy. */
  readonly path: string;
}

/**
 * Leaves the package as it is: all is done in `folder`, which is there and empty.
 *
 * @throws {Error} if the mutant's text is not there, or the copy does not compile.
 */
export async function compileMutant(mutant: Mutant, folder: string): Promise<MutatedModule> {
  const home = join(ROOT, 'packages', mutant.package);
  await cp(join(home, 'src'), join(folder, 'src'), { recursive: true });
  await cp(join(home, 'package.json'), join(folder, 'package.json'));
  const source = join(folder, 'src', mutant.file);
  await writeFile(source, mutatedSource(mutant, await readFile(source, 'utf8')));

  const compiled = mutant.file.replace(/\.ts$/, '.js');
  const path = join(folder, 'dist', compiled);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(configuration(mutant.file)));
  await promisify(execFile)(process.execPath, [COMPILER, '-p', folder]);
  return { module: `/packages/${mutant.package}/dist/${compiled}`, path };
}

/** One file and no checks: other files have not changed, and the types have nothing to say of what is wrong on purpose. */
function configuration(file: string): unknown {
  return {
    extends: join(ROOT, 'tsconfig.base.json'),
    compilerOptions: {
      composite: false,
      declarationMap: false,
      isolatedDeclarations: false,
      noCheck: true,
      noResolve: true,
      sourceMap: false,
    },
    files: [`src/${file}`],
    include: [],
  };
}
