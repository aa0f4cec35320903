import { manifestOf, ROOT, workspaceFolders } from './workspace.mjs';

/**
 * The arguments of Vitest for those of `npm test`: the same, but that a package may be given by name
 * instead of by folder, and that the report for the closing line is written whatever else is.
 *
 * @param {readonly string[]} args
 */
export function chosenTests(args, root = ROOT) {
  const folderOf = new Map(
    workspaceFolders(root).map((folder) => [manifestOf(folder, root).name, `${folder}/`]),
  );
  const chosen = args.map((arg) => folderOf.get(arg) ?? arg);
  // A reporter on the command line replaces those of the configuration, though not their options.
  const isReporterGiven = args.some((arg) => arg.startsWith('--reporter'));
  return isReporterGiven ? [...chosen, '--reporter=json'] : chosen;
}
