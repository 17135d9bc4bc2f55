import type { Clock } from '@media-exporter/metrics';
import type { Secret } from '../../config/secrets.ts';
import type { SourceUrl } from '../../config/url.ts';
import { ExporterError } from '../../errors.ts';
import type { RequestOutcome, RequestReport } from '../source.ts';
import { Breaker, PausedError } from './breaker.ts';
import { count, type Progress } from './progress.ts';
import {
  classify,
  fault,
  isBroken,
  isFailure,
  notAnswered,
  outcomeOf,
  StaleConnectionError,
  tooLarge,
  UndeliveredError,
  wasKept,
} from './request-error.ts';
import { SchemeDoubt } from './scheme.ts';
import { Agent } from './undici.ts';

/** A server is left alone after so many failures in a row, for these times. */
const PAUSES = { failures: 5, initialDelay: 1_000, maxDelay: 10_000 };

/** What a parser makes of a body. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** The headers of an answer by their names in lower case. */
export type ResponseHeaders = Readonly<Record<string, string | undefined>>;

export type Parse<T> = (body: string, headers: ResponseHeaders) => Parsed<T>;

export interface HttpRequest {
  /** Names the request in metrics and errors: a path from a closed set. */
  readonly endpoint: string;
  /** What is asked for, with its query, sent exactly as it is given; the endpoint where it is left out. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds; that of the client where it is left out. */
  readonly timeout?: number;
  /** Statuses other than 200 that are no failures: their body is read too. */
  readonly accepts?: readonly number[];
}

/** An answer whose body has not been read. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** As it comes over the wire: compressed where `content-encoding` says so. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface TlsOptions {
  /** Certificates of authorities as PEM text, instead of those that are known already. */
  readonly ca?: string;
  /** The name that the certificate must have, where it is not that of the URL. */
  readonly servername?: string;
  /** Whether any certificate will do. */
  readonly insecure?: boolean;
}

export interface HttpClientOptions {
  readonly url: SourceUrl;
  readonly secret: Secret | undefined;
  /** Seconds for one request in all, from the connection to the last byte. */
  readonly timeout: number;
  readonly maxBytes: number;
  readonly clock: Clock;
  /** From 0 to 1; spreads the pauses of clients that lost the same server. */
  readonly random: () => number;
  readonly onRequest: (report: RequestReport) => void;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The headers that carry the secret. Defaults to a bearer token. */
  readonly authorize?: (secret: string) => Record<string, string>;
  readonly tls?: TlsOptions;
  /** The most connections at a time: what finds none free waits, also for answers that never come. Defaults to 2. */
  readonly connections?: number;
  /**
   * Reads the secret again. Asked when the server answers 401; a secret that is another one is used from then on, and
   * the request is sent once more with it.
   */
  readonly renewSecret?: () => Promise<Secret | undefined>;
}

/**
 * Asks one media server, kindly: connections are kept, each request has a deadline and its answer a limit, redirects
 * are not followed (a secret goes to no other host), and a server that fails again and again is left alone for a while.
 */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #agent: Agent;
  readonly #breaker: Breaker;
  readonly #scheme: SchemeDoubt;
  readonly #closing = new AbortController();
  #secret: Secret | undefined;
  #renewal: Promise<void> | undefined;
  /** Endpoints whose last request was answered. */
  readonly #answered = new Set<string>();
  /** Connections that were made so far. */
  #connected = 0;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#secret = options.secret;
    const { url, tls = {}, connections = 2 } = options;
    const { ca, servername, insecure = false } = tls;
    this.#agent = new Agent({
      connections,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: 60_000,
      // The deadline of a request is kept by its signal, by the clock that was given.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: {
        timeout: 0,
        ...(url.socketPath !== undefined && { socketPath: url.socketPath }),
        ...(ca !== undefined && { ca }),
        ...(servername !== undefined && { servername }),
        ...(insecure && { rejectUnauthorized: false }),
      },
    });
    this.#agent.on('connect', () => {
      this.#connected += 1;
    });
    this.#scheme = new SchemeDoubt(url);
    this.#breaker = new Breaker({ ...PAUSES, clock: options.clock, random: options.random });
  }

  /** The one in use, which is another than the first after it was renewed. */
  get secret(): Secret | undefined {
    return this.#secret;
  }

  /**
   * Gets what is asked for, an endpoint or a whole request, and parses its body.
   *
   * @throws ExporterError with one of the `MX_UPSTREAM_` codes.
   */
  get<T>(request: string | HttpRequest, parse: Parse<T>): Promise<T> {
    const asked: HttpRequest = typeof request === 'string' ? { endpoint: request } : request;
    return this.stream(asked, async ({ headers, body }) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk);
      const parsed = parse(Buffer.concat(chunks).toString('utf8'), headers);
      if (!parsed.ok) throw fault('MX_UPSTREAM_ANSWER', `${asked.endpoint}: ${parsed.problem}`);
      return parsed.value;
    });
  }

  /**
   * Gets what is asked for and lets `consume` read its body as it comes, so that nobody has to hold the whole. What
   * `consume` leaves is not read. It may be called again, when the first answer broke off before its first byte or
   * asked for another secret.
   *
   * @throws ExporterError with one of the `MX_UPSTREAM_` codes, or the one that `consume` threw.
   */
  async stream<T>(request: HttpRequest, consume: (answer: HttpAnswer) => Promise<T>): Promise<T> {
    const attempt = (): Promise<T> => this.#retrying(() => this.#attempt(request, consume));
    try {
      return await this.#breaker.run(() => this.#renewing(attempt), isFailure);
    } catch (error) {
      if (!(error instanceof PausedError)) throw error;
      throw fault('MX_UPSTREAM_PAUSED', 'asked again in some seconds', { cause: error });
    }
  }

  /** Reads the secret again; true when there is another one to use now. Never rejects. */
  async renewSecret(): Promise<boolean> {
    const before = this.#secret;
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = undefined;
    });
    await this.#renewal;
    return this.#secret !== before;
  }

  /** Told that the server is there: what failed before is no reason to leave it alone. */
  resume(): void {
    this.#breaker.close();
  }

  /** Ends the running requests and closes the connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#agent.destroy();
  }

  /** A kept connection that the server has closed meanwhile fails the next request through no fault of the server. */
  async #retrying<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StaleConnectionError)) throw error;
      return attempt().catch((second: unknown) => {
        // The first may have been what the server died of.
        throw second instanceof UndeliveredError ? error : second;
      });
    }
  }

  async #renewing<T>(attempt: () => Promise<T>): Promise<T> {
    const used = this.#secret;
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ExporterError) || error.status !== 401) throw error;
      // Another request may have renewed it while this one was under way.
      if (this.#secret === used && !(await this.renewSecret())) throw error;
      return attempt();
    }
  }

  async #renew(): Promise<void> {
    const fresh = await this.#options.renewSecret?.().catch(() => undefined);
    if (fresh !== undefined && this.#secret?.equals(fresh.reveal()) !== true) this.#secret = fresh;
  }

  async #attempt<T>(asked: HttpRequest, consume: (answer: HttpAnswer) => Promise<T>): Promise<T> {
    const { clock, onRequest } = this.#options;
    const { endpoint, timeout = this.#options.timeout } = asked;
    const started = clock.now();
    const connected = this.#connected;
    const deadline = new AbortController();
    const cancel = clock.after(timeout * 1000, () => deadline.abort());
    const progress: Progress = { bytes: 0 };
    const report = (outcome: RequestOutcome): void => {
      const { status, bytes } = progress;
      const seconds = (clock.now() - started) / 1000;
      onRequest({ endpoint, outcome, seconds, bytes, ...(status === undefined ? {} : { status }) });
    };
    try {
      const signal = AbortSignal.any([deadline.signal, this.#closing.signal]);
      const value = await this.#read(asked, consume, signal, progress);
      report('success');
      this.#answered.add(endpoint);
      return value;
    } catch (error) {
      if (this.#closing.signal.aborted) {
        throw fault('MX_UPSTREAM_CONNECT', 'the source is being stopped', { cause: error });
      }
      const known = deadline.signal.aborted
        ? fault('MX_UPSTREAM_TIMEOUT', `${endpoint}: no whole answer within ${timeout}s`, { cause: error })
        : this.#scheme.ask(classify(endpoint, error));
      report(outcomeOf(known.code));
      // One that breaks each time is not asked twice each time.
      const again = this.#answered.delete(endpoint) && progress.status === undefined;
      const stale = again && isBroken(error) && wasKept(error, this.#connected > connected);
      throw stale ? new StaleConnectionError(known.problems, { cause: error }) : known;
    } finally {
      cancel();
    }
  }

  async #read<T>(
    { endpoint, path = endpoint, headers: own, accepts = [] }: HttpRequest,
    consume: (answer: HttpAnswer) => Promise<T>,
    signal: AbortSignal,
    progress: Progress,
  ): Promise<T> {
    const { url, maxBytes, headers: fixed, authorize = bearer } = this.#options;
    // Not by a URL, which would write some characters of a query in another way.
    const { statusCode, headers, body } = await this.#agent.request({
      method: 'GET',
      origin: url.origin,
      path: `${url.basePath}${path}`,
      signal,
      headers: {
        accept: 'application/json',
        'user-agent': 'media-exporter',
        ...fixed,
        ...(this.#secret === undefined ? {} : authorize(this.#secret.reveal())),
        ...own,
      },
    });
    progress.status = statusCode;
    this.#scheme.hear(statusCode);
    try {
      if (statusCode !== 200 && !accepts.includes(statusCode)) {
        throw notAnswered(endpoint, statusCode, singleValues(headers).location);
      }
      if (Number(headers['content-length']) > maxBytes) throw tooLarge(endpoint, maxBytes);
      const counted = count(body as AsyncIterable<Uint8Array>, endpoint, maxBytes, progress);
      return await consume({ status: statusCode, headers: singleValues(headers), body: counted });
    } finally {
      // Nothing happens when it was read to its end.
      body.on('error', () => {}).destroy();
    }
  }
}

function bearer(secret: string): Record<string, string> {
  return { authorization: `Bearer ${secret}` };
}

function singleValues(headers: Readonly<Record<string, string | string[] | undefined>>): ResponseHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}
