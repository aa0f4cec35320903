import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Packages are read from their source, so that a test never meets a stale build.
  ssr: { resolve: { conditions: ['@raftkv/source', 'node'] } },
  test: {
    // Spelled out: a copy of a package elsewhere, such as one broken on purpose, is not run by accident.
    include: ['test/**/*.test.ts', '{packages,apps}/*/test/**/*.test.ts', 'scripts/test/**/*.test.ts'],
    // The files of a package share a process and its modules: to load both anew for each was half of what most cost.
    // So no module may keep anything from one file to the next, such as a hook that is set where it is loaded.
    isolate: false,
    // Long enough for hundreds of simulated clusters on a slow shared core.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    reporters: ['default', ['json', { outputFile: 'reports/vitest.json' }]],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**', 'src/**'],
      reportsDirectory: 'reports/coverage',
    },
  },
});
