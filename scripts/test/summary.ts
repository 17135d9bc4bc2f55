/** What a run of Vitest came to. */
export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Report {
  readonly numPassedTests?: unknown;
  readonly numFailedTests?: unknown;
  readonly numPendingTests?: unknown;
  readonly numTodoTests?: unknown;
  readonly testResults?: readonly { readonly status?: unknown; readonly assertionResults?: readonly unknown[] }[];
}

/**
 * Counts a report of Vitest's JSON reporter. A file that could not be loaded, a report that was never written and an
 * error outside of all tests each count as one failure, so that "0 failed" is said only of a run that was all right.
 */
export function summarize(report: unknown, exitCode: number): Summary {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = (report ?? {}) as Report;
  const files = Array.isArray(testResults) ? (testResults as NonNullable<Report['testResults']>) : [];
  const unloaded = files.filter((file) => file.status === 'failed' && !file.assertionResults?.some(hasFailed)).length;
  const failed = count(numFailedTests) + unloaded;
  return {
    passed: count(numPassedTests),
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: count(numPendingTests) + count(numTodoTests),
  };
}

/** The last line of `npm test`. */
export function renderSummary({ passed, failed, skipped }: Summary): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function count(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function hasFailed(result: unknown): boolean {
  return (result as { status?: unknown } | null)?.status === 'failed';
}
