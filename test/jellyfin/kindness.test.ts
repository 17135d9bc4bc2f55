import type { HttpFault, HttpFaultScope, SimulatedJellyfin } from '@media-exporter/simulators/jellyfin';
import { expect, test, vi } from 'vitest';
import { EVERY_COLLECTOR, open } from './bench.ts';

// Each drives an hour, on machines that may be busy.
vi.setConfig({ testTimeout: 300_000 });
const SCRAPERS = 5;
const HOUR = 3_600;

/** Seconds from one request to the next that are the default for each endpoint. */
const INTERVALS: Readonly<Record<string, number>> = {
  '/health': 10,
  '/System/Info': 10,
  '/Sessions': 10,
  '/ScheduledTasks': 10,
  '/System/ActivityLog/Entries': 60,
  '/System/Logs': 60,
  '/metrics': 15,
  '/Items/Counts': 300,
  '/Library/VirtualFolders': 300,
  '/System/Info/Storage': 300,
  '/Plugins': 300,
  '/System/Configuration/encoding': 300,
  '/Users': 1_800,
  '/Devices': 1_800,
  '/Items': 3_600,
  '/user_usage_stats/user_activity': 3_600,
};
/** Runs are spread a little, so that they do not march in step. */
const SPREAD = 0.9;

/** The requests that came sooner after the same one than the interval of their endpoint. */
function tooSoon({ requests }: SimulatedJellyfin): string[] {
  const last = new Map<string, number>();
  return requests.records.flatMap(({ at, endpoint, query }) => {
    // From where the log is read changes with each entry: it is the same question.
    const question = `${endpoint}${query.replace(/&minDate=[^&]*/, '')}`;
    const gap = (at - (last.get(question) ?? Number.NEGATIVE_INFINITY)) / 1000;
    last.set(question, at);
    const least = SPREAD * (INTERVALS[endpoint] ?? Number.POSITIVE_INFINITY);
    return gap < least ? [`${question} after ${gap} s`] : [];
  });
}

/** When a server that has troubles has them: from and to which second of the hour. */
const TROUBLED: readonly (readonly [from: number, to: number])[] = [
  [0, 1_205],
  [2_405, 3_005],
];

/** An hour of a server, all of whose collectors run, with five scrapers. */
async function hour(scrapeInterval: number, fault?: HttpFault, scope?: HttpFaultScope): Promise<SimulatedJellyfin> {
  const { jellyfin, exporter, advance } = await open({
    args: EVERY_COLLECTOR,
    before: (server, clock) => {
      server.play();
      if (fault === undefined) return;
      for (const [from, to] of TROUBLED) {
        const begin = (): unknown => server.faults.switchOn(fault, scope);
        if (from === 0) begin();
        else clock.after(from * 1000, begin);
        clock.after(to * 1000, () => server.faults.clear());
      }
    },
  });
  const scrapes: Promise<string>[] = [];
  for (let second = 0; second < HOUR; second += scrapeInterval) {
    await advance(scrapeInterval);
    scrapes.push(...Array.from({ length: SCRAPERS }, () => exporter.scrape()));
  }
  // A first one may wait for a slow server, which waits for the clock.
  await Promise.all(scrapes);
  return jellyfin;
}

test('a server is asked each thing once an interval, however many scrape', async () => {
  const jellyfin = await hour(15);
  expect(tooSoon(jellyfin)).toEqual([]);
  for (const endpoint of Object.keys(INTERVALS)) expect(jellyfin.requests.count(endpoint), endpoint).toBeGreaterThan(0);
  expect(jellyfin.requests.count('/Sessions')).toBeGreaterThan(340);
});

const ALL = /^/;
/** All but what tells that the server is up. */
const WORK = /^\/(?!health$|System\/Info$)/;

test.each<[string, HttpFault, RegExp]>([
  ['fails all but the looks at it', { kind: 'status', status: 500 }, WORK],
  ['fails everything', { kind: 'status', status: 500 }, ALL],
  ['is starting', { kind: 'status', status: 503 }, ALL],
  ['has no time for all but the looks at it', { kind: 'status', status: 503 }, WORK],
  ['refuses the key for all but the looks at it', { kind: 'status', status: 401 }, WORK],
  ['refuses the key', { kind: 'status', status: 401 }, /^\/(?!health$)/],
  ['sends everything elsewhere', { kind: 'redirect', to: '/web/' }, ALL],
  ['answers with a page', { kind: 'html' }, WORK],
  ['is slow', { kind: 'slow', ms: 4_000 }, /^\/(Sessions|Items)/],
  ['answers nothing but the looks at it', { kind: 'slow' }, WORK],
  ['never answers', { kind: 'slow' }, ALL],
  ['breaks off each answer but to the looks at it', { kind: 'broken-off' }, WORK],
  ['breaks off each answer', { kind: 'broken-off' }, ALL],
  ['ends each answer too early', { kind: 'truncated' }, ALL],
])('a server that %s is asked no more often', async (_, fault, endpoint) => {
  const jellyfin = await hour(60, fault, { endpoint });
  expect(tooSoon(jellyfin)).toEqual([]);
  expect(jellyfin.requests.count('/health')).toBeGreaterThan(100);
});

test('a server that resets each connection is asked once more, as it may have closed it before, and then no more often', async () => {
  const early = tooSoon(await hour(60, { kind: 'reset' }, { endpoint: ALL }));
  expect(early.filter((question) => !question.endsWith(' after 0 s'))).toEqual([]);
  expect(new Set(early).size).toBe(early.length);
});
