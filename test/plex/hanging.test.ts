import type { HttpFault } from '@media-exporter/simulators/plex';
import { expect, test } from 'vitest';
import { ExporterBench } from '../support/plex/exporter-bench.ts';

/** Seconds between two looks at the sessions of a server where somebody plays, and what they may come late. */
const POLL = 10 * 1.05 + 1;
/** The same of a server where nobody does. */
const IDLE = 60 * 1.05 + 1;

/** All but who plays what. */
const OTHERS = /^\/(?!status\/sessions$)/;

/** Seconds between two requests for the same, and what is asked for. */
function gaps({ plex }: ExporterBench, endpoint: string): number[] {
  const times = plex.requests.records.filter((record) => record.endpoint === endpoint).map(({ at }) => at / 1000);
  return times.slice(1).map((at, index) => at - (times[index] ?? 0));
}

test('a server that answers nothing but who plays is up all the time, and its sessions are fresh', async () => {
  const bench = await ExporterBench.start();
  const { plex } = bench;
  plex.play({ item: '1001' });
  await bench.advance(30);
  plex.faults.switchOn({ kind: 'slow' }, { endpoint: OTHERS });
  // The items of all libraries are asked for, too.
  plex.notifications.notify('timeline', 'TimelineEntry', { sectionID: '1', itemID: '1', type: 1, state: 5 });
  plex.requests.clear();
  for (let look = 0; look < 60; look += 1) {
    await bench.advance(10);
    const page = await bench.exposition();
    expect(page.value('plex_up')).toBe(1);
    expect(page.value('media_exporter_source_up')).toBe(1);
    expect(page.sum('plex_sessions', { state: 'playing' })).toBe(1);
  }
  expect(Math.max(...gaps(bench, '/status/sessions'))).toBeLessThanOrEqual(POLL);
  const { seconds } = plex.truth.total();
  expect(Math.abs((await bench.exposition()).sum('play_seconds_total') - seconds)).toBeLessThanOrEqual(POLL);
});

test.each<[string, HttpFault]>([
  ['answers nothing but', { kind: 'slow' }],
  ['fails at all but', { kind: 'status', status: 500 }],
])('an idle server that %s who plays is up all the time, as it is not left alone for it', async (_, fault) => {
  const bench = await ExporterBench.start();
  bench.plex.faults.switchOn(fault, { endpoint: OTHERS });
  for (let look = 0; look < 180; look += 1) {
    await bench.advance(10);
    const page = await bench.exposition();
    expect(page.value('plex_up'), `after ${look * 10} s`).toBe(1);
    expect(page.series('plex_sessions'), `after ${look * 10} s`).not.toEqual([]);
  }
  expect(Math.max(...gaps(bench, '/status/sessions'))).toBeLessThanOrEqual(IDLE);
  expect(bench.exporter.log).not.toContain('is down');
});

test('a server that hangs from the start is told to be down by the first scrape, within five seconds', async () => {
  const bench = await ExporterBench.start({ before: ({ faults }) => void faults.switchOn({ kind: 'slow' }) });
  const first = bench.exposition();
  await bench.advance(5);
  // Nobody turns the clock while it waits.
  const page = await first;
  expect(page.value('plex_up')).toBe(0);
  expect(page.value('media_exporter_source_up')).toBe(0);
  expect(bench.exporter.log).toContain('MX_UPSTREAM_TIMEOUT');
});

test.each([['/library/sections/{id}/all'], ['/statistics/resources'], ['/activities']])(
  'a server whose %s hangs from the start is told to be up by the first scrape, within five seconds',
  async (endpoint) => {
    const bench = await ExporterBench.start({
      before: ({ faults }) => void faults.switchOn({ kind: 'slow' }, { endpoint }),
    });
    const first = bench.exposition();
    await bench.advance(5);
    const page = await first;
    expect(page.value('plex_up')).toBe(1);
    expect(page.sum('plex_sessions')).toBe(0);
  },
);

test('a server that is slow to tell who it is, and answers, is waited for and not told to be down', async () => {
  const bench = await ExporterBench.start({
    before: ({ faults }) => void faults.switchOn({ kind: 'slow', ms: 8_000 }, { endpoint: '/media/providers' }),
  });
  const first = bench.exposition();
  await bench.advance(8);
  expect((await first).value('plex_up')).toBe(1);
  expect(bench.exporter.log).not.toContain('is down');
});
