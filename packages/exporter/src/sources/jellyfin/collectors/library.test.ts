import { ManualClock } from '@media-exporter/metrics/testing';
import { describe, expect, test } from 'vitest';
import { describeIf } from '../../../../../../test/support/tools.ts';
import { ExporterError } from '../../../errors.ts';
import type { HttpRequest } from '../../http/http.ts';
import type { HttpStreams } from '../client.ts';
import { countLibraries } from '../library/counts.ts';
import { parseVersion } from '../parse/version.ts';
import { answering } from '../testing/answering.testing.ts';
import { testContext, values } from '../testing/context.testing.ts';
import { MISSING, playTape } from '../testing/tape.testing.ts';
import { LibraryCollector } from './library.ts';

/** Runs a collector twice, since its first run asks for the least only, and turns the clock through its pauses. */
async function runThrough(collector: LibraryCollector, clock: ManualClock): Promise<void> {
  for (let runs = 0; runs < 2; runs += 1) {
    let ended = false;
    const run = collector.run().finally(() => {
      ended = true;
    });
    run.catch(() => {});
    while (!ended) await clock.tick(1_000);
    await run;
  }
}

/** Notes what is asked, and when. */
function noting(http: HttpStreams, clock: ManualClock, asked: { path: string; at: number }[]): HttpStreams {
  return {
    stream(request, consume) {
      asked.push({ path: request.path ?? request.endpoint, at: clock.now() });
      return http.stream(request, consume);
    },
  };
}

test('during a scan only the items are counted, and the rest is asked for after it', async () => {
  const clock = new ManualClock();
  const asked: string[] = [];
  const answer = (path: string): unknown => (path === '/Items/Counts' ? { MovieCount: 7 } : []);
  const context = testContext(answering(answer, asked), clock);
  context.shared.scanRunning = true;
  const collector = new LibraryCollector(context);
  await collector.run();
  expect(asked).toEqual(['/Items/Counts']);
  expect(values(collector.families(), 'jellyfin_library_items_total')).toMatchObject({ movie: 7 });
  context.shared.scanRunning = false;
  void collector.run().catch(() => {});
  await clock.tick(1_000);
  expect(asked.slice(1, 3)).toEqual(['/Items/Counts', '/Library/VirtualFolders']);
  collector.stop();
});

describeIf(MISSING, 'of a recorded server', () => {
  test.each(['12.0', '10.11'])('of %s', async (version) => {
    const clock = new ManualClock();
    const http = await playTape(`${version}/evening-a.tape.ndjson.gz`, () => clock.date());
    const asked: { path: string; at: number }[] = [];
    const context = testContext(noting(http, clock, asked), clock);
    context.shared.version = parseVersion(`${version}.0`);
    const collector = new LibraryCollector(context);
    clock.advance(490_000);
    await runThrough(collector, clock);
    const families = collector.families();
    expect(values(families, 'jellyfin_library_items_total')).toMatchObject({ movie: 10, episode: 6, audio: 8 });
    expect(values(families, 'jellyfin_library_items_total').artist).toBe(version === '12.0' ? 2 : undefined);
    expect(values(families, 'jellyfin_library_resolution_items')).toEqual({
      '2160p': 1,
      '1440p': 0,
      '1080p': 2,
      '720p': 10,
      sd: 2,
      unknown: 1,
    });
    const items = values(families, 'jellyfin_library_items');
    expect(items['Shows,a656b907eb3a73532e40e44b968d0225,episode']).toBe(6);
    expect(values(families, 'jellyfin_library_missing_metadata_items')).toMatchObject({ 'movie,overview': 6 });
    expect(collector.state().libraries).toContainEqual({ library: 'Music', mediaType: 'track', items: 8 });
    const counts = asked.filter(({ path }) => path.startsWith('/Items?'));
    expect(counts.every(({ path }) => path.includes('collapseBoxSetItems=false'))).toBe(true);
    const gaps = counts.slice(1).map(({ at }, index) => at - (counts[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
  });
});

/** A server with so many items, which answers counts by what they ask. */
function counting(count: (query: URLSearchParams) => number): HttpStreams {
  return {
    stream: async ({ endpoint, path = '' }: HttpRequest, consume) => {
      const total = count(new URL(path, 'http://jellyfin').searchParams);
      const answers: Record<string, unknown> = {
        '/Items/Counts': { MovieCount: 100, ItemCount: 0, ArtistCount: 0 },
        '/Library/VirtualFolders': [{ Name: 'Films', ItemId: 'f', CollectionType: 'movies', RefreshStatus: 'Idle' }],
        '/Items': { Items: [], TotalRecordCount: total },
      };
      const body = (async function* () {
        yield Buffer.from(JSON.stringify(answers[endpoint]));
      })();
      return consume({ status: 200, headers: {}, body });
    },
  };
}

describe('counts that cannot be', () => {
  test('resolutions that add up to more than there are, are not shown', async () => {
    const clock = new ManualClock();
    const collector = new LibraryCollector(
      testContext(
        counting(() => 100),
        clock,
      ),
    );
    await runThrough(collector, clock);
    expect(values(collector.families(), 'jellyfin_library_resolution_items')).toEqual({});
  });

  test('a filter that the server does not know tells nothing, and one that finds all does', async () => {
    const clock = new ManualClock();
    const collector = new LibraryCollector(
      testContext(
        counting((query) =>
          query.get('hasImdbId') === 'true' ? 0 : query.get('includeItemTypes') === 'Movie' ? 100 : 0,
        ),
        clock,
      ),
    );
    await runThrough(collector, clock);
    expect(values(collector.families(), 'jellyfin_library_missing_metadata_items')).toEqual({ 'movie,imdb_id': 100 });
  });
});

test('everything is asked for on its own interval, and the first run is short', async () => {
  const clock = new ManualClock();
  const asked: { path: string; at: number }[] = [];
  const collector = new LibraryCollector(
    testContext(
      noting(
        counting(() => 0),
        clock,
        asked,
      ),
      clock,
    ),
  );
  await collector.run();
  expect(asked.map(({ path }) => path)).toEqual(['/Items/Counts', '/Library/VirtualFolders']);
  const day = clock.now() + 86_400_000;
  while (clock.now() < day) {
    await runThrough(collector, clock);
    clock.advance(collector.interval());
  }
  const times = (start: string): number => asked.filter(({ path }) => path.startsWith(start)).length;
  expect(times('/Items/Counts')).toBeLessThanOrEqual(24 * 12 + 1);
  expect(times('/Items/Counts')).toBeGreaterThan(24 * 11);
  expect(times('/Items?recursive=true&collapseBoxSetItems=false&parentId=')).toBeLessThanOrEqual(26);
});

test.each([
  ['/Items/Counts', 'jellyfin_library_items_total'],
  ['/Library/VirtualFolders', 'jellyfin_library_items'],
])('without %s all the rest is counted, and it is asked for no more often', async (broken, missing) => {
  const clock = new ManualClock();
  const asked: { path: string; at: number }[] = [];
  const whole = counting(() => 0);
  const http: HttpStreams = {
    async stream(request, consume) {
      if (request.endpoint === broken) {
        throw new ExporterError({ code: 'MX_UPSTREAM_STATUS', detail: 'no', status: 500 });
      }
      return whole.stream(request, consume);
    },
  };
  const collector = new LibraryCollector(testContext(noting(http, clock, asked), clock));
  await expect(collector.run()).rejects.toMatchObject({ status: 500 });
  for (let run = 0; run < 3; run += 1) {
    await runThrough(collector, clock).catch(() => {});
    clock.advance(collector.interval());
  }
  const shown = new Set(collector.families().map(({ metric }) => metric.name));
  const names = ['jellyfin_library_items_total', 'jellyfin_library_items', 'jellyfin_library_resolution_items'];
  expect(
    names.filter((name) => !shown.has(name) || Object.keys(values(collector.families(), name)).length === 0),
  ).toEqual([missing]);
  const times = asked.filter(({ path }) => path === broken).map(({ at }) => at);
  expect(times.length).toBeGreaterThan(1);
  expect(Math.min(...times.slice(1).map((at, index) => at - (times[index] ?? 0)))).toBeGreaterThanOrEqual(270_000);
});

test('a library of a kind that is a word of the language holds nothing to count', async () => {
  const library = { id: 'a', name: 'a', locations: [], refreshing: false };
  const libraries = ['constructor', '__proto__', 'toString'].map((collection) => ({ ...library, collection }));
  expect(await countLibraries(async () => 1, libraries)).toEqual([]);
});

test('counts wait for the end of a scan, and begin anew after it', async () => {
  const clock = new ManualClock();
  let asked = 0;
  const context = testContext(
    counting(() => {
      asked += 1;
      if (asked === 4) context.shared.scanRunning = true;
      return 0;
    }),
    clock,
  );
  const collector = new LibraryCollector(context);
  await runThrough(collector, clock);
  expect(values(collector.families(), 'jellyfin_library_items')).toEqual({ 'Films,f,movie': 0 });
  expect(values(collector.families(), 'jellyfin_library_resolution_items')).toEqual({});
  context.shared.scanRunning = false;
  await runThrough(collector, clock);
  expect(values(collector.families(), 'jellyfin_library_resolution_items')).toMatchObject({ sd: 0, unknown: 0 });
});

test('counts that could not be renewed are not shown for ever', async () => {
  const clock = new ManualClock();
  const collector = new LibraryCollector(
    testContext(
      counting(() => 0),
      clock,
    ),
  );
  await runThrough(collector, clock);
  clock.advance(899_000 - 60_000);
  expect(values(collector.families(), 'jellyfin_library_items_total')).toMatchObject({ movie: 100 });
  clock.advance(120_000);
  expect(values(collector.families(), 'jellyfin_library_items_total')).toEqual({});
});

test('a stop ends a run at once', async () => {
  const clock = new ManualClock();
  const collector = new LibraryCollector(
    testContext(
      counting(() => 0),
      clock,
    ),
  );
  await collector.run();
  const run = collector.run();
  await clock.tick(0);
  collector.stop();
  await expect(run).resolves.toBeUndefined();
  expect(clock.pending).toBe(0);
});
