import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { describeIf } from '../../../../../../test/support/tools.ts';
import type { HttpStreams } from '../client.ts';
import { libraryOf } from '../parse/recent.ts';
import { testContext, values } from '../testing/context.testing.ts';
import { MISSING, playTape } from '../testing/tape.testing.ts';
import { PlayCountsCollector } from './play-counts.ts';
import { RecentlyAddedCollector } from './recently-added.ts';

interface StubUser {
  readonly Id: string;
  readonly LastActivityDate?: string;
}

/** A server that answers with what `answer` says, and notes what it is asked. */
function stub(
  answer: (endpoint: string, query: URLSearchParams) => unknown,
  asked: [string, URLSearchParams][] = [],
): HttpStreams {
  return {
    stream: async ({ endpoint, path = '' }, consume) => {
      const query = new URL(path, 'http://jellyfin').searchParams;
      asked.push([endpoint, query]);
      const body = (async function* () {
        yield Buffer.from(JSON.stringify(answer(endpoint, query)));
      })();
      return consume({ status: 200, headers: {}, body });
    },
  };
}

async function runThrough(collector: PlayCountsCollector, clock: ManualClock): Promise<void> {
  let ended = false;
  const run = collector.run().finally(() => {
    ended = true;
  });
  run.catch(() => {});
  while (!ended) await clock.tick(500);
  await run;
}

function plays(id: string, count: number): unknown {
  return { Id: id, Name: `Film ${id}`, Type: 'Movie', UserData: { PlayCount: count } };
}

test('plays of all users are added up by item, and those of nobody are not shown', async () => {
  const clock = new ManualClock();
  const people: StubUser[] = [
    { Id: 'a1', LastActivityDate: '2025-01-01T00:00:00Z' },
    { Id: 'b2', LastActivityDate: '2025-01-01T00:00:00Z' },
    { Id: 'c3' },
  ];
  const asked: [string, URLSearchParams][] = [];
  const server = stub((endpoint, query) => {
    if (endpoint === '/Users') return people;
    return {
      Items: query.get('userId') === 'a1' ? [plays('f1', 3), plays('f2', 1)] : [plays('f1', 2), plays('f3', 0)],
    };
  }, asked);
  const collector = new PlayCountsCollector(testContext(server, clock));
  await runThrough(collector, clock);
  expect(values(collector.families(), 'jellyfin_item_play_count')).toEqual({
    'Film f1,f1,movie': 5,
    'Film f2,f2,movie': 1,
  });
  const queries = asked.filter(([endpoint]) => endpoint === '/Items').map(([, query]) => query);
  expect(queries.map((query) => query.get('userId'))).toEqual(['a1', 'b2']);
  expect(queries.every((query) => query.get('collapseBoxSetItems') === 'false' && !query.has('isPlayed'))).toBe(true);
});

test('a user is asked for again only after having been active', async () => {
  const clock = new ManualClock();
  const user = { Id: 'a1', LastActivityDate: '2025-01-01T00:00:00Z' };
  const asked: [string, URLSearchParams][] = [];
  const server = stub((endpoint) => (endpoint === '/Users' ? [user] : { Items: [plays('f1', 1)] }), asked);
  const collector = new PlayCountsCollector(testContext(server, clock));
  const questions = (): number => asked.filter(([endpoint]) => endpoint === '/Items').length;
  await runThrough(collector, clock);
  await runThrough(collector, clock);
  expect(questions()).toBe(1);
  // The server notes one activity a minute: this one may stand for another after the question.
  user.LastActivityDate = new Date(clock.date() - 30_000).toISOString();
  clock.advance(3_600_000);
  await runThrough(collector, clock);
  expect(questions()).toBe(2);
  expect(values(collector.families(), 'jellyfin_item_play_count')).toEqual({ 'Film f1,f1,movie': 1 });
});

test('play counts wait for the end of a scan, and are shown when each user was asked for', async () => {
  const clock = new ManualClock();
  const people = ['a1', 'b2', 'c3'].map((id) => ({ Id: id, LastActivityDate: '2025-01-01T00:00:00Z' }));
  let asked = 0;
  const server = stub((endpoint) => {
    if (endpoint === '/Users') return people;
    asked += 1;
    if (asked === 2) context.shared.scanRunning = true;
    return { Items: [plays('f1', 1)] };
  });
  const context = testContext(server, clock);
  const collector = new PlayCountsCollector(context);
  await runThrough(collector, clock);
  expect(collector.families()).toEqual([]);
  context.shared.scanRunning = false;
  await runThrough(collector, clock);
  expect(asked).toBe(3);
  expect(values(collector.families(), 'jellyfin_item_play_count')).toEqual({ 'Film f1,f1,movie': 3 });
});

test('a recently added item is in the library with the longest folder that it lies in', () => {
  const library = (name: string, ...locations: string[]) => ({
    id: name,
    name,
    collection: 'movies',
    locations,
    refreshing: false,
  });
  const libraries = [library('All', '/media'), library('Films', '/media/films'), library('Windows', 'D:\\films')];
  expect(libraryOf('/media/films/a.mkv', libraries)).toBe('Films');
  expect(libraryOf('/media/films2/a.mkv', libraries)).toBe('All');
  expect(libraryOf('D:\\films\\a.mkv', libraries)).toBe('Windows');
  expect(libraryOf('/other/a.mkv', libraries)).toBe('');
});

describeIf(MISSING, 'of a recorded server', () => {
  test.each(['12.0', '10.11'])('the newest items of %s are shown with their library', async (version) => {
    const clock = new ManualClock();
    const http = await playTape(`${version}/evening-a.tape.ndjson.gz`, () => clock.date());
    const collector = new RecentlyAddedCollector(testContext(http, clock, { recently_added_limit: 5 }));
    clock.advance(490_000);
    await collector.run();
    const items = Object.entries(values(collector.families(), 'jellyfin_recently_added_timestamp_seconds'));
    expect(items).toHaveLength(5);
    expect(items.every(([, added]) => added > 1_000_000_000)).toBe(true);
    expect(items.map(([labels]) => labels).join()).toContain('movie,Movies');
  });
});
