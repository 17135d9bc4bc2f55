import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PlexTest } from '../../../testing/plex.ts';

let server: PlexTest;

beforeEach(async () => {
  server = await PlexTest.start();
});
afterEach(() => server.end());

describe('statistics', () => {
  test('resources have a row each five seconds, oldest first, and forget them in a restart', async () => {
    server.plex.play({ item: '1002', transcode: {} });
    server.pass(600);
    const { StatisticsResources: rows } = await server.get('/statistics/resources?timespan=6');
    const times = rows.map(({ at }: { at: number }) => at);
    expect(times).toEqual(Array.from({ length: 60 }, (_, index) => times[0] + 5 * index));
    expect(times.at(-1)).toBe(server.clock.date() / 1000);
    expect(rows.at(-1).processCpuUtilization).toBeGreaterThan(rows.at(-1).processMemoryUtilization);
    server.plex.restart({ goneForMs: 0, startsForMs: 0 });
    server.pass(0);
    expect((await server.get('/statistics/resources?timespan=6')).size).toBe(1);
  });

  test('bandwidth has several rows a second, in no order of time, and the newest still grows', async () => {
    server.plex.play({ item: '1002' });
    server.plex.play({ item: '1003', user: 'Dora', player: 'Chrome', location: 'wan' });
    server.pass(2.5);
    const rows = (await server.get('/statistics/bandwidth?timespan=6')).StatisticsBandwidth;
    const start = server.clock.date() / 1000 - 2.5;
    expect(
      rows.map((row: Record<string, unknown>) => [row.accountID, Number(row.at) - start, row.lan, row.bytes]),
    ).toEqual([
      [310_400_126, 0, false, 235_750],
      [310_400_126, 1, false, 235_750],
      [310_400_126, 2, false, 117_875],
      [1, 0, true, 1_225_000],
      [1, 1, true, 1_225_000],
      [1, 2, true, 612_500],
    ]);
    server.pass(0.5);
    const later = (await server.get('/statistics/bandwidth?timespan=6')).StatisticsBandwidth;
    expect([later.length, later[2].bytes, later[5].bytes]).toEqual([6, 235_750, 1_225_000]);
  });

  test('bandwidth heeds filters with a literal operator, and ignores encoded ones', async () => {
    server.plex.play({ item: '1002' });
    server.plex.play({ item: '1003', user: 'Dora', location: 'wan' });
    server.pass(10);
    const size = async (filter: string): Promise<number> =>
      (await server.getRaw(`/statistics/bandwidth?timespan=6${filter}`)).size;
    const since = server.clock.date() / 1000 - 2;
    const filters = [
      '',
      `&at>=${since}`,
      `&at%3E=${since}`,
      `&at<=${since}`,
      '&accountID=1',
      '&lan=0',
      '&bytes>=300000',
    ];
    expect(await Promise.all(filters.map(size))).toEqual([20, 4, 20, 18, 10, 10, 10]);
  });

  test('bandwidth forgets seconds that left its window, but not hours', async () => {
    server.plex.play({ item: '1001', bitrateKbps: 8 });
    server.pass(4000);
    expect((await server.get('/statistics/bandwidth?timespan=6')).size).toBe(1201);
    const { StatisticsBandwidth: hours } = await server.get('/statistics/bandwidth?timespan=4');
    expect(hours.map(({ bytes }: { bytes: number }) => bytes)).toEqual([3_600_000, 400_000]);
  });
});
