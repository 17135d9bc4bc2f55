import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ExporterError } from '../../../errors.ts';
import type { HttpAnswer, HttpRequest, ResponseHeaders } from '../../http/http.ts';
import { UndeliveredError } from '../../http/request-error.ts';
import { authorize, type HttpStreams } from '../client.ts';

/** Answers of real servers, beside the checkout. */
export const RECORDED: string = join(import.meta.dirname, '../../../../../../../shared/fixtures/jellyfin');

/** Why tests of the recordings cannot run, if they cannot. */
export const MISSING: string | undefined = existsSync(RECORDED) ? undefined : 'no recorded answers beside the checkout';

interface Played {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly error?: string;
}

interface Tape {
  answer(method: string, url: string, headers: Readonly<Record<string, string>>): Played;
  shift(text: string): string;
  shiftText(text: string): string;
}

/** Tapes are read once: they are some megabytes. */
const OPENED = new Map<string, unknown>();

/** Plays a recorded tape as the live server, without sockets, by the clock that is given (ms since the epoch). */
export async function playTape(file: string, clock: () => number): Promise<HttpStreams> {
  const { openTape, serve } = (await import(join(RECORDED, 'replay.mjs'))) as {
    openTape(path: string): unknown;
    serve(tape: unknown, options: { readonly clock: () => number }): Tape;
  };
  const opened = OPENED.get(file) ?? openTape(join(RECORDED, 'recorded', file));
  OPENED.set(file, opened);
  const tape = serve(opened, { clock });
  return {
    async stream<T>(
      { endpoint, path = endpoint, accepts = [] }: HttpRequest & { readonly accepts?: readonly number[] },
      consume: (answer: HttpAnswer) => Promise<T>,
    ): Promise<T> {
      const played = tape.answer('GET', path, authorize('tape-key'));
      if (played.error !== undefined) {
        const problem = { code: 'MX_UPSTREAM_CONNECT', detail: played.error } as const;
        throw new (played.error === 'ECONNREFUSED' ? UndeliveredError : ExporterError)(problem);
      }
      const { status, headers: recorded = {}, body = '' } = played;
      if (status !== 200 && !accepts.includes(status)) throw refused(status);
      const headers: ResponseHeaders = {
        ...recorded,
        date: new Date(clock()).toUTCString(),
        'content-encoding': undefined,
      };
      const shifted = /json/.test(recorded['content-type'] ?? '') ? tape.shift(body) : tape.shiftText(body);
      return consume({ status, headers, body: oneChunk(shifted) });
    },
  };
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function refused(status: number): ExporterError {
  const code =
    status === 401 ? 'MX_UPSTREAM_UNAUTHORIZED' : status === 503 ? 'MX_UPSTREAM_STARTING' : 'MX_UPSTREAM_STATUS';
  return new ExporterError({ code, detail: `answered ${status}`, status });
}
