import { ManualClock } from '@media-exporter/metrics/testing';
import { LIBRARIES, type Library } from '@media-exporter/simulators/plex';
import { describe, expect, test } from 'vitest';
import { SourceBench } from '../../../../../../test/support/plex/source-bench.ts';
import type { ErrorCode } from '../../../errors.ts';
import { fault } from '../../http/request-error.ts';
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

/** So many libraries of movies as the simulator has one. */
function movieLibraries(count: number): Library[] {
  const [library] = LIBRARIES;
  if (library === undefined) throw new Error('the simulator has no library');
  return Array.from({ length: count }, (_, index) => ({ ...library, id: String(index + 1) }));
}

describe('libraries', () => {
  test('are counted again soon after a scan, but not at each of its events', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    await bench.advance(120);
    const before = bench.asked('/library/sections/{id}/all');
    plex.background.scan('2', 20_000, { episode: 3 });
    await bench.advance(100);
    expect(bench.sum('plex_media_episodes')).toBe(8143);
    // Shows, seasons and episodes of the one library, twice at most.
    expect(bench.asked('/library/sections/{id}/all') - before).toBeLessThanOrEqual(6);
  });

  test('keep their numbers when a count fails', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    plex.faults.switchOn({ kind: 'status', status: 500 }, { endpoint: '/library/sections/{id}/all' });
    await bench.advance(1000);
    expect(bench.failures).toEqual([['libraries', 'MX_UPSTREAM_STATUS']]);
    expect(bench.sum('plex_media_movies')).toBe(1203);
  });

  test('of a server that has very many are counted less often', async () => {
    const bench = await SourceBench.start({ plex: { libraries: movieLibraries(120) } });
    const { plex } = bench;
    const before = plex.requests.count();
    await bench.advance(3600);
    expect((plex.requests.count() - before) / 3600).toBeLessThanOrEqual(0.2);
  });
});

describe('a server of more libraries than anybody has', () => {
  const many = (): Promise<SourceBench> => SourceBench.start({ plex: { libraries: movieLibraries(300) } });

  test('is not asked for all of them at once', async () => {
    const bench = await many();
    expect(bench.asked('/library/sections/{id}/all')).toBeLessThanOrEqual(40);
    await bench.advance(60);
    expect(bench.asked('/library/sections/{id}/all')).toBeLessThanOrEqual(100);
  });

  test('is counted in part, tells no sum over a part, and is warned of once', async () => {
    const bench = await many();
    await bench.advance(3 * 3600);
    expect(bench.exposition().series('plex_library_items')).toHaveLength(256);
    expect(bench.sum('plex_media_movies')).toBeUndefined();
    expect(bench.failures).toEqual([]);
    expect(bench.lines.filter((line) => line.includes('level=warn'))).toEqual([
      expect.stringContaining('only 256 of 300 libraries are counted'),
    ]);
  }, 120_000);

  test('is not asked on when it is left alone', async () => {
    const bench = await many();
    const { plex } = bench;
    await plex.close();
    await bench.source.stop();
    const asked = bench.requests.length;
    await bench.advance(60);
    expect(bench.requests).toHaveLength(asked);
    expect(bench.clock.pending).toBe(0);
  });
});
