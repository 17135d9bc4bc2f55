import type { Clock } from '@media-exporter/metrics';
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
  handleType,
  type RetryPolicy,
  retry,
} from 'cockatiel';
import { Agent, request } from 'undici';
import type { Secret } from '../config/secrets.ts';
import type { SourceUrl } from '../config/url.ts';
import { type ErrorCode, ExporterError } from '../errors.ts';
import { codeOf, explainConnectionError } from '../system-errors.ts';
import type { RequestOutcome, RequestReport } from './source.ts';

/** A server is left alone after so many failures in a row, for these times, with jitter. */
const FAILURES = 5;
const BACKOFF = { initialDelay: 1_000, maxDelay: 10_000 };

const OUTCOMES: Partial<Record<ErrorCode, RequestOutcome>> = {
  MX_UPSTREAM_CONNECT: 'connect',
  MX_UPSTREAM_TIMEOUT: 'timeout',
  MX_UPSTREAM_UNAUTHORIZED: 'unauthorized',
  MX_UPSTREAM_STATUS: 'status',
  MX_UPSTREAM_REDIRECT: 'status',
  MX_UPSTREAM_NOT_FOUND: 'status',
  MX_UPSTREAM_BUSY: 'status',
  MX_UPSTREAM_TOO_LARGE: 'too_large',
  MX_UPSTREAM_ANSWER: 'invalid',
};

/** What a parser makes of a body. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

export interface HttpClientOptions {
  readonly url: SourceUrl;
  readonly secret: Secret | undefined;
  /** Seconds for one request in all, from the connection to the last byte. */
  readonly timeout: number;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly onRequest: (report: RequestReport) => void;
}

/**
 * Asks one media server, kindly: connections are kept, each request has a deadline and its answer a limit, redirects
 * are not followed (a secret goes to no other host), and a server that fails again and again is left alone for a while.
 */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #agent: Agent;
  readonly #breaker: CircuitBreakerPolicy;
  readonly #retry: RetryPolicy;
  readonly #closing = new AbortController();
  /** Whether the last request left a connection that may be used again. */
  #warm = false;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    const { socketPath } = options.url;
    this.#agent = new Agent({
      connections: 2,
      pipelining: 1,
      keepAliveTimeout: 60_000,
      // The deadline of a request is kept by its signal, by the clock that was given.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: 0, ...(socketPath === undefined ? {} : { socketPath }) },
    });
    this.#breaker = circuitBreaker(handleAll, {
      halfOpenAfter: new ExponentialBackoff(BACKOFF),
      breaker: new ConsecutiveBreaker(FAILURES),
    });
    // A kept connection that the server has closed meanwhile fails the next request through no fault of the server.
    this.#retry = retry(handleType(StaleConnectionError), { maxAttempts: 1 });
  }

  /**
   * Gets `endpoint` and parses its body.
   *
   * @throws ExporterError with one of the `MX_UPSTREAM_` codes.
   */
  async get<T>(endpoint: string, parse: (body: string) => Parsed<T>): Promise<T> {
    try {
      return await this.#breaker.execute(() => this.#retry.execute(() => this.#attempt(endpoint, parse)));
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      throw new ExporterError({ code: 'MX_UPSTREAM_PAUSED', detail: 'asked again in some seconds' }, { cause: error });
    }
  }

  /** Ends the running requests and closes the connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#agent.destroy();
  }

  async #attempt<T>(endpoint: string, parse: (body: string) => Parsed<T>): Promise<T> {
    const { clock, onRequest, timeout } = this.#options;
    const started = clock.now();
    const deadline = new AbortController();
    const cancel = clock.after(timeout * 1000, () => deadline.abort());
    const progress: Progress = { bytes: 0 };
    const report = (outcome: RequestOutcome): void => {
      const { status, bytes } = progress;
      const seconds = (clock.now() - started) / 1000;
      onRequest({ endpoint, outcome, seconds, bytes, ...(status === undefined ? {} : { status }) });
    };
    try {
      const body = await this.#read(endpoint, AbortSignal.any([deadline.signal, this.#closing.signal]), progress);
      const parsed = parse(body);
      if (!parsed.ok) throw fault('MX_UPSTREAM_ANSWER', `${endpoint}: ${parsed.problem}`);
      report('success');
      this.#warm = true;
      return parsed.value;
    } catch (error) {
      if (this.#closing.signal.aborted) throw fault('MX_UPSTREAM_CONNECT', 'the source is being stopped', error);
      const known = deadline.signal.aborted
        ? fault('MX_UPSTREAM_TIMEOUT', `${endpoint}: no whole answer within ${timeout}s`, error)
        : classify(endpoint, error);
      report(OUTCOMES[known.code] ?? 'connect');
      const stale = this.#warm && progress.status === undefined && isBroken(error);
      this.#warm = false;
      throw stale ? new StaleConnectionError(known.problems, { cause: error }) : known;
    } finally {
      cancel();
    }
  }

  async #read(endpoint: string, signal: AbortSignal, progress: Progress): Promise<string> {
    const { url, secret, maxBytes } = this.#options;
    const { statusCode, headers, body } = await request(`${url.origin}${endpoint}`, {
      dispatcher: this.#agent,
      signal,
      headers: {
        accept: 'application/json',
        'user-agent': 'media-exporter',
        ...(secret === undefined ? {} : { authorization: `Bearer ${secret.reveal()}` }),
      },
    });
    progress.status = statusCode;
    try {
      if (statusCode === 401 || statusCode === 403) {
        throw fault('MX_UPSTREAM_UNAUTHORIZED', `${endpoint}: answered ${statusCode}`);
      }
      if (statusCode !== 200) throw fault(codeOfStatus(statusCode), `${endpoint}: answered ${statusCode}`);
      if (Number(headers['content-length']) > maxBytes) throw tooLarge(endpoint, maxBytes);
      const chunks: Buffer[] = [];
      for await (const chunk of body as AsyncIterable<Buffer>) {
        progress.bytes += chunk.length;
        if (progress.bytes > maxBytes) throw tooLarge(endpoint, maxBytes);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks).toString('utf8');
    } catch (error) {
      body.on('error', () => {}).destroy();
      throw error;
    }
  }
}

interface Progress {
  status?: number;
  bytes: number;
}

/** What a status other than 200 is called, by what can be done about it. */
function codeOfStatus(status: number): ErrorCode {
  if (status >= 300 && status < 400) return 'MX_UPSTREAM_REDIRECT';
  if (status === 404) return 'MX_UPSTREAM_NOT_FOUND';
  return status === 429 ? 'MX_UPSTREAM_BUSY' : 'MX_UPSTREAM_STATUS';
}

function tooLarge(endpoint: string, maxBytes: number): ExporterError {
  return fault('MX_UPSTREAM_TOO_LARGE', `${endpoint}: more than ${maxBytes} bytes`);
}

function fault(code: ErrorCode, detail: string, cause?: unknown): ExporterError {
  return new ExporterError({ code, detail }, { cause });
}

/** What went wrong, by the code of the error only: its text may quote what the server sent. */
function classify(endpoint: string, error: unknown): ExporterError {
  if (error instanceof ExporterError) return error;
  const code = codeOf(error);
  if (code.startsWith('HPE_') || code === 'HTTPParserError')
    return fault('MX_UPSTREAM_ANSWER', `${endpoint}: the answer is not HTTP (${code})`, error);
  if (code === 'UND_ERR_INVALID_ARG') {
    return fault('MX_UPSTREAM_UNAUTHORIZED', 'the secret has characters that a header cannot carry', error);
  }
  return fault('MX_UPSTREAM_CONNECT', `${endpoint}: ${explainConnectionError(error)}`, error);
}

class StaleConnectionError extends ExporterError {}

function isBroken(error: unknown): boolean {
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(codeOf(error));
}
