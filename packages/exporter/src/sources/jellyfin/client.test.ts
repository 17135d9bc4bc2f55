import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ExporterError } from '../../errors.ts';
import { type HttpStreams, JellyfinClient } from './client.ts';
import { ENDPOINTS } from './endpoints.ts';

const MEBIBYTE = 1024 * 1024;
const MAX_BYTES = 64 * MEBIBYTE;

/** A server that sends a part again and again, and how much of it was read. */
function sending(part: Uint8Array, times: number, headers = {}): { http: HttpStreams; sent: () => number } {
  let sent = 0;
  const http: HttpStreams = {
    stream: (_, consume) =>
      consume({
        status: 200,
        headers,
        body: (async function* () {
          for (let i = 0; i < times; i += 1) {
            sent += part.length;
            yield part;
          }
        })(),
      }),
  };
  return { http, sent: () => sent };
}

const any = (json: unknown) => ({ ok: true, value: json }) as const;

describe('an answer that has to be held whole', () => {
  const endless = (): ReturnType<typeof sending> => sending(Buffer.alloc(65_536, '['), 100_000);
  const codeOf = (answer: Promise<unknown>): Promise<unknown> =>
    answer.then(
      () => 'read',
      (error: ExporterError) => error.code,
    );

  test('may take an eighth of what is read at most', async () => {
    const { http, sent } = endless();
    expect(await codeOf(new JellyfinClient(http, MAX_BYTES).json(ENDPOINTS.tasks, any))).toBe('MX_UPSTREAM_TOO_LARGE');
    expect(sent()).toBeLessThanOrEqual(8 * MEBIBYTE + 65_536);
    expect(await codeOf(new JellyfinClient(http, MAX_BYTES).text(ENDPOINTS.health))).toBe('MX_UPSTREAM_TOO_LARGE');
  });

  test('may take a mebibyte where less would be left, but no more than is read', async () => {
    const { http } = sending(Buffer.from(`"${'x'.repeat(MEBIBYTE - 2)}"`), 1);
    const { value } = await new JellyfinClient(http, MEBIBYTE).json(ENDPOINTS.users, any);
    expect(value).toHaveLength(MEBIBYTE - 2);
    expect(await codeOf(new JellyfinClient(http, 65_536).json(ENDPOINTS.users, any))).toBe('MX_UPSTREAM_TOO_LARGE');
  });

  test('is measured as it is when decompressed', async () => {
    const { http } = sending(gzipSync(Buffer.alloc(9 * MEBIBYTE, ' ')), 1, { 'content-encoding': 'gzip' });
    expect(await codeOf(new JellyfinClient(http, MAX_BYTES).text(ENDPOINTS.health))).toBe('MX_UPSTREAM_TOO_LARGE');
  });
});

test('an answer that is read as it comes may be as large as the limit', async () => {
  const { http } = sending(Buffer.alloc(65_536), 1_024);
  const consume = async (body: AsyncIterable<Uint8Array>): Promise<number> => {
    let bytes = 0;
    for await (const chunk of body) bytes += chunk.length;
    return bytes;
  };
  expect((await new JellyfinClient(http, MAX_BYTES).chunks(ENDPOINTS.sessions, consume)).value).toBe(MAX_BYTES);
});
