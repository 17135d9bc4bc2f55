import { describe, expect, test } from 'vitest';
import { renderSummary, summarize } from './summary.ts';

describe('the summary of a test run', () => {
  test('counts what passed, failed and was skipped', () => {
    const report = { numPassedTests: 7, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 };
    expect(summarize(report, 1)).toEqual({ passed: 7, failed: 1, skipped: 3 });
  });

  test('counts a file that could not be loaded as a failure', () => {
    const report = {
      numPassedTests: 3,
      numFailedTests: 1,
      testResults: [
        { status: 'failed', assertionResults: [] },
        { status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }] },
        { status: 'passed', assertionResults: [{ status: 'passed' }] },
      ],
    };
    expect(summarize(report, 1).failed).toBe(2);
  });

  test('never says 0 failed of a run that ended badly', () => {
    expect(summarize({ numPassedTests: 3, numFailedTests: 0 }, 1).failed).toBe(1);
    expect(summarize(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test('is one line, which names skipped tests only when there are some', () => {
    expect(renderSummary({ passed: 7, failed: 0, skipped: 0 })).toBe('7 passed, 0 failed');
    expect(renderSummary({ passed: 7, failed: 1, skipped: 3 })).toBe('7 passed, 1 failed, 3 skipped');
  });
});
