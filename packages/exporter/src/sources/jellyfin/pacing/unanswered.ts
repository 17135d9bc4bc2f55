import { type ErrorCode, ExporterError } from '../../../errors.ts';

const CODES: ReadonlySet<ErrorCode> = new Set(['MX_UPSTREAM_CONNECT', 'MX_UPSTREAM_PAUSED', 'MX_UPSTREAM_STARTING']);

/** Of a request that the server has not seen, or had no time for: it costs nothing to ask again. */
export function isUnanswered(code: ErrorCode): boolean {
  return CODES.has(code);
}

/** Of a request that was not sent, since the server is left alone. */
export function isPause(error: unknown): boolean {
  return error instanceof ExporterError && error.code === 'MX_UPSTREAM_PAUSED';
}
