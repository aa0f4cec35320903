import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Packages are read from their source, so that a test never meets a stale build.
  ssr: { resolve: { conditions: ['@raftkv/source', 'node'] } },
  test: {
    include: ['**/test/**/*.test.ts'],
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
