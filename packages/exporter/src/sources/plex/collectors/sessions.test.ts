import { describe, expect, test } from 'vitest';
import { SourceBench } from '../../../../../../test/support/plex/source-bench.ts';

describe('sessions', () => {
  test('a play is seen early by its first event, and counted from it', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    await bench.advance(20);
    plex.play({ item: '1001' });
    await bench.advance(6);
    expect(bench.sum('plex_sessions', { state: 'playing' })).toBe(1);
    await bench.advance(54);
    const { seconds } = plex.truth.total();
    expect(Math.abs((bench.sum('play_seconds_total') ?? 0) - seconds)).toBeLessThanOrEqual(10);
    expect(bench.sum('plays_total')).toBe(1);
  });

  test('have the resolutions of their files from the first, however many begin at once', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    await bench.advance(20);
    const items = ['1001', '1002', '1003', '2001', '2002', '2003'];
    for (const item of items) plex.play({ item });
    await bench.advance(30);
    expect(bench.sum('plays_total')).toBe(items.length);
    expect(bench.sum('plays_total', { stream_file_resolution: '' })).toBeUndefined();
    expect(bench.asked('/library/metadata/{id}')).toBe(1);
  });

  test('without a socket plays are counted by polls alone', async () => {
    const bench = await SourceBench.open();
    const { plex } = bench;
    plex.socketFaults.switchOn({ kind: 'refuse', status: 404 });
    await bench.begin();
    const session = plex.play({ item: '1001' });
    const live = plex.play({ item: '203216', player: plex.players[1]?.title ?? '', transcode: { video: 'copy' } });
    await bench.advance(600);
    session.stop();
    live.stop();
    await bench.advance(60);
    expect(bench.sum('plays_total')).toBe(2);
    for (const title of ['The Long Evening', 'The Evening News']) {
      const { seconds } = plex.truth.total({ title });
      const labels = title === 'The Evening News' ? { library: 'Live TV' } : { title };
      // It is seen at most one idle interval late.
      expect.soft(bench.sum('play_seconds_total', labels), title).toBeGreaterThan(seconds - 40);
      expect.soft(bench.sum('play_seconds_total', labels), title).toBeLessThanOrEqual(seconds + 10);
    }
    expect(bench.sum('plex_websocket_connected')).toBe(0);
  });

  test('the clock of a player that died stops with its last report, long before the server forgets it', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    const session = plex.play({ item: '1001' });
    await bench.advance(120);
    session.kill();
    const { seconds } = plex.truth.total();
    await bench.advance(400);
    expect(bench.sum('play_seconds_total')).toBeLessThanOrEqual(seconds + 15);
    expect(bench.sum('play_seconds_total')).toBeGreaterThanOrEqual(seconds - 10);
    expect(bench.sum('plex_sessions')).toBe(0);
  });

  test('pre-rolls, theme music and DLNA clients that only look are no plays', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    const preroll = plex.play({ item: '203214' });
    await bench.advance(6);
    preroll.stop();
    plex.browse({ item: '1003' });
    await bench.advance(20);
    const theme = plex.play({ item: '203217' });
    await bench.advance(20);
    expect(bench.sum('plex_sessions')).toBe(0);
    theme.stop();
    await bench.advance(20);
    expect(bench.sum('plays_total') ?? 0).toBe(0);
    expect(bench.sum('media_plays_total')).toBe(0);
  });

  test('a stop that no event tells of is found by the next answer', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    const session = plex.play({ item: '1001' });
    await bench.advance(60);
    session.stop({ lost: true });
    const { seconds } = plex.truth.total();
    await bench.advance(120);
    expect(bench.sum('plex_sessions')).toBe(0);
    expect(Math.abs((bench.sum('play_seconds_total') ?? 0) - seconds)).toBeLessThanOrEqual(10);
  });

  test('are absent when answers fail, and their counters stay', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    plex.play({ item: '1001' });
    await bench.advance(60);
    const counted = bench.sum('play_seconds_total') ?? 0;
    const fault = plex.faults.switchOn({ kind: 'html' }, { endpoint: '/status/sessions' });
    await bench.advance(60);
    expect(bench.source.snapshot().up).toBe(false);
    expect(bench.failures).toEqual([['sessions', 'MX_UPSTREAM_ANSWER']]);
    expect(bench.sum('plex_sessions')).toBeUndefined();
    expect(bench.sum('media_sessions')).toBeUndefined();
    expect(bench.sum('play_seconds_total')).toBeGreaterThanOrEqual(counted);
    expect(bench.sum('plex_media_movies')).toBe(1203);
    fault.end();
    await bench.advance(60);
    expect(bench.reconnects).toBe(1);
    expect(bench.sum('plex_sessions')).toBe(1);
    expect(bench.sum('plays_total')).toBe(1);
  });

  test('are absent when their list cannot be read', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    plex.play({ item: '1001' });
    await bench.advance(12);
    plex.faults.switchOn({ kind: 'wrong-types', twist: 'containers' }, { endpoint: '/status/sessions' });
    await bench.advance(60);
    expect(bench.sum('plex_sessions')).toBeUndefined();
    expect(bench.failures).toEqual([['sessions', 'MX_UPSTREAM_ANSWER']]);
  });

  test('buffering and errors are counted as they begin', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    const session = plex.play({ item: '1001' });
    await bench.advance(30);
    const before = bench.sum('plex_buffering_events_total') ?? 0;
    session.buffer();
    await bench.advance(25);
    session.resume();
    await bench.advance(25);
    expect(bench.sum('plex_buffering_events_total')).toBe(before + 1);
    session.fail();
    await bench.advance(5);
    expect(bench.sum('plex_error_events_total')).toBe(1);
  });

  test('a transcode that ends takes its kind and its speed with it', async () => {
    const bench = await SourceBench.start({ settings: { session_series: true } });
    const { plex } = bench;
    const session = plex.play({ item: '1001', transcode: { bitrateKbps: 4000 } });
    await bench.advance(30);
    expect(bench.sum('plex_transcode_sessions')).toBe(1);
    session.endTranscode();
    await bench.advance(30);
    expect(bench.sum('plex_transcode_sessions')).toBe(0);
    await bench.advance(30);
    expect(bench.sum('play_seconds_total', { transcode_type: 'none' })).toBeGreaterThan(20);
  });
});
