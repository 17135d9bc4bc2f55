import { defineConfig } from 'vitest/config';

const condition = '@media-exporter/source';

export default defineConfig({
  resolve: { conditions: [condition] },
  ssr: { resolve: { conditions: [condition] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'examples/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts'],
    pool: 'forks',
    execArgv: [`--conditions=${condition}`],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
