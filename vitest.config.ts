import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Packages are read from their source, so that a test never meets a stale build.
  ssr: { resolve: { conditions: ['@raftkv/source', 'node'] } },
  test: {
    // Spelled out: a copy of a package elsewhere, such as one broken on purpose, is not run by accident.
    include: ['test/**/*.test.ts', '{packages,apps}/*/test/**/*.test.ts', 'scripts/test/**/*.test.ts'],
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
