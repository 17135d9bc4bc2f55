import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createProxy } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { testFolder } from '../../../../../test/support/folder.ts';
import { SourceBench } from '../../../../../test/support/plex/source-bench.ts';
import { Secret } from '../../config/secrets.ts';

describe('access', () => {
  test('a token that is refused is read again once, by requests and by the socket', async () => {
    let asked = 0;
    const renewSecret = async (): Promise<Secret> => {
      asked += 1;
      return new Secret('simulated-plex-token');
    };
    const bench = await SourceBench.start({ token: 'an-old-token', renewSecret });
    expect(bench.source.snapshot().up).toBe(true);
    await bench.advance(5);
    expect(bench.sum('plex_websocket_connected')).toBe(1);
    expect(asked).toBeLessThanOrEqual(2);
  });

  test('a token that stays refused is told of once, and tried rarely', async () => {
    const bench = await SourceBench.start({ token: 'a-wrong-token' });
    const { plex, lines } = bench;
    await bench.advance(3600);
    expect(bench.source.snapshot().up).toBe(false);
    expect(lines.filter((line) => line.includes('is down'))).toHaveLength(1);
    expect(lines.join('')).toContain('MX_UPSTREAM_UNAUTHORIZED');
    expect(plex.requests.count() / 3600).toBeLessThan(0.2);
  });

  test('what an account may not see is absent, and the rest is there', async () => {
    const bench = await SourceBench.open();
    const { plex } = bench;
    for (const endpoint of ['/status/sessions', /statistics/, '/activities', '/accounts']) {
      plex.faults.switchOn({ kind: 'status', status: 403 }, { endpoint });
    }
    await bench.begin();
    expect(bench.source.snapshot().up).toBe(true);
    expect(bench.failures).toEqual([['sessions', 'MX_UPSTREAM_FORBIDDEN']]);
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
    const bench = await SourceBench.start();
    const { plex, lines } = bench;
    plex.restart();
    await bench.advance(60);
    expect(plex.requests.records.every(({ token }) => token === 'header')).toBe(true);
    expect(lines.join('')).not.toContain(plex.token);
  });

  test('a server behind a path is reached there, its socket too', async () => {
    const bench = await SourceBench.start({ plex: { basePath: '/plex' } });
    await bench.advance(2);
    expect(bench.source.snapshot().up).toBe(true);
    expect(bench.sum('plex_websocket_connected')).toBe(1);
  });

  test('a server behind a Unix socket is reached there, its notifications too', async () => {
    const path = join(testFolder(), 'plex.sock');
    const bench = await SourceBench.open();
    const proxy = createProxy((near) => {
      const far = connect(Number(new URL(bench.plex.url).port), '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const end of [near, far]) end.on('error', () => {});
    });
    await new Promise<void>((resolve) => proxy.listen(path, resolve));
    try {
      await bench.renew({ url: `unix:${path}` });
      await bench.source.refresh(new AbortController().signal);
      await bench.advance(2);
      expect(bench.source.snapshot().up).toBe(true);
      expect(bench.sum('plex_websocket_connected')).toBe(1);
    } finally {
      proxy.close();
    }
  });

  test('a server that answers XML is refused with the reason', async () => {
    const old = createServer((_, response) => response.end('<?xml version="1.0"?><MediaContainer size="0"/>'));
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    try {
      const bench = await SourceBench.start({
        settings: { url: `http://127.0.0.1:${(old.address() as AddressInfo).port}` },
      });
      const { lines } = bench;
      expect(bench.source.snapshot().up).toBe(false);
      expect(lines.join('')).toContain('answered XML instead of JSON: the server is too old');
    } finally {
      old.close();
    }
  });

  test('a web server that is no Plex is down, also in the place of one that was', async () => {
    const bench = await SourceBench.open();
    const { plex } = bench;
    const fault = plex.faults.switchOn({ kind: 'status', status: 404 });
    await bench.begin();
    await bench.advance(60);
    expect(bench.source.snapshot().up).toBe(false);
    expect(bench.sum('plex_up')).toBe(0);
    expect(bench.lines.join('')).toContain('MX_UPSTREAM_NOT_FOUND');
    fault.end();
    await bench.advance(300);
    expect(bench.source.snapshot().up).toBe(true);
    plex.faults.switchOn({ kind: 'status', status: 403 });
    await bench.advance(180);
    expect(bench.source.snapshot().up).toBe(false);
  });
});
