import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createProxy } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIBRARIES } from '@media-exporter/simulators/plex';
import { afterEach, describe, expect, test } from 'vitest';
import { type BenchOptions, PlexBench } from '../../../../../test/support/plex/bench.ts';
import type { PrivacyPolicy } from '../../config/schema.ts';
import { Secret } from '../../config/secrets.ts';

let bench: PlexBench;
afterEach(() => bench.close());

const open = async (options?: BenchOptions): Promise<PlexBench> => {
  bench = await PlexBench.open(options);
  return bench;
};
const start = async (options?: BenchOptions): Promise<PlexBench> => {
  bench = await PlexBench.start(options);
  return bench;
};
const never = (): AbortSignal => new AbortController().signal;

/** The collectors that failed, with the codes of their problems. */
const failures = (): (readonly [string, string | undefined])[] =>
  bench.source.snapshot().collectors.flatMap(({ name, success, problem }) => (success ? [] : [[name, problem?.code]]));

describe('the first round', () => {
  test('before it nothing is known but that nothing is', async () => {
    const { source } = await open();
    expect(source.snapshot()).toEqual({ up: undefined, families: [], unified: [], collectors: [] });
  });

  test('a refresh waits for it, and later ones for nothing', async () => {
    const { source, requests } = await open();
    await source.start();
    await source.refresh(never());
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
    await source.refresh(never());
    expect(requests).toHaveLength(asked);
  });

  test('a refresh gives up when its deadline passes, and the round goes on', async () => {
    const { source, plex } = await open();
    plex.faults.switchOn({ kind: 'slow' });
    await source.start();
    const deadline = new AbortController();
    const refresh = source.refresh(deadline.signal);
    deadline.abort(new Error('too late'));
    await expect(refresh).rejects.toThrow('too late');
  });

  test('a start while the server is down waits for nobody, and goes on when it is up', async () => {
    const { source, plex, lines } = await open();
    plex.restart({ goneForMs: 90_000, startsForMs: 60_000 });
    await bench.begin();
    expect(source.snapshot().up).toBe(false);
    await bench.pass(140);
    expect(source.snapshot().up).toBe(false);
    expect(bench.sum('plex_media_movies')).toBeUndefined();
    await bench.pass(120);
    expect(source.snapshot().up).toBe(true);
    expect(bench.sum('plex_media_movies')).toBe(1203);
    expect(lines.filter((line) => line.includes('is down'))).toHaveLength(2);
    expect(lines.join('')).toContain('MX_UPSTREAM_CONNECT');
    expect(lines.join('')).toContain('MX_UPSTREAM_STARTING');
  });
});

describe('kindness', () => {
  test('an idle hour costs at most 0.2 requests per second, on connections that are kept', async () => {
    const { plex } = await start();
    const before = plex.requests.count();
    await bench.pass(3600);
    expect((plex.requests.count() - before) / 3600).toBeLessThanOrEqual(0.2);
    expect(plex.requests.connections).toBeLessThanOrEqual(4);
    expect(bench.asked('/status/sessions')).toBeLessThanOrEqual(62);
    expect(bench.sum('plex_websocket_connected')).toBe(1);
    expect(bench.sum('plex_websocket_reconnects_total')).toBe(0);
  });

  test('an idle hour without a socket stays below it too', async () => {
    const { plex } = await open();
    plex.socketFaults.switchOn({ kind: 'refuse', status: 404 });
    await bench.begin();
    const before = bench.requests.length;
    await bench.pass(3600);
    expect((bench.requests.length - before) / 3600).toBeLessThanOrEqual(0.2);
    expect(bench.asked('/status/sessions')).toBeGreaterThan(115);
  });

  test('players that report all the time do not make the sessions be asked for more often than every 5 s', async () => {
    const { plex } = await start();
    for (const { title } of plex.players) plex.play({ item: '1001', player: title });
    await bench.pass(5);
    const before = bench.asked('/status/sessions');
    for (let minute = 0; minute < 10; minute += 1) {
      for (const session of plex.sessions) session.seek(60_000 * minute, 'paused');
      await bench.pass(60);
    }
    expect(bench.asked('/status/sessions') - before).toBeLessThanOrEqual(600 / 5);
  });

  test('a server of very many libraries is counted less often', async () => {
    const libraries = Array.from({ length: 120 }, (_, index) => ({ ...movies(), id: String(index + 1) }));
    const { plex } = await start({ plex: { libraries } });
    const before = plex.requests.count();
    await bench.pass(3600);
    expect((plex.requests.count() - before) / 3600).toBeLessThanOrEqual(0.2);
  });
});

describe('a server of more libraries than anybody has', () => {
  const many = async (): Promise<PlexBench> => {
    const libraries = Array.from({ length: 300 }, (_, index) => ({ ...movies(), id: String(index + 1) }));
    return start({ plex: { libraries } });
  };

  test('is not asked for all of them at once', async () => {
    await many();
    expect(bench.asked('/library/sections/{id}/all')).toBeLessThanOrEqual(40);
    await bench.pass(60);
    expect(bench.asked('/library/sections/{id}/all')).toBeLessThanOrEqual(100);
  });

  test('is counted in part, tells no sum over a part, and is warned of once', async () => {
    await many();
    await bench.pass(3 * 3600);
    const counted = bench.families.find(({ metric }) => metric.name === 'plex_library_items');
    expect([...(counted?.samples ?? [])]).toHaveLength(256);
    expect(bench.sum('plex_media_movies')).toBeUndefined();
    expect(failures()).toEqual([]);
    expect(bench.lines.filter((line) => line.includes('level=warn'))).toEqual([
      expect.stringContaining('only 256 of 300 libraries are counted'),
    ]);
  });

  test('is not asked on when it is left alone', async () => {
    const { plex } = await many();
    await plex.close();
    await bench.source.stop();
    const asked = bench.requests.length;
    await bench.pass(60);
    expect(bench.requests).toHaveLength(asked);
    expect(bench.clock.pending).toBe(0);
  });
});

/** A library of movies as the simulator has it. */
function movies() {
  const library = LIBRARIES[0];
  if (library === undefined) throw new Error('the simulator has no library');
  return library;
}

describe('sessions', () => {
  test('a play is seen early by its first event, and counted from it', async () => {
    const { plex } = await start();
    await bench.pass(20);
    plex.play({ item: '1001' });
    await bench.pass(6);
    expect(bench.sum('plex_sessions', { state: 'playing' })).toBe(1);
    await bench.pass(54);
    const { seconds } = plex.truth.total();
    expect(Math.abs((bench.sum('play_seconds_total') ?? 0) - seconds)).toBeLessThanOrEqual(10);
    expect(bench.sum('plays_total')).toBe(1);
  });

  test('have the resolutions of their files from the first, however many begin at once', async () => {
    const { plex } = await start();
    await bench.pass(20);
    const items = ['1001', '1002', '1003', '2001', '2002', '2003'];
    for (const item of items) plex.play({ item });
    await bench.pass(30);
    expect(bench.sum('plays_total')).toBe(items.length);
    expect(bench.sum('plays_total', { stream_file_resolution: '' })).toBeUndefined();
    expect(bench.asked('/library/metadata/{id}')).toBe(1);
  });

  test('without a socket plays are counted by polls alone', async () => {
    const { plex } = await open();
    plex.socketFaults.switchOn({ kind: 'refuse', status: 404 });
    await bench.begin();
    const session = plex.play({ item: '1001' });
    const live = plex.play({ item: '203216', player: plex.players[1]?.title ?? '', transcode: { video: 'copy' } });
    await bench.pass(600);
    session.stop();
    live.stop();
    await bench.pass(60);
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
    const { plex } = await start();
    const session = plex.play({ item: '1001' });
    await bench.pass(120);
    session.kill();
    const { seconds } = plex.truth.total();
    await bench.pass(400);
    expect(bench.sum('play_seconds_total')).toBeLessThanOrEqual(seconds + 15);
    expect(bench.sum('play_seconds_total')).toBeGreaterThanOrEqual(seconds - 10);
    expect(bench.sum('plex_sessions')).toBe(0);
  });

  test('pre-rolls, theme music and DLNA clients that only look are no plays', async () => {
    const { plex } = await start();
    const preroll = plex.play({ item: '203214' });
    await bench.pass(6);
    preroll.stop();
    plex.browse({ item: '1003' });
    await bench.pass(20);
    const theme = plex.play({ item: '203217' });
    await bench.pass(20);
    expect(bench.sum('plex_sessions')).toBe(0);
    theme.stop();
    await bench.pass(20);
    expect(bench.sum('plays_total') ?? 0).toBe(0);
    expect(bench.sum('media_plays_total')).toBe(0);
  });

  test('a stop that no event tells of is found by the next answer', async () => {
    const { plex } = await start();
    const session = plex.play({ item: '1001' });
    await bench.pass(60);
    session.stop({ lost: true });
    const { seconds } = plex.truth.total();
    await bench.pass(120);
    expect(bench.sum('plex_sessions')).toBe(0);
    expect(Math.abs((bench.sum('play_seconds_total') ?? 0) - seconds)).toBeLessThanOrEqual(10);
  });

  test('are absent when answers fail, and their counters stay', async () => {
    const { plex } = await start();
    plex.play({ item: '1001' });
    await bench.pass(60);
    const counted = bench.sum('play_seconds_total') ?? 0;
    const fault = plex.faults.switchOn({ kind: 'html' }, { endpoint: '/status/sessions' });
    await bench.pass(60);
    expect(bench.source.snapshot().up).toBe(false);
    expect(failures()).toEqual([['sessions', 'MX_UPSTREAM_ANSWER']]);
    expect(bench.sum('plex_sessions')).toBeUndefined();
    expect(bench.sum('media_sessions')).toBeUndefined();
    expect(bench.sum('play_seconds_total')).toBeGreaterThanOrEqual(counted);
    expect(bench.sum('plex_media_movies')).toBe(1203);
    fault.end();
    await bench.pass(60);
    expect(bench.reconnects).toBe(1);
    expect(bench.sum('plex_sessions')).toBe(1);
    expect(bench.sum('plays_total')).toBe(1);
  });

  test('are absent when their list cannot be read', async () => {
    const { plex } = await start();
    plex.play({ item: '1001' });
    await bench.pass(12);
    plex.faults.switchOn({ kind: 'wrong-types', twist: 'containers' }, { endpoint: '/status/sessions' });
    await bench.pass(60);
    expect(bench.sum('plex_sessions')).toBeUndefined();
    expect(failures()).toEqual([['sessions', 'MX_UPSTREAM_ANSWER']]);
  });

  test('are not read of an answer that no list of sessions is as large as', async () => {
    const { plex } = await open();
    plex.faults.switchOn({ kind: 'oversized', mebibytes: 9 }, { endpoint: '/status/sessions' });
    await bench.begin();
    expect(failures()).toEqual([['sessions', 'MX_UPSTREAM_TOO_LARGE']]);
  });

  test('buffering and errors are counted as they begin', async () => {
    const { plex } = await start();
    const session = plex.play({ item: '1001' });
    await bench.pass(30);
    const before = bench.sum('plex_buffering_events_total') ?? 0;
    session.buffer();
    await bench.pass(25);
    session.resume();
    await bench.pass(25);
    expect(bench.sum('plex_buffering_events_total')).toBe(before + 1);
    session.fail();
    await bench.pass(5);
    expect(bench.sum('plex_error_events_total')).toBe(1);
  });

  test('a transcode that ends takes its kind and its speed with it', async () => {
    const { plex } = await start({ settings: { session_series: true } });
    const session = plex.play({ item: '1001', transcode: { bitrateKbps: 4000 } });
    await bench.pass(30);
    expect(bench.sum('plex_transcode_sessions')).toBe(1);
    session.endTranscode();
    await bench.pass(30);
    expect(bench.sum('plex_transcode_sessions')).toBe(0);
    await bench.pass(30);
    expect(bench.sum('play_seconds_total', { transcode_type: 'none' })).toBeGreaterThan(20);
  });
});

describe('a restart', () => {
  test('of the exporter goes on with what was counted', async () => {
    const { plex } = await start();
    plex.play({ item: '1001' });
    await bench.pass(300);
    await bench.source.stop();
    await bench.pass(20);
    bench.renew();
    await bench.begin();
    await bench.pass(300);
    expect(bench.sum('plays_total')).toBe(1);
    const { seconds } = plex.truth.total();
    expect(Math.abs((bench.sum('play_seconds_total') ?? 0) - seconds)).toBeLessThanOrEqual(10);
    const { lan } = plex.truth.transmittedBytes;
    await bench.pass(60);
    expect(bench.sum('transmit_bytes_total')).toBeGreaterThanOrEqual(lan);
    expect(bench.sum('transmit_bytes_total')).toBeLessThanOrEqual(plex.truth.transmittedBytes.lan);
  });

  test('of the exporter while the server is down tells of it under the name that it had, and of nothing more', async () => {
    const { plex } = await start();
    const up = bench.text.match(/^plex_up\{.*\} 1$/m)?.[0] ?? '';
    expect(up).toContain(`server_id="${plex.settings.machineIdentifier}"`);
    await bench.source.stop();
    plex.faults.switchOn({ kind: 'status', status: 503 });
    bench.renew();
    await bench.begin();
    expect(bench.text).toContain(up.replace(/1$/, '0'));
    expect(bench.text).not.toContain('server_id=""');
    expect(bench.sum('server_info')).toBeUndefined();
  });

  test('of the server counts no play again, though its keys begin anew', async () => {
    const { plex } = await start();
    plex.play({ item: '1001' });
    plex.play({ item: '1002', player: plex.players[1]?.title ?? '', user: plex.accounts[1]?.name ?? '' });
    await bench.pass(120);
    plex.restart({ version: '1.43.0.1-abc' });
    await bench.pass(120);
    expect(bench.sum('plays_total')).toBe(2);
    expect(bench.sum('server_info')).toBe(1);
    expect(bench.text).toContain('version="1.43.0.1-abc"');
    expect(bench.sum('plex_websocket_reconnects_total')).toBe(1);
    for (const session of [...plex.sessions]) session.stop();
    await bench.pass(10);
    for (const [title, { plays, seconds }] of plex.truth.by('title')) {
      expect(plays).toBe(1);
      expect(Math.abs((bench.sum('play_seconds_total', { title }) ?? 0) - seconds), title).toBeLessThanOrEqual(10);
    }
  });

  test('leaves no timer behind when it stops', async () => {
    const { source, clock, plex } = await start();
    await plex.close();
    await source.stop();
    await bench.pass(1);
    expect(clock.pending).toBe(0);
  });
});

describe('access', () => {
  test('a token that is refused is read again once, by requests and by the socket', async () => {
    let asked = 0;
    const renewSecret = async (): Promise<Secret> => {
      asked += 1;
      return new Secret('simulated-plex-token');
    };
    await start({ token: 'an-old-token', renewSecret });
    expect(bench.source.snapshot().up).toBe(true);
    await bench.pass(5);
    expect(bench.sum('plex_websocket_connected')).toBe(1);
    expect(asked).toBeLessThanOrEqual(2);
  });

  test('a token that stays refused is told of once, and tried rarely', async () => {
    const { plex, lines } = await start({ token: 'a-wrong-token' });
    await bench.pass(3600);
    expect(bench.source.snapshot().up).toBe(false);
    expect(lines.filter((line) => line.includes('is down'))).toHaveLength(1);
    expect(lines.join('')).toContain('MX_UPSTREAM_UNAUTHORIZED');
    expect(plex.requests.count() / 3600).toBeLessThan(0.2);
  });

  test('what an account may not see is absent, and the rest is there', async () => {
    const { plex } = await open();
    for (const endpoint of ['/status/sessions', /statistics/, '/activities', '/accounts']) {
      plex.faults.switchOn({ kind: 'status', status: 403 }, { endpoint });
    }
    await bench.begin();
    expect(bench.source.snapshot().up).toBe(true);
    expect(failures()).toEqual([['sessions', 'MX_UPSTREAM_FORBIDDEN']]);
    for (const metric of ['plex_sessions', 'media_plays_total', 'media_play_seconds_total']) {
      expect(bench.sum(metric), metric).toBeUndefined();
    }
    for (const metric of ['estimated_transmit_bytes_total', 'plex_buffering_events_total', 'plex_error_events_total']) {
      expect(bench.sum(metric), metric).toBeUndefined();
    }
    expect(bench.sum('plex_media_movies')).toBe(1203);
    expect(bench.sum('host_cpu_util')).toBeUndefined();
  });

  test('the token is in no URL and in no line of the log', async () => {
    const { plex, lines } = await start();
    plex.restart();
    await bench.pass(60);
    expect(plex.requests.records.every(({ token }) => token === 'header')).toBe(true);
    expect(lines.join('')).not.toContain(plex.token);
  });

  test('a server behind a path is reached there, its socket too', async () => {
    await start({ plex: { basePath: '/plex' } });
    await bench.pass(2);
    expect(bench.source.snapshot().up).toBe(true);
    expect(bench.sum('plex_websocket_connected')).toBe(1);
  });

  test('a server behind a Unix socket is reached there, its notifications too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'media-exporter-'));
    await open();
    const proxy = createProxy((near) => {
      const far = connect(Number(new URL(bench.plex.url).port), '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const end of [near, far]) end.on('error', () => {});
    });
    await new Promise<void>((resolve) => proxy.listen(join(folder, 'plex.sock'), resolve));
    try {
      bench.renew({ url: `unix:${join(folder, 'plex.sock')}` });
      await bench.begin();
      await bench.source.refresh(never());
      await bench.pass(2);
      expect(bench.source.snapshot().up).toBe(true);
      expect(bench.sum('plex_websocket_connected')).toBe(1);
    } finally {
      proxy.close();
      rmSync(folder, { recursive: true });
    }
  });

  test('a server that answers XML is refused with the reason', async () => {
    const old = createServer((_, response) => response.end('<?xml version="1.0"?><MediaContainer size="0"/>'));
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    try {
      const { lines } = await start({ settings: { url: `http://127.0.0.1:${(old.address() as AddressInfo).port}` } });
      expect(bench.source.snapshot().up).toBe(false);
      expect(lines.join('')).toContain('answered XML instead of JSON: the server is too old');
    } finally {
      old.close();
    }
  });

  test('a web server that is no Plex is down, also in the place of one that was', async () => {
    const { plex } = await open();
    const fault = plex.faults.switchOn({ kind: 'status', status: 404 });
    await bench.begin();
    await bench.pass(60);
    expect(bench.source.snapshot().up).toBe(false);
    expect(bench.sum('plex_up')).toBe(0);
    expect(bench.lines.join('')).toContain('MX_UPSTREAM_NOT_FOUND');
    fault.end();
    await bench.pass(300);
    expect(bench.source.snapshot().up).toBe(true);
    plex.faults.switchOn({ kind: 'status', status: 403 });
    await bench.pass(180);
    expect(bench.source.snapshot().up).toBe(false);
  });

  test('nothing that the policy hides is kept or shown', async () => {
    const { plex } = await start({ privacy: { users: 'drop', titles: 'pseudonym' } });
    plex.play({ item: '1001' });
    await bench.pass(60);
    const kept = JSON.stringify([...(await bench.store.scope('plex/home').load())]);
    for (const text of [bench.text, kept]) {
      expect(text).not.toContain('The Long Evening');
      expect(text).not.toContain('olivia');
      expect(text).not.toContain('SHIELD');
    }
    expect(bench.sum('plays_total')).toBe(1);
  });
});

describe('after a restart with another privacy policy', () => {
  const restart = async (): Promise<void> => {
    await bench.source.stop();
    bench.renew();
    await bench.begin();
  };
  const kept = async (): Promise<string> => JSON.stringify([...(await bench.store.scope('plex/home').load())]);

  test('nothing that was in clear is shown or kept, and every sum is what it was', async () => {
    const privacy: { users: PrivacyPolicy; titles: PrivacyPolicy } = { users: 'clear', titles: 'clear' };
    const { plex } = await start({ privacy });
    await bench.pass(2);
    const other = plex.play({ item: '1002', user: 'olivia' });
    await bench.pass(60);
    other.stop();
    const film = plex.play({ item: '1001', user: 'olivia' });
    plex.transmit(1_000_000, { location: 'wan', user: 'olivia' });
    await bench.pass(90);
    const sums = ['plays_total', 'play_seconds_total', 'transmit_bytes_total'];
    const before = sums.map((name) => bench.sum(name) ?? 0);
    expect(await kept()).toMatch(/olivia.*The Long Evening|The Long Evening.*olivia/);
    privacy.users = 'pseudonym';
    privacy.titles = 'drop';
    await restart();
    await bench.pass(60);
    for (const text of [bench.text, await kept()]) expect(text).not.toMatch(/olivia|The Long Evening/);
    for (const [index, name] of sums.entries()) expect(bench.sum(name)).toBeGreaterThanOrEqual(before[index] ?? 0);
    film.stop();
    await bench.pass(30);
    expect(bench.sum('plays_total')).toBe(plex.truth.total({ kind: 'play' }).plays);
    expect(Math.abs((bench.sum('play_seconds_total') ?? 0) - plex.truth.total().seconds)).toBeLessThanOrEqual(10);
  });

  test('pseudonyms stay with the same key, and those of another key are no series of their own', async () => {
    const privacy: { users: PrivacyPolicy; key: Secret } = { users: 'pseudonym', key: new Secret('one key') };
    const { plex } = await start({ privacy });
    await bench.pass(2);
    plex.transmit(1_000_000, { location: 'wan', user: 'olivia' });
    await bench.pass(60);
    const accounts = (): readonly (string | undefined)[] => {
      const found = bench.families.find(({ metric }) => metric.name === 'plex_transmitted_bytes_total');
      return [...(found?.samples ?? [])].map(({ labels }) => labels[found?.metric.labelNames.indexOf('account') ?? 0]);
    };
    const [pseudonym] = accounts();
    expect(pseudonym).toMatch(/^[0-9a-f]{16}$/);
    await restart();
    expect(accounts()).toEqual([pseudonym]);
    privacy.key = new Secret('another key');
    await restart();
    expect(accounts()).toEqual(['__other__']);
    expect(bench.sum('transmit_bytes_total')).toBe(1_000_000);
  });
});

describe('statistics', () => {
  test('are absent without Plex Pass, and hardly asked for; with it they come', async () => {
    const { plex } = await start({ plex: { settings: { plexPass: false } } });
    await bench.pass(1800);
    expect(bench.sum('host_cpu_util')).toBeUndefined();
    expect(bench.sum('transmit_bytes_total')).toBeUndefined();
    expect(bench.sum('plex_pass')).toBe(0);
    expect(bench.asked('/statistics/resources')).toBeLessThanOrEqual(7);
    expect(failures()).toEqual([]);
    plex.settings.plexPass = true;
    await bench.pass(120);
    expect(bench.sum('host_cpu_util')).toBeGreaterThan(0);
  });

  test('that are refused once are there again soon after, and no byte is lost', async () => {
    const { plex } = await start();
    await bench.pass(2);
    const session = plex.play({ item: '1001' });
    await bench.pass(60);
    plex.faults.switchOn({ kind: 'status', status: 404 }, { endpoint: '/statistics/bandwidth', requests: 1 });
    plex.faults.switchOn({ kind: 'status', status: 404 }, { endpoint: '/statistics/resources', requests: 1 });
    await bench.pass(35);
    expect(bench.sum('host_cpu_util')).toBeUndefined();
    await bench.pass(95);
    expect(bench.sum('host_cpu_util')).toBeGreaterThan(0);
    session.stop();
    await bench.pass(60);
    expect(bench.sum('transmit_bytes_total')).toBe(plex.truth.transmittedBytes.lan);
  });

  test('count the bytes of a server whose clock is behind', async () => {
    await start();
    // Nothing is counted of an hour that is still to come.
    const scope = bench.store.scope('plex/home');
    const ahead = bench.clock.date() / 1000 + 3600;
    await bench.source.stop();
    scope.put('bandwidth', { floor: ahead, rows: [] });
    bench.renew();
    await bench.begin();
    await bench.pass(120);
    const { plex } = bench;
    plex.transmit(1_000_000, { location: 'wan', user: 'olivia' });
    await bench.pass(60);
    expect(bench.sum('transmit_bytes_total')).toBe(1_000_000);
  });

  test('and activities fail with a token that is refused, since that tells nothing of Plex Pass', async () => {
    await start({ token: 'a-wrong-token' });
    const failed = failures().filter(([name]) => name === 'statistics' || name === 'activities');
    expect(failed).toEqual([
      ['statistics', 'MX_UPSTREAM_UNAUTHORIZED'],
      ['activities', 'MX_UPSTREAM_UNAUTHORIZED'],
    ]);
  });

  test('count each byte once, however the rows come', async () => {
    const { plex } = await start();
    plex.faults.switchOn({ kind: 'shuffled' }, { endpoint: '/statistics/bandwidth' });
    await bench.pass(2);
    const session = plex.play({ item: '1001' });
    plex.transmit(1_000_000, { location: 'wan', user: 'olivia' });
    await bench.pass(300);
    session.stop();
    await bench.pass(120);
    const { lan, wan } = plex.truth.transmittedBytes;
    expect(bench.sum('transmit_bytes_total')).toBe(lan + wan);
    expect(bench.sum('plex_transmitted_bytes_total', { location: 'wan', account: 'olivia' })).toBe(wan);
  });
});

describe('after an outage', () => {
  /** What the server says of this moment when it is asked who it is. */
  const LIVE = ['plex_transcoder_active_video_sessions', 'plex_remote_access_reachable', 'plex_library_refreshing'];

  test('what was known of the moment is absent, and is there again soon after', async () => {
    const { plex } = await start();
    for (const metric of LIVE) expect(bench.sum(metric), metric).toBeDefined();
    expect(bench.sum('host_cpu_util')).toBeGreaterThan(0);
    const fault = plex.faults.switchOn({ kind: 'status', status: 503 });
    await bench.pass(1800);
    expect(bench.sum('host_cpu_util')).toBeUndefined();
    expect(bench.sum('plex_activities')).toBeUndefined();
    expect(bench.sum('plex_background_jobs')).toBeUndefined();
    expect(bench.sum('plex_media_movies')).toBe(1203);
    for (const metric of LIVE) expect(bench.sum(metric), metric).toBeUndefined();
    expect(bench.sum('server_info')).toBe(1);
    fault.end();
    await bench.pass(75);
    for (const metric of LIVE) expect(bench.sum(metric), metric).toBeDefined();
    expect(bench.sum('host_cpu_util')).toBeGreaterThan(0);
    expect(bench.sum('plex_activities')).toBe(0);
    expect(failures()).toEqual([]);
  });
});

describe('a server that is gone', () => {
  test.each([0, 0.5, 0.9, 1])('is looked at soon again, whatever else fails; chances of %d', async (chance) => {
    const { plex } = await start({ random: () => chance });
    plex.faults.switchOn({ kind: 'status', status: 503 });
    await bench.pass(120);
    let longest = 0;
    for (let seconds = 0, waited = 0; seconds < 900; seconds += 1) {
      const before = plex.requests.count('/status/sessions');
      await bench.pass(1);
      waited = plex.requests.count('/status/sessions') > before ? 0 : waited + 1;
      longest = Math.max(longest, waited);
    }
    // Half a minute, and a pause that another request has brought on.
    expect(longest).toBeLessThanOrEqual(30 + 10);
  });
});

describe('libraries', () => {
  test('are counted again soon after a scan, but not at each of its events', async () => {
    const { plex } = await start();
    await bench.pass(120);
    const before = bench.asked('/library/sections/{id}/all');
    plex.background.scan('2', 20_000, { episode: 3 });
    await bench.pass(100);
    expect(bench.sum('plex_media_episodes')).toBe(8143);
    // Shows, seasons and episodes of the one library, twice at most.
    expect(bench.asked('/library/sections/{id}/all') - before).toBeLessThanOrEqual(6);
  });

  test('keep their numbers when a count fails', async () => {
    const { plex } = await start();
    plex.faults.switchOn({ kind: 'status', status: 500 }, { endpoint: '/library/sections/{id}/all' });
    await bench.pass(1000);
    expect(failures()).toEqual([['libraries', 'MX_UPSTREAM_STATUS']]);
    expect(bench.sum('plex_media_movies')).toBe(1203);
  });
});

describe('the socket', () => {
  test('that says nothing is given up, and the sessions are asked for at once', async () => {
    const { plex } = await start();
    await bench.pass(5);
    const fault = plex.socketFaults.switchOn({ kind: 'half-open' });
    const before = bench.asked('/status/sessions');
    await bench.pass(32);
    expect(bench.asked('/status/sessions') - before).toBeGreaterThanOrEqual(1);
    fault.end();
    await bench.pass(90);
    expect(bench.sum('plex_websocket_connected')).toBe(1);
    expect(bench.sum('plex_websocket_reconnects_total')).toBeGreaterThanOrEqual(1);
  });

  test('tells running activities before they are asked for', async () => {
    const { plex } = await start();
    plex.background.scan('2', 20_000);
    await bench.pass(2);
    expect(bench.sum('plex_activities', { type: 'library.update.section' })).toBe(1);
    await bench.pass(25);
    expect(bench.sum('plex_activities', { type: 'library.update.section' })).toBe(0);
  });
});
