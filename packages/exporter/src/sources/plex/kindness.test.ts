import { describe, expect, test } from 'vitest';
import { SourceBench } from '../../../../../test/support/plex/source-bench.ts';

describe('kindness', () => {
  test('an idle hour costs at most 0.2 requests per second, on connections that are kept', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    const before = plex.requests.count();
    await bench.advance(3600);
    expect((plex.requests.count() - before) / 3600).toBeLessThanOrEqual(0.2);
    // One for each collector, and the socket.
    expect(plex.requests.connections).toBeLessThanOrEqual(5 + 1);
    expect(bench.asked('/status/sessions')).toBeLessThanOrEqual(62);
    expect(bench.sum('plex_websocket_connected')).toBe(1);
    expect(bench.sum('plex_websocket_reconnects_total')).toBe(0);
  });

  test('an idle hour without a socket stays below it too', async () => {
    const bench = await SourceBench.open();
    const { plex } = bench;
    plex.socketFaults.switchOn({ kind: 'refuse', status: 404 });
    await bench.begin();
    const before = bench.requests.length;
    await bench.advance(3600);
    expect((bench.requests.length - before) / 3600).toBeLessThanOrEqual(0.2);
    expect(bench.asked('/status/sessions')).toBeGreaterThan(115);
  });

  test('players that report all the time do not make the sessions be asked for more often than every 5 s', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    for (const { title } of plex.players) plex.play({ item: '1001', player: title });
    await bench.advance(5);
    const before = bench.asked('/status/sessions');
    for (let minute = 0; minute < 10; minute += 1) {
      for (const session of plex.sessions) session.seek(60_000 * minute, 'paused');
      await bench.advance(60);
    }
    expect(bench.asked('/status/sessions') - before).toBeLessThanOrEqual(600 / 5);
  });

  test.each([0, 0.5, 0.9, 1])(
    'a server that is gone is looked at soon again, whatever else fails; chances of %d',
    async (chance) => {
      const bench = await SourceBench.start({ random: () => chance });
      const { plex } = bench;
      plex.faults.switchOn({ kind: 'status', status: 503 });
      await bench.advance(120);
      let longest = 0;
      for (let seconds = 0, waited = 0; seconds < 900; seconds += 1) {
        const before = plex.requests.count('/status/sessions');
        await bench.advance(1);
        waited = plex.requests.count('/status/sessions') > before ? 0 : waited + 1;
        longest = Math.max(longest, waited);
      }
      // Half a minute, and a pause that another request has brought on.
      expect(longest).toBeLessThanOrEqual(30 + 10);
    },
  );

  test('a server that is back is asked at once for all that failed meanwhile', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    const outage = plex.faults.switchOn({ kind: 'status', status: 503 });
    await bench.advance(900);
    expect(bench.source.snapshot().up).toBe(false);
    outage.end();
    plex.requests.clear();
    for (let seconds = 0; seconds < 60 && bench.source.snapshot().up !== true; seconds += 1) await bench.advance(1);
    await bench.advance(1);
    for (const endpoint of ['/media/providers', '/statistics/resources', '/statistics/bandwidth', '/activities']) {
      expect(plex.requests.count(endpoint), endpoint).toBe(1);
    }
  });
});
