import { type ErrorCode, ExporterError } from '../../errors.ts';
import { UndeliveredError } from '../http/request-error.ts';

/** Of requests that were not sent, or that the server had no time for or did not let in. */
const HARMLESS: ReadonlySet<ErrorCode> = new Set([
  'MX_UPSTREAM_PAUSED',
  'MX_UPSTREAM_STARTING',
  'MX_UPSTREAM_UNAUTHORIZED',
]);

/** Whether a server that is gone may have died of the request that failed. */
export function mayHaveHarmed(error: unknown): boolean {
  if (error instanceof UndeliveredError) return false;
  return !(error instanceof ExporterError && HARMLESS.has(error.code));
}
