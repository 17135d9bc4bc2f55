import { describe, expect, test } from 'vitest';
import { SourceBench } from '../../../../../test/support/plex/source-bench.ts';

const never = new AbortController().signal;

describe('the first round', () => {
  test('before it nothing is known but that nothing is', async () => {
    const bench = await SourceBench.open();
    const { source } = bench;
    expect(source.snapshot()).toEqual({ up: undefined, families: [], unified: [], collectors: [] });
  });

  test('a refresh waits for it, and later ones for nothing', async () => {
    const bench = await SourceBench.open();
    const { source, requests } = bench;
    await source.start();
    await source.refresh(never);
    expect(source.snapshot().up).toBe(true);
    expect(source.snapshot().collectors.map(({ name, success }) => [name, success])).toEqual([
      ['server', true],
      ['libraries', true],
      ['sessions', true],
      ['statistics', true],
      ['activities', true],
    ]);
    expect(bench.sum('plex_media_episodes')).toBe(8140);
    expect(bench.sum('plays_total')).toBeUndefined();
    expect(bench.sum('media_plays_total')).toBe(0);
    const asked = requests.length;
    await source.refresh(never);
    expect(requests).toHaveLength(asked);
  });

  test('a refresh gives up when its deadline passes, and the round goes on', async () => {
    const bench = await SourceBench.open();
    const { source, plex } = bench;
    plex.faults.switchOn({ kind: 'slow' });
    await source.start();
    const deadline = new AbortController();
    const refresh = source.refresh(deadline.signal);
    deadline.abort(new Error('too late'));
    await expect(refresh).rejects.toThrow('too late');
  });

  test('a start while the server is down waits for nobody, and goes on when it is up', async () => {
    const bench = await SourceBench.open();
    const { source, plex, lines } = bench;
    plex.restart({ goneForMs: 90_000, startsForMs: 60_000 });
    await bench.begin();
    expect(source.snapshot().up).toBe(false);
    await bench.advance(140);
    expect(source.snapshot().up).toBe(false);
    expect(bench.sum('plex_media_movies')).toBeUndefined();
    await bench.advance(120);
    expect(source.snapshot().up).toBe(true);
    expect(bench.sum('plex_media_movies')).toBe(1203);
    expect(lines.filter((line) => line.includes('is down'))).toHaveLength(2);
    expect(lines.join('')).toContain('MX_UPSTREAM_CONNECT');
    expect(lines.join('')).toContain('MX_UPSTREAM_STARTING');
  });
});

describe('a restart', () => {
  test('of the exporter goes on with what was counted', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    plex.play({ item: '1001' });
    await bench.advance(300);
    await bench.source.stop();
    await bench.advance(20);
    await bench.renew();
    await bench.advance(300);
    expect(bench.sum('plays_total')).toBe(1);
    const { seconds } = plex.truth.total();
    expect(Math.abs((bench.sum('play_seconds_total') ?? 0) - seconds)).toBeLessThanOrEqual(10);
    const { lan } = plex.truth.transmittedBytes;
    await bench.advance(60);
    expect(bench.sum('transmit_bytes_total')).toBeGreaterThanOrEqual(lan);
    expect(bench.sum('transmit_bytes_total')).toBeLessThanOrEqual(plex.truth.transmittedBytes.lan);
  });

  test('of the exporter while the server is down tells of it under the name that it had, and of nothing more', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    const up = bench.text.match(/^plex_up\{.*\} 1$/m)?.[0] ?? '';
    expect(up).toContain(`server_id="${plex.settings.machineIdentifier}"`);
    await bench.source.stop();
    plex.faults.switchOn({ kind: 'status', status: 503 });
    await bench.renew();
    expect(bench.text).toContain(up.replace(/1$/, '0'));
    expect(bench.text).not.toContain('server_id=""');
    expect(bench.sum('server_info')).toBeUndefined();
  });

  test('of the server counts no play again, though its keys begin anew', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    plex.play({ item: '1001' });
    plex.play({ item: '1002', player: plex.players[1]?.title ?? '', user: plex.accounts[1]?.name ?? '' });
    await bench.advance(120);
    plex.restart({ version: '1.43.0.1-abc' });
    await bench.advance(120);
    expect(bench.sum('plays_total')).toBe(2);
    expect(bench.sum('server_info')).toBe(1);
    expect(bench.text).toContain('version="1.43.0.1-abc"');
    expect(bench.sum('plex_websocket_reconnects_total')).toBe(1);
    for (const session of [...plex.sessions]) session.stop();
    await bench.advance(10);
    for (const [title, { plays, seconds }] of plex.truth.by('title')) {
      expect(plays).toBe(1);
      expect(Math.abs((bench.sum('play_seconds_total', { title }) ?? 0) - seconds), title).toBeLessThanOrEqual(10);
    }
  });

  test('leaves no timer behind when it stops', async () => {
    const bench = await SourceBench.start();
    const { source, clock, plex } = bench;
    await plex.close();
    await source.stop();
    await bench.advance(1);
    expect(clock.pending).toBe(0);
  });
});

describe('after an outage', () => {
  /** What the server says of this moment when it is asked who it is. */
  const LIVE = ['plex_transcoder_active_video_sessions', 'plex_remote_access_reachable', 'plex_library_refreshing'];

  test('what was known of the moment is absent, and is there again soon after', async () => {
    const bench = await SourceBench.start();
    const { plex } = bench;
    for (const metric of LIVE) expect(bench.sum(metric), metric).toBeDefined();
    expect(bench.sum('host_cpu_util')).toBeGreaterThan(0);
    const fault = plex.faults.switchOn({ kind: 'status', status: 503 });
    await bench.advance(1800);
    expect(bench.sum('host_cpu_util')).toBeUndefined();
    expect(bench.sum('plex_activities')).toBeUndefined();
    expect(bench.sum('plex_background_jobs')).toBeUndefined();
    expect(bench.sum('plex_media_movies')).toBe(1203);
    for (const metric of LIVE) expect(bench.sum(metric), metric).toBeUndefined();
    expect(bench.sum('server_info')).toBe(1);
    fault.end();
    await bench.advance(75);
    for (const metric of LIVE) expect(bench.sum(metric), metric).toBeDefined();
    expect(bench.sum('host_cpu_util')).toBeGreaterThan(0);
    expect(bench.sum('plex_activities')).toBe(0);
    expect(bench.failures).toEqual([]);
  });
});
