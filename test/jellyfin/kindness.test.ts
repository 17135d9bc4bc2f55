import type { HttpFault, HttpFaultScope, SimulatedJellyfin } from '@media-exporter/simulators/jellyfin';
import { afterEach, expect, test } from 'vitest';
import { closeAll, EVERY_COLLECTOR, open } from './bench.ts';

afterEach(closeAll);

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

/** An hour of a server, all of whose collectors run, with five scrapers that ask each 15 seconds. */
async function hour(fault?: HttpFault, scope?: HttpFaultScope): Promise<SimulatedJellyfin> {
  const { jellyfin, exporter, advance } = await open({
    args: EVERY_COLLECTOR,
    before: (server) => {
      server.play();
      if (fault !== undefined) server.faults.switchOn(fault, scope);
    },
  });
  const scrapes: Promise<string>[] = [];
  for (let second = 0; second < HOUR; second += 15) {
    await advance(15);
    scrapes.push(...Array.from({ length: SCRAPERS }, () => exporter.scrape()));
  }
  // A first one may wait for a slow server, which waits for the clock.
  await Promise.all(scrapes);
  return jellyfin;
}

test('a server is asked each thing once an interval, however many scrape', async () => {
  const jellyfin = await hour();
  expect(tooSoon(jellyfin)).toEqual([]);
  for (const endpoint of Object.keys(INTERVALS)) expect(jellyfin.requests.count(endpoint), endpoint).toBeGreaterThan(0);
  expect(jellyfin.requests.count('/Sessions')).toBeGreaterThan(340);
}, 120_000);

/** All but what tells that the server is up. */
const WORK = /^\/(?!health$|System\/Info$)/;

test.each<[string, HttpFault, HttpFaultScope]>([
  ['fails all but the looks at it', { kind: 'status', status: 500 }, { endpoint: WORK }],
  ['fails everything', { kind: 'status', status: 500 }, {}],
  ['is starting for ever', { kind: 'status', status: 503 }, {}],
  ['refuses the key for all but the looks at it', { kind: 'status', status: 401 }, { endpoint: WORK }],
  ['refuses the key', { kind: 'status', status: 401 }, { endpoint: /^\/(?!health$)/ }],
  ['sends everything elsewhere', { kind: 'redirect', to: '/web/' }, {}],
  ['answers with a page', { kind: 'html' }, { endpoint: WORK }],
  ['is slow', { kind: 'slow', ms: 4_000 }, { endpoint: /^\/(Sessions|Items)/ }],
])(
  'a server that %s is asked no more often',
  async (_, fault, scope) => {
    const jellyfin = await hour(fault, scope);
    expect(tooSoon(jellyfin)).toEqual([]);
    expect(jellyfin.requests.count('/health')).toBeGreaterThan(100);
  },
  120_000,
);
