/**
 * Turns the table of layers into lint overrides. For one file a later override replaces the options
 * of an earlier one, so each override written here is complete for the files it names.
 *
 * @import { Layer } from './layers.mjs'
 * @typedef {{ regex: string, message: string, allowTypeImports?: boolean }} Refusal
 */

// The tsconfig of a pure package already hides what the platform adds; these are the globals of the
// language itself that bring in time, chance, another machine's settings, or a way around the list.
const CLOCK_AND_CHANCE = [
  'Date',
  'Temporal',
  'performance',
  'crypto',
  'Intl',
  'WeakRef',
  'FinalizationRegistry',
];
const ESCAPES = [
  'globalThis',
  'self',
  'window',
  'global',
  'eval',
  'Function',
  'Atomics',
  'SharedArrayBuffer',
];
const TIMERS = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'queueMicrotask',
];
const NODE_ONLY = ['process', 'Buffer', 'global', 'require', 'module', 'exports', '__dirname', '__filename'];
const NODE_TIMERS = ['setImmediate', 'clearImmediate'];
const OUTSIDE = ['console', 'fetch'];

// The order of strings and the shape of numbers differ between machines in these.
const LOCALE_METHODS = ['localeCompare', 'toLocaleString', 'toLocaleUpperCase', 'toLocaleLowerCase'];

/** A path that climbs after it has descended hides where it goes. @type {Refusal} */
const DETOUR = { regex: '[^./]/\\.\\./', message: 'Write the path straight.' };

export const BOUNDARY_FILE = '.oxlintrc.boundaries.json';

/**
 * The text of the configuration file that `.oxlintrc.json` extends.
 *
 * @param {readonly Layer[]} layers
 */
export function boundaryConfig(layers) {
  // One override a line: long lines, but a change of the table shows as the lines it changes.
  const lines = boundaryOverrides(layers).map((entry) => `    ${JSON.stringify(entry)}`);
  return `{\n  "overrides": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

/**
 * The overrides for all layers, in the order in which they have to stand.
 *
 * @param {readonly Layer[]} layers
 */
function boundaryOverrides(layers) {
  const names = layers.map((layer) => layer.name);
  return layers.flatMap((layer) => {
    const inSource = [...refusedPackages(layer, names, anyOf), ...refusedPlatform(layer)];
    return [
      override([`${layer.folder}/**`], {
        'no-restricted-imports': importRule(refusedPackages(layer, names, anyItself)),
      }),
      override([`${layer.folder}/src/**`], {
        'no-restricted-imports': importRule([...inSource, DETOUR]),
        ...globalRules(layer),
      }),
      override([`${layer.folder}/src/*`], {
        'no-restricted-imports': importRule([...inSource, DETOUR, refusedExit(0)]),
      }),
      ...floorOverrides(layer, inSource),
    ];
  });
}

/**
 * @param {string[]} files
 * @param {Record<string, unknown>} rules
 */
function override(files, rules) {
  return { files, rules };
}

/** @param {Refusal[]} patterns */
function importRule(patterns) {
  return ['error', { patterns }];
}

/**
 * @param {Layer} layer
 * @param {readonly string[]} names
 * @param {(names: readonly string[]) => string} ofTypesOnly matches the packages of which only types are to be had
 * @returns {Refusal[]}
 */
function refusedPackages(layer, names, ofTypesOnly) {
  const typesOnly = layer.mayImportTypes ?? [];
  const refused = names.filter((name) => !layer.mayImport.includes(name) && !typesOnly.includes(name));
  return [
    {
      regex: anyOf(refused),
      message: `${layer.name} may import ${list(layer.mayImport)}: see scripts/lib/layers.mjs.`,
    },
    ...(typesOnly.length === 0
      ? []
      : [
          {
            regex: ofTypesOnly(typesOnly),
            message: `${layer.name} may import only types from here: see scripts/lib/layers.mjs.`,
            allowTypeImports: true,
          },
        ]),
  ];
}

/**
 * @param {Layer} layer
 * @returns {Refusal[]}
 */
function refusedPlatform(layer) {
  switch (layer.platform) {
    case 'nothing':
      return [{ regex: '^[^.]', message: `${layer.name} is pure: it imports its own files alone.` }];
    case 'browser':
      return [{ regex: '^node:', message: `${layer.name} runs in a browser: nothing of Node is there.` }];
    case 'node':
      return [];
  }
}

/**
 * Refuses a relative import that leaves `src`, for files that stand `depth` folders below it.
 *
 * @param {number} depth
 * @returns {Refusal}
 */
function refusedExit(depth) {
  return { regex: `^(\\./)?(\\.\\./){${depth + 1}}`, message: 'This leaves src.' };
}

/**
 * @param {Layer} layer
 * @param {Refusal[]} inSource
 */
function floorOverrides(layer, inSource) {
  const floors = layer.floors ?? [];
  return floors.map((floor, height) => {
    const above = floors.slice(height + 1);
    const belowText = floors.slice(0, height + 1).join(', ');
    /** @type {Refusal[]} */
    const refused = [
      { regex: '^(\\./)?\\.\\./[^/]+$', message: `${floor}/ stands below the files of src.` },
      ...(above.length === 0
        ? []
        : [{ regex: `^(\\./)?\\.\\./(${above.join('|')})/`, message: `${floor}/ may import ${belowText}.` }]),
    ];
    return override([`${layer.folder}/src/${floor}/**`], {
      'no-restricted-imports': importRule([...inSource, DETOUR, refusedExit(1), ...refused]),
    });
  });
}

/**
 * @param {Layer} layer
 * @returns {Record<string, unknown>}
 */
function globalRules(layer) {
  switch (layer.platform) {
    case 'nothing': {
      const message = `${layer.name} is pure: time is an argument, chance a seed in the state.`;
      const names = new Set([
        ...CLOCK_AND_CHANCE,
        ...ESCAPES,
        ...TIMERS,
        ...NODE_ONLY,
        ...NODE_TIMERS,
        ...OUTSIDE,
      ]);
      return {
        'no-restricted-globals': ['error', ...[...names].map((name) => ({ name, message }))],
        'no-restricted-properties': [
          'error',
          { object: 'Math', property: 'random', message },
          ...LOCALE_METHODS.map((property) => ({
            property,
            message: 'Its result depends on the machine, and every member has to come to the same one.',
          })),
        ],
      };
    }
    case 'browser': {
      const message = `${layer.name} runs in a browser: nothing of Node is there.`;
      const names = [...NODE_ONLY, ...NODE_TIMERS];
      return { 'no-restricted-globals': ['error', ...names.map((name) => ({ name, message }))] };
    }
    case 'node':
      return {};
  }
}

/** @param {readonly string[]} names */
function anyOf(names) {
  return `^(${names.join('|')})(/|$)`;
}

/**
 * Leaves the parts of these packages free, such as the suite of cases that every implementation of a port runs.
 *
 * @param {readonly string[]} names
 */
function anyItself(names) {
  return `^(${names.join('|')})$`;
}

/** @param {readonly string[]} names */
function list(names) {
  return names.length === 0 ? 'no other package' : names.join(', ');
}
