import { type ErrorCode, ExporterError } from '../../errors.ts';
import { UndeliveredError } from './request-error.ts';

const CODES: ReadonlySet<ErrorCode> = new Set(['MX_UPSTREAM_PAUSED', 'MX_UPSTREAM_STARTING']);

/** Of a request that the server has surely not seen, or had no time for: it costs nothing to ask again. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof UndeliveredError || (error instanceof ExporterError && CODES.has(error.code));
}

/** Of a request that was not sent, since the server is left alone. */
export function isPause(error: unknown): boolean {
  return error instanceof ExporterError && error.code === 'MX_UPSTREAM_PAUSED';
}
