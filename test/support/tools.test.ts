import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mustRunAll } from './tools.ts';

const REPOSITORY = join(import.meta.dirname, '../..');

/** Runs the tests in `fixtures/`, for which no worker is to be found. */
function runFixtures(ci: string): { status: number | null; stdout: string } {
  const env = { ...process.env, CI: ci, MEDIASOUP_WORKER_BIN: '/nowhere', NO_COLOR: '1' };
  const config = join(import.meta.dirname, 'fixtures/vitest.config.ts');
  const args = [join(REPOSITORY, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=verbose', `--config=${config}`];
  return spawnSync(process.execPath, args, { cwd: REPOSITORY, env, encoding: 'utf8' });
}

describe('a test that needs a component which is missing', () => {
  test('is skipped with the reason on a developer machine', () => {
    const { status, stdout } = runFixtures('');
    expect(stdout).toContain('skipped: MEDIASOUP_WORKER_BIN names /nowhere, which cannot be run');
    expect(status).toBe(0);
  });

  test('fails where CI=true', () => {
    const { status, stdout } = runFixtures('true');
    expect(stdout).toContain('1 failed');
    expect(status).toBe(1);
  });
});

test('only CI=true makes everything run', () => {
  expect([{ CI: 'true' }, { CI: 'false' }, {}].map((env) => mustRunAll(env))).toEqual([true, false, false]);
});
