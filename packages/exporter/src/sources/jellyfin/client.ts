import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type ErrorCode, ExporterError } from '../../errors.ts';
import type { HttpRequest, Parsed, ResponseHeaders } from '../http/http.ts';

/** An answer whose body has not been read. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** As it came over the wire: compressed where `content-encoding` says so. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** What is needed of `HttpClient`: an answer of 200, or of a status in `accepts`, is read by `consume` as it comes. */
export interface HttpStreams {
  stream<T>(
    request: HttpRequest & { readonly accepts?: readonly number[] },
    consume: (answer: HttpAnswer) => Promise<T>,
  ): Promise<T>;
}

/** How to ask for an endpoint: the name is what metrics call it. */
export interface Endpoint {
  readonly name: string;
  readonly path: string;
}

/** What was read of an answer, and what its headers say. */
export interface Answer<T> {
  readonly value: T;
  readonly status: number;
  /** Milliseconds since the epoch by the server's clock, from the header `Date`; in whole seconds. */
  readonly date?: number;
}

export interface TextAnswer {
  readonly text: string;
  /** Such as `text/html`, in lower case. */
  readonly type: string;
  readonly headers: ResponseHeaders;
}

export interface Ask {
  /** Begins with `?`. */
  readonly query?: string;
  /** Seconds. */
  readonly timeout?: number;
  /** Statuses other than 200 that are no failures: their body is read too. */
  readonly accepts?: readonly number[];
}

/**
 * What part of the limit an answer may take that is held whole, and how much in any case: it is in memory three times
 * for a moment, and real ones are far smaller.
 */
const WHOLE = { part: 1 / 8, least: 1024 * 1024 };

/** A header that all versions of Jellyfin take. Its values are URL-decoded by the server. */
export function authorize(secret: string): Record<string, string> {
  return { authorization: `MediaBrowser Token="${encodeURIComponent(secret)}"` };
}

/** Sent with every request: the casing is pinned, and a list of sessions is eleven times smaller in gzip. */
export const HEADERS: Readonly<Record<string, string>> = {
  accept: 'application/json; profile="PascalCase", text/plain;q=0.9, */*;q=0.1',
  'accept-encoding': 'gzip',
};

/** Told of each answer: what the server itself says it took until the answer began. */
export type OnServerTime = (endpoint: Endpoint, seconds: number) => void;

type Consume<T> = (body: AsyncIterable<Uint8Array>, headers: ResponseHeaders) => Promise<T>;

/** Asks a Jellyfin server. I/O and nothing else. */
export class JellyfinClient {
  readonly #http: HttpStreams;
  readonly #maxBytes: number;
  readonly #maxWhole: number;
  readonly #onServerTime: OnServerTime;

  constructor(http: HttpStreams, maxBytes: number, onServerTime: OnServerTime = () => {}) {
    this.#http = http;
    this.#maxBytes = maxBytes;
    this.#maxWhole = Math.min(maxBytes, Math.max(WHOLE.least, maxBytes * WHOLE.part));
    this.#onServerTime = onServerTime;
  }

  /**
   * A whole answer in JSON, which may be an eighth as large as the limit of the source.
   *
   * @throws ExporterError with one of the `MX_UPSTREAM_` codes.
   */
  json<T>(endpoint: Endpoint, parse: (json: unknown) => Parsed<T>, ask: Ask = {}): Promise<Answer<T>> {
    return this.#read(
      endpoint,
      this.#maxWhole,
      async (body) => {
        const parsed = parseJson(await readText(body), parse);
        if (!parsed.ok) throw fault('MX_UPSTREAM_ANSWER', `${endpoint.path}: ${parsed.problem}`);
        return parsed.value;
      },
      ask,
    );
  }

  /** A whole answer as text, of the same size at most. */
  text(endpoint: Endpoint, ask: Ask = {}): Promise<Answer<TextAnswer>> {
    return this.#read(
      endpoint,
      this.#maxWhole,
      async (body, headers) => ({
        text: await readText(body),
        type: (headers['content-type'] ?? '').toLowerCase(),
        headers,
      }),
      ask,
    );
  }

  /**
   * An answer read as it comes, decompressed: what `consume` does not keep is never held. Fails when it is larger than the
   * limit of the source.
   */
  chunks<T>(endpoint: Endpoint, consume: Consume<T>, ask: Ask = {}): Promise<Answer<T>> {
    return this.#read(endpoint, this.#maxBytes, consume, ask);
  }

  #read<T>(
    endpoint: Endpoint,
    maxBytes: number,
    consume: Consume<T>,
    { query = '', timeout, accepts }: Ask,
  ): Promise<Answer<T>> {
    const request = {
      endpoint: endpoint.path,
      path: `${endpoint.path}${query}`,
      ...(timeout === undefined ? {} : { timeout }),
      ...(accepts === undefined ? {} : { accepts }),
    };
    return this.#http.stream(request, async ({ status, headers, body }) => {
      const seconds = Number.parseFloat(headers['x-response-time-ms'] ?? '') / 1000;
      if (seconds >= 0) this.#onServerTime(endpoint, seconds);
      const plain = limit(decompress(body, headers), endpoint, maxBytes);
      const value = await consume(plain, headers);
      const date = Date.parse(headers.date ?? '');
      return { value, status, ...(Number.isNaN(date) ? {} : { date }) };
    });
  }
}

/** A text that should be JSON, parsed. Total. */
export function parseJson<T>(text: string, parse: (json: unknown) => Parsed<T>): Parsed<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, problem: text.trimStart().startsWith('<') ? 'the answer is HTML' : 'the answer is not JSON' };
  }
  return parse(json);
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function decompress(body: AsyncIterable<Uint8Array>, headers: ResponseHeaders): AsyncIterable<Uint8Array> {
  if (headers['content-encoding']?.trim().toLowerCase() !== 'gzip') return body;
  return gunzip(body);
}

async function* gunzip(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const zipped = createGunzip();
  const fed = feed(body, zipped);
  try {
    for await (const chunk of zipped) yield chunk as Uint8Array;
    await fed;
  } finally {
    zipped.destroy();
  }
}

/** Never rejects: what breaks the body breaks the stream that it is fed to. */
async function feed(body: AsyncIterable<Uint8Array>, into: Readable & NodeJS.WritableStream): Promise<void> {
  try {
    for await (const chunk of body) {
      if (!into.write(chunk)) await drained(into);
      if (into.destroyed) return;
    }
    into.end();
  } catch (error) {
    into.destroy(error as Error);
  }
}

function drained(stream: Readable & NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

/** A small compressed answer may be a large one. */
async function* limit(body: AsyncIterable<Uint8Array>, endpoint: Endpoint, most: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > most) throw fault('MX_UPSTREAM_TOO_LARGE', `${endpoint.path}: more than ${most} bytes`);
    yield chunk;
  }
}

function fault(code: ErrorCode, detail: string): ExporterError {
  return new ExporterError({ code, detail });
}
