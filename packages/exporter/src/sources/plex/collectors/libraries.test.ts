import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import type { ErrorCode } from '../../../errors.ts';
import { fault } from '../../request-error.ts';
import type { PlexClient } from '../client.ts';
import { LibraryCollector } from './libraries.ts';
import type { KnownLibrary } from './server.ts';

/** How many questions about four libraries a run asks that fail so. */
async function questions(code: ErrorCode, status?: number): Promise<number> {
  let asked = 0;
  const count = async (): Promise<number> => {
    asked += 1;
    throw fault(code, '', status === undefined ? {} : { status });
  };
  const libraries = ['1', '2', '3', '4'].map((id): KnownLibrary => ({ id, type: 'movie', kind: 'movie', title: id }));
  const collector = new LibraryCollector({
    client: { count } as unknown as PlexClient,
    clock: new ManualClock(),
    libraries: () => libraries,
    least: 900_000,
    warn: () => {},
  });
  await expect(collector.collect()).rejects.toMatchObject({ code });
  return asked;
}

test.each<ErrorCode>(['MX_UPSTREAM_CONNECT', 'MX_UPSTREAM_TIMEOUT', 'MX_UPSTREAM_PAUSED', 'MX_UPSTREAM_TLS'])(
  'of a server that cannot be reached (%s) nothing more is asked in the same run',
  async (code) => expect(await questions(code)).toBe(1),
);

test('a count that the server fails leaves the other libraries to be counted', async () => {
  expect(await questions('MX_UPSTREAM_STATUS', 500)).toBe(4);
});
