import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const condition = '@media-exporter/source';

export default defineConfig({
  resolve: { conditions: [condition] },
  ssr: { resolve: { conditions: [condition] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'examples/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts'],
    pool: 'forks',
    // Two at least: much of a run is waiting for real processes.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    execArgv: [`--conditions=${condition}`],
    // Ends what hangs: no test is measured by it, on however busy a machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
