import { type ErrorCode, ExporterError } from '../../errors.ts';
import { codeOf, explainConnectionError, isCertificateError } from '../../system-errors.ts';
import type { RequestOutcome } from '../source.ts';

const OUTCOMES: Partial<Record<ErrorCode, RequestOutcome>> = {
  MX_UPSTREAM_CONNECT: 'connect',
  MX_UPSTREAM_TLS: 'connect',
  MX_UPSTREAM_TIMEOUT: 'timeout',
  MX_UPSTREAM_UNAUTHORIZED: 'unauthorized',
  MX_UPSTREAM_FORBIDDEN: 'forbidden',
  MX_UPSTREAM_STATUS: 'status',
  MX_UPSTREAM_REDIRECT: 'status',
  MX_UPSTREAM_NOT_FOUND: 'status',
  MX_UPSTREAM_BUSY: 'status',
  MX_UPSTREAM_STARTING: 'status',
  MX_UPSTREAM_WIZARD: 'status',
  MX_UPSTREAM_TOO_LARGE: 'too_large',
  MX_UPSTREAM_ANSWER: 'invalid',
};

/** How a request ended, by the code of its error. */
export function outcomeOf(code: ErrorCode): RequestOutcome {
  return OUTCOMES[code] ?? 'connect';
}

/** What a status other than 200 is called, by what can be done about it. */
function codeOfStatus(status: number): ErrorCode {
  if (status >= 300 && status < 400) return 'MX_UPSTREAM_REDIRECT';
  return CODES[status] ?? 'MX_UPSTREAM_STATUS';
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'MX_UPSTREAM_UNAUTHORIZED',
  403: 'MX_UPSTREAM_FORBIDDEN',
  404: 'MX_UPSTREAM_NOT_FOUND',
  429: 'MX_UPSTREAM_BUSY',
  503: 'MX_UPSTREAM_STARTING',
};

/** Whether the server shall be left alone for a while: one that refuses a request lives. */
export function isFailure(error: unknown): boolean {
  const status = error instanceof ExporterError ? error.status : undefined;
  return status === undefined || status < 400 || status >= 500 || status === 429;
}

export function tooLarge(endpoint: string, maxBytes: number): ExporterError {
  return fault('MX_UPSTREAM_TOO_LARGE', `${endpoint}: more than ${maxBytes} bytes`);
}

/** An answer that is none. A redirect to the web page of the server tells below which path the server lies. */
export function notAnswered(endpoint: string, status: number, location: string | undefined): ExporterError {
  const [, base] = /^(?:https?:\/\/[^/]+)?(\/[\w.~-]{1,64})\/web\b/.exec(location ?? '') ?? [];
  const code = codeOfStatus(status);
  const hint = base !== undefined && code === 'MX_UPSTREAM_REDIRECT' ? `; the URL seems to lack the path ${base}` : '';
  return fault(code, `${endpoint}: answered ${status}${hint}`, { status });
}

/** An error of a request, with the status that it was answered with. */
export function fault(
  code: ErrorCode,
  detail: string,
  about: { status?: number; cause?: unknown } = {},
): ExporterError {
  const { status, cause } = about;
  return new ExporterError({ code, detail, ...(status === undefined ? {} : { status }) }, { cause });
}

/** What went wrong, by the code of the error only: its text may quote what the server sent. */
export function classify(endpoint: string, error: unknown): ExporterError {
  if (error instanceof ExporterError) return error;
  const code = codeOf(error);
  if (isNotHttp(error))
    return fault('MX_UPSTREAM_ANSWER', `${endpoint}: the answer is not HTTP (${code})`, { cause: error });
  if (code.startsWith('Z_')) {
    return fault('MX_UPSTREAM_ANSWER', `${endpoint}: the answer cannot be decompressed`, { cause: error });
  }
  if (code === 'UND_ERR_INVALID_ARG') {
    return fault('MX_UPSTREAM_UNAUTHORIZED', 'the secret has characters that a header cannot carry', { cause: error });
  }
  const kind = isCertificateError(error) ? 'MX_UPSTREAM_TLS' : 'MX_UPSTREAM_CONNECT';
  const problem = { code: kind, detail: `${endpoint}: ${explainConnectionError(error)}` } as const;
  return new (neverConnected(error) ? UndeliveredError : ExporterError)(problem, { cause: error });
}

/** Whether what came is no HTTP at all. */
export function isNotHttp(error: unknown): boolean {
  const code = codeOf(error);
  return code.startsWith('HPE_') || code === 'HTTPParserError';
}

/** The server has surely not seen the request. One whose connection broke may have been what broke it. */
export class UndeliveredError extends ExporterError {}

/** Whether there was no connection, or none that a request is sent over. */
function neverConnected(error: unknown): boolean {
  const { errors, syscall } = (error ?? {}) as { errors?: unknown; syscall?: unknown };
  if (Array.isArray(errors) && errors.length > 0) return errors.every(neverConnected);
  return syscall === 'connect' || syscall === 'getaddrinfo' || isTlsError(error);
}

/** Of the handshake: nothing is sent before it. */
function isTlsError(error: unknown): boolean {
  return isCertificateError(error) || codeOf(error).startsWith('ERR_SSL_');
}

/** A kept connection was gone before the request was answered. */
export class StaleConnectionError extends ExporterError {}

/** Whether the connection broke, as opposed to what was said over it. */
export function isBroken(error: unknown): boolean {
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(codeOf(error));
}

/**
 * Whether the connection that broke was there before the request. Some errors tell what was read of it; for the others
 * it is assumed, unless a connection was made meanwhile.
 */
export function wasKept(error: unknown, connected: boolean): boolean {
  const { socket } = error as { socket?: { bytesRead?: number } | null };
  return socket?.bytesRead === undefined ? !connected : socket.bytesRead > 0;
}
