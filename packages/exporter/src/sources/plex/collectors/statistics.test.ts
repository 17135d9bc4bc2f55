import { describe, expect, test } from 'vitest';
import { SourceBench } from '../../../../../../test/support/plex/source-bench.ts';

describe('statistics', () => {
  test('are absent without Plex Pass, and hardly asked for; with it they come', async () => {
    const bench = await SourceBench.start({ plex: { settings: { plexPass: false } } });
    const { plex } = bench;
    await bench.advance(1800);
    expect(bench.sum('host_cpu_util')).toBeUndefined();
    expect(bench.sum('transmit_bytes_total')).toBeUndefined();
    expect(bench.sum('plex_pass')).toBe(0);
    expect(bench.asked('/statistics/resources')).toBeLessThanOrEqual(7);
    expect(bench.failures).toEqual([]);
    plex.settings.plexPass = true;
    await bench.advance(120);
    expect(bench.sum('host_cpu_util')).toBeGreaterThan(0);
  });

  test('that are refused once are there again soon after, and no byte is lost', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    await bench.advance(2);
    const session = plex.play({ item: '1001' });
    await bench.advance(60);
    plex.faults.switchOn({ kind: 'status', status: 404 }, { endpoint: '/statistics/bandwidth', requests: 1 });
    plex.faults.switchOn({ kind: 'status', status: 404 }, { endpoint: '/statistics/resources', requests: 1 });
    await bench.advance(35);
    expect(bench.sum('host_cpu_util')).toBeUndefined();
    await bench.advance(95);
    expect(bench.sum('host_cpu_util')).toBeGreaterThan(0);
    session.stop();
    await bench.advance(60);
    expect(bench.sum('transmit_bytes_total')).toBe(plex.truth.transmittedBytes.lan);
  });

  test('count the bytes of a server whose clock is behind', async () => {
    const bench = await SourceBench.start();
    // Nothing is counted of an hour that is still to come.
    const ahead = bench.clock.date() / 1000 + 3600;
    await bench.source.stop();
    bench.state.put('bandwidth', { floor: ahead, rows: [] });
    await bench.renew();
    await bench.advance(120);
    const { plex } = bench;
    plex.transmit(1_000_000, { location: 'wan', user: 'olivia' });
    await bench.advance(60);
    expect(bench.sum('transmit_bytes_total')).toBe(1_000_000);
  });

  test('and activities fail with a token that is refused, since that tells nothing of Plex Pass', async () => {
    const bench = await SourceBench.start({ token: 'a-wrong-token' });
    const failed = bench.failures.filter(([name]) => name === 'statistics' || name === 'activities');
    expect(failed).toEqual([
      ['statistics', 'MX_UPSTREAM_UNAUTHORIZED'],
      ['activities', 'MX_UPSTREAM_UNAUTHORIZED'],
    ]);
  });

  test('count each byte once, however the rows come', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    plex.faults.switchOn({ kind: 'shuffled' }, { endpoint: '/statistics/bandwidth' });
    await bench.advance(2);
    const session = plex.play({ item: '1001' });
    plex.transmit(1_000_000, { location: 'wan', user: 'olivia' });
    await bench.advance(300);
    session.stop();
    await bench.advance(120);
    const { lan, wan } = plex.truth.transmittedBytes;
    expect(bench.sum('transmit_bytes_total')).toBe(lan + wan);
    expect(bench.sum('plex_transmitted_bytes_total', { location: 'wan', account: 'olivia' })).toBe(wan);
  });
});
