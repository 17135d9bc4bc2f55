import { request as httpRequest } from 'node:http';
import { parseOpenMetrics } from '@media-exporter/metrics/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { turnUntil } from '../support/until.ts';
import { ask, config, refused, set, stopAll } from './bench.ts';

afterEach(stopAll);

describe('a scrape', () => {
  test('tells the sources apart by a label, and tells of each how it fared', async () => {
    const bench = set(config('one two'));
    await bench.exporter.start();
    bench.source('one').answer = async () => 7;
    bench.source('two').answer = refused;
    await turnUntil(() => bench.exporter.unready === undefined);
    const { status, headers, body } = await ask(bench, '/metrics');
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(body).toContain('sfu_streams{source="one",kind="audio"} 7\n');
    expect(body).not.toContain('source="two",kind');
    expect(body).toContain('media_exporter_source_up{source="one"} 1\n');
    expect(body).toContain('media_exporter_source_up{source="two"} 0\n');
    expect(body).toContain('media_exporter_collector_success{source="two",collector="stats"} 0\n');
    expect(body).toContain(
      'media_exporter_collector_last_success_timestamp_seconds{source="one",collector="stats"} 1767225600\n',
    );
    expect(body).toMatch(
      /media_exporter_upstream_requests_total\{source="two",endpoint="\/stats",outcome="connect"\} \d+\n/,
    );
    expect(body).toContain('media_exporter_build_info{version="1.2.3",node="v24.0.0"} 1\n');
    expect(body).toContain('media_exporter_config_last_reload_successful 1\n');
    expect(body).toContain('media_exporter_scrapes_in_flight 1\n');
  });

  test('does not tell when a source last answered that never has', async () => {
    const bench = set(config('one'), {}, refused);
    await bench.exporter.start();
    const { body } = await ask(bench, '/metrics');
    expect(body).toContain('media_exporter_source_up{source="one"} 0\n');
    expect(body).not.toContain('media_exporter_collector_last_success_timestamp_seconds{');
  });

  test('is well-formed OpenMetrics for who asks for it', async () => {
    const bench = set(config('one'));
    await bench.exporter.start();
    const accept =
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3';
    const { headers, body } = await ask(bench, '/metrics', 'GET', { accept });
    expect(headers['content-type']).toContain('application/openmetrics-text');
    expect(() => parseOpenMetrics(body)).not.toThrow();
  });

  test('of one source has no label, and nothing of the others', async () => {
    const bench = set(config('one two'));
    await bench.exporter.start();
    await turnUntil(() => bench.exporter.unready === undefined);
    const asked = bench.source('two').asked;
    const { body } = await ask(bench, '/metrics?source=one');
    expect(body).toContain('sfu_streams{kind="audio"} 3\n');
    expect(body).toContain('media_exporter_source_up{source="one"} 1\n');
    expect(body).not.toContain('two');
    expect(body).not.toContain('media_exporter_build_info');
    expect(bench.source('two').asked).toBe(asked);
  });

  test('of an unknown source is 404 with the names there are, and of two at once is 400', async () => {
    const bench = set(config('one two'));
    await bench.exporter.start();
    const unknown = await ask(bench, '/metrics?source=three');
    expect(unknown).toMatchObject({
      status: 404,
      body: 'There is no source of that name. The sources are: one, two\n',
    });
    expect((await ask(bench, '/metrics?source=one&source=two')).status).toBe(400);
  });

  test('serves at its deadline what is there, and marks what is late', async () => {
    const bench = set(config('fast slow'));
    await bench.exporter.start();
    await turnUntil(() => bench.exporter.unready === undefined);
    const before = bench.source('slow').asked;
    const gate = Promise.withResolvers<number>();
    bench.source('slow').answer = () => gate.promise;
    const scrape = ask(bench, '/metrics', 'GET', { 'x-prometheus-scrape-timeout-seconds': '3' });
    await turnUntil(() => bench.source('slow').asked > before && bench.source('fast').asked > before);
    await bench.clock.tick(2_500);
    const { status, body } = await scrape;
    gate.resolve(1);
    expect(status).toBe(200);
    expect(body).toContain('sfu_streams{source="fast",kind="audio"} 3\n');
    expect(body).not.toContain('sfu_streams{source="slow"');
    expect(body).toContain('media_exporter_source_up{source="slow"} 0\n');
    expect(body).toContain('media_exporter_collector_success{source="slow",collector="stats"} 0\n');
    expect(body).toContain('media_exporter_collector_duration_seconds{source="slow",collector="stats"} 2.5\n');
    expect((await ask(bench, '/metrics')).body).toContain('media_exporter_scrapes_total{outcome="partial"} 1\n');
  });

  test('that comes while another is under way causes no second request', async () => {
    const bench = set(config('one'));
    await bench.exporter.start();
    await turnUntil(() => bench.exporter.unready === undefined);
    const source = bench.source('one');
    const before = source.asked;
    const gate = Promise.withResolvers<number>();
    source.answer = () => gate.promise;
    const begin = vi.spyOn(bench.exporter, 'begin');
    const scrapes = Array.from({ length: 8 }, (_, i) => ask(bench, i % 2 === 0 ? '/metrics' : '/metrics?source=one'));
    await turnUntil(() => begin.mock.calls.length === scrapes.length);
    gate.resolve(5);
    for (const { body } of await Promise.all(scrapes)) expect(body).toContain('kind="audio"} 5');
    expect(source.asked - before).toBe(1);
  });

  test('after a failure finds a source that came back, and counts it', async () => {
    const bench = set(config('one'));
    await bench.exporter.start();
    await turnUntil(() => bench.exporter.unready === undefined);
    bench.source('one').answer = refused;
    await ask(bench, '/metrics');
    await ask(bench, '/metrics');
    bench.source('one').answer = async () => 4;
    const { body } = await ask(bench, '/metrics');
    expect(body).toContain('sfu_streams{source="one",kind="audio"} 4\n');
    expect(body).toContain('media_exporter_source_reconnects_total{source="one"} 1\n');
    expect(bench.lines.filter((line) => line.includes('source is down'))).toHaveLength(1);
  });

  test('whose client leaves ends, and is counted', async () => {
    const bench = set(config('one'));
    await bench.exporter.start();
    await turnUntil(() => bench.exporter.unready === undefined);
    const source = bench.source('one');
    const before = source.asked;
    const gate = Promise.withResolvers<number>();
    source.answer = () => gate.promise;
    const [host, port] = (bench.exporter.addresses[0] ?? '').split(':');
    const client = httpRequest({ host, port, path: '/metrics', agent: false }).on('error', () => {});
    client.end();
    await turnUntil(() => source.asked > before);
    client.destroy();
    await turnUntil(() => bench.clock.pending === 1);
    gate.resolve(1);
    source.answer = async () => 1;
    expect((await ask(bench, '/metrics')).body).toContain('media_exporter_scrapes_total{outcome="aborted"} 1\n');
  });
});

describe('the drop-in mode', () => {
  const dropIn = { rootMetrics: new Set(['Ejtimaa_rooms']) };

  test('has no source label, and its own metrics beside', async () => {
    const bench = set(config('mediasoup'), { dropIn });
    await bench.exporter.start();
    const { body } = await ask(bench, '/metrics');
    expect(body).toContain('Ejtimaa_rooms 3\n');
    expect(body).toContain('sfu_streams{kind="audio"} 3\n');
    expect(body).toContain('media_exporter_build_info');
  });

  test('serves exactly the seed at /, unless a browser asks', async () => {
    const bench = set(config('mediasoup'), { dropIn });
    await bench.exporter.start();
    const { body, headers } = await ask(bench, '/', 'GET', { accept: 'text/plain' });
    expect(body).toBe('# HELP Ejtimaa_rooms #rooms\n# TYPE Ejtimaa_rooms gauge\nEjtimaa_rooms 3\n');
    expect(headers.vary).toContain('accept');
    const page = await ask(bench, '/', 'GET', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  });
});
