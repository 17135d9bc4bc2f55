import type { IncomingMessage, ServerResponse } from 'node:http';
import { createGzip } from 'node:zlib';
import { type Clock, systemClock } from '../clock.ts';
import { contentType } from '../encode/format.ts';
import { encode } from '../encode/index.ts';
import { BufferPool } from '../encode/output.ts';
import type { Family } from '../family.ts';
import { negotiate, wantsGzip } from './negotiate.ts';
import { writePieces } from './stream.ts';

export interface SendOptions {
  readonly clock?: Clock;
}

/**
 * Answers a scrape: status 200, in the format and encoding that the request asks for, streamed with back-pressure and
 * in time slices. Ends the response. Resolves when all is written, or when the client has gone away.
 */
export async function sendExposition(
  snapshot: { readonly families: Iterable<Family> },
  request: IncomingMessage,
  response: ServerResponse,
  { clock = systemClock }: SendOptions = {},
): Promise<void> {
  const format = negotiate(request.headers.accept);
  const gzip = wantsGzip(headerText(request.headers['accept-encoding']));
  response.statusCode = 200;
  response.setHeader('content-type', contentType(format));
  response.setHeader('vary', 'accept, accept-encoding');
  if (gzip) response.setHeader('content-encoding', 'gzip');
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  // Whoever went away while the families were gathered is not written to: the stream would never drain.
  if (response.destroyed || response.closed) return;
  const pool = new BufferPool();
  const pieces = encode(snapshot.families, format, pool);
  if (!gzip) {
    await writePieces(pieces, response, pool, clock);
    response.end();
    return;
  }
  // Level 1: a tenth of the size for a third of the time of level 6. The work is done on libuv's threads.
  const compressor = createGzip({ level: 1 });
  compressor.pipe(response);
  response.once('close', () => compressor.destroy());
  compressor.once('error', () => response.destroy());
  await writePieces(pieces, compressor, pool, clock);
  if (!compressor.destroyed) compressor.end();
}

function headerText(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}
