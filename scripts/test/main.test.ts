import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const REPOSITORY = join(import.meta.dirname, '../..');
const FIXTURES = '--config=test/support/fixtures/vitest.config.ts';

/** Runs what `npm test -- ARGS` runs, where no mediasoup worker is to be found. */
function npmTest(ci: string, ...args: string[]): { status: number | null; lastLine: string | undefined } {
  const env = { ...process.env, CI: ci, MEDIASOUP_WORKER_BIN: '/nowhere' };
  const script = join(import.meta.dirname, 'main.ts');
  const { status, stdout } = spawnSync(process.execPath, [script, ...args], { cwd: REPOSITORY, env, encoding: 'utf8' });
  return { status, lastLine: stdout.trimEnd().split('\n').at(-1) };
}

describe('npm test', () => {
  test('passes its arguments on, and ends with what passed and failed', () => {
    expect(npmTest('', 'scripts/test/summary.test.ts')).toEqual({ status: 0, lastLine: '4 passed, 0 failed' });
  });

  test('says what was skipped on a developer machine', () => {
    expect(npmTest('', FIXTURES)).toEqual({ status: 0, lastLine: '0 passed, 0 failed, 1 skipped' });
  });

  test('fails where CI=true and a component is missing', () => {
    expect(npmTest('true', FIXTURES)).toEqual({ status: 1, lastLine: '0 passed, 1 failed' });
  });

  test('fails when no test was found', () => {
    expect(npmTest('', 'there-is-no-such-file').status).toBe(1);
  });
});
