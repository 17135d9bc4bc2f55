import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SfuState } from '@media-exporter/mediasoup';
import { renderText } from '@media-exporter/metrics';
import { ManualClock, parseText } from '@media-exporter/metrics/testing';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { type MediasoupSettings, mediasoupSourceSchema } from '../../config/schema.ts';
import { Secret } from '../../config/secrets.ts';
import { createLogger } from '../../log.ts';
import { MemoryStore } from '../../state/memory.ts';
import { type Privacy, PrivacyFilter } from '../privacy.ts';
import { hidePeople, makeCatalogue, makeFamilies } from './families.ts';
import { MediasoupSource } from './index.ts';
import { parseStats } from './parse.ts';

const TEXT = readFileSync(new URL('../../../testdata/sfu/state.json', import.meta.url), 'utf8');
const STATE = JSON.parse(TEXT) as SfuState;
const KEY = new Secret('the key of the tests');
const CLEAR: Privacy = { users: 'clear', titles: 'clear', addresses: 'clear', key: KEY };
const never = (): AbortSignal => new AbortController().signal;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Bench {
  readonly source: MediasoupSource;
  readonly lines: string[];
  readonly outcomes: string[];
  reconnects: number;
}

async function open(
  listener: RequestListener,
  settings: Partial<MediasoupSettings> = {},
  privacy = CLEAR,
): Promise<Bench> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const bench = { lines: [] as string[], outcomes: [] as string[], reconnects: 0 };
  const log = createLogger({ level: 'info', format: 'logfmt', write: (line) => bench.lines.push(line), date: () => 0 });
  const full = mediasoupSourceSchema.parse({ name: 'sfu', type: 'mediasoup', url, ...settings });
  const source = new MediasoupSource(full, undefined, privacy, {
    clock: new ManualClock(),
    random: () => 0,
    log,
    state: new MemoryStore().scope('mediasoup/sfu'),
    onRequest: (report) => bench.outcomes.push(report.outcome),
    onReconnect: () => {
      bench.reconnects += 1;
    },
  });
  closers.push(() => source.stop());
  return Object.assign(bench, { source });
}

const render = (source: MediasoupSource): string => renderText(source.snapshot().families);

test('the state of the SFU becomes its default set and the six of the seed', async () => {
  const { source } = await open((_, response) => response.end(TEXT));
  expect(source.snapshot()).toEqual({ up: undefined, families: [], unified: [], collectors: [] });
  await source.refresh(never());
  expect(source.snapshot().up).toBe(true);
  const text = render(source);
  expect(text).toContain('Ejtimaa_rooms 2\n');
  expect(text).toContain('Ejtimaa_peers{room_id="Raum <2> & \\"mehr\\""} 1\n');
  expect(text).toMatch(/mediasoup_producer_byte_count_bytes\{pid="4711",room_id="atrium",.*id="p1".*\} 123456\n/);
  expect(text).toContain('# TYPE mediasoup_workers gauge\n');
  expect(text).not.toContain('mediasoup_audio_in_count');
  expect(() => parseText(text)).not.toThrow();
  const unified = renderText(source.snapshot().unified);
  expect(unified).toContain('media_participants{server="sfu",platform="mediasoup"} 3\n');
  for (const { metric } of source.snapshot().unified) expect(source.unifiedCatalogue).toContain(metric);
});

test('only the path of the state is asked for', async () => {
  const paths: (string | undefined)[] = [];
  const { source } = await open((request, response) => {
    paths.push(request.url);
    response.end(TEXT);
  });
  await source.start();
  await Promise.all([source.refresh(never()), source.refresh(never()), source.refresh(never())]);
  expect(paths).toEqual(['/stats']);
});

test('the sets, the prefix and quiet are as configured', () => {
  const families = makeFamilies(STATE, { sets: ['seed', 'aggregated'], prefix: 'edumeet_', quiet: true });
  const text = renderText(families);
  expect(text).toContain('edumeet_rooms 2\n');
  expect(text).toContain('mediasoup_audio_in_count 3\n');
  expect(text).not.toMatch(/transport_id="[^"]/);
  const known = new Set(makeCatalogue({ sets: ['seed', 'aggregated'], prefix: 'edumeet_' }).map(({ name }) => name));
  for (const { metric } of families) expect(known, metric.name).toContain(metric.name);
});

describe('privacy', () => {
  const personal = ['Ann', 'Bob', 'Zoe', 'Mozilla', '192.0.2', '198.51.100', '203.0.113', '2001:db8', '"ann"', '"zoe"'];
  const settings = { sets: ['default' as const, 'seed' as const], prefix: 'Ejtimaa_', quiet: false };

  test.each(['pseudonym', 'drop'] as const)('%s leaves nothing personal in any label', (policy) => {
    const hidden = hidePeople(STATE, new PrivacyFilter({ users: policy, titles: policy, addresses: policy, key: KEY }));
    const text = renderText(makeFamilies(hidden, settings));
    for (const word of personal) expect(text).not.toContain(word);
    expect(text.match(/^mediasoup_producer_byte_count_bytes\{/gm)).toHaveLength(3);
  });

  test('series that dropping makes alike are merged, not lost', () => {
    const hidden = hidePeople(STATE, new PrivacyFilter({ users: 'drop', titles: 'drop', addresses: 'drop', key: KEY }));
    const text = renderText(makeFamilies(hidden, { ...settings, quiet: true }));
    expect(text).toMatch(/^mediasoup_consumer_byte_count_bytes\{.*\} 555555$/m);
    expect(text).toMatch(/^mediasoup_consumer_score\{.*\} 7$/m);
  });

  test('clear leaves the state as it is', () => {
    expect(hidePeople(STATE, new PrivacyFilter(CLEAR))).toBe(STATE);
  });
});

describe('an SFU that answers nonsense', () => {
  const answers: Record<string, string> = {
    HTML: '<!doctype html><title>Sign in</title>',
    nothing: '',
    'half of the state': TEXT.slice(0, TEXT.length / 2),
    'a state of another version': JSON.stringify({ ...STATE, version: 99 }),
    'a state with wrong types': JSON.stringify({ ...STATE, workers: 'many' }),
    null: 'null',
    'an array': '[]',
    'a deep nesting': `${'['.repeat(100_000)}`,
  };
  test.each(Object.entries(answers))('(%s) is down, and its families are absent', async (_, answer) => {
    const { source, outcomes } = await open((_request, response) => response.end(answer));
    await source.refresh(never());
    expect(source.snapshot()).toMatchObject({ up: false, families: [], collectors: [{ success: false }] });
    expect(renderText(source.snapshot().unified)).toContain('media_server_up{server="sfu",platform="mediasoup"} 0\n');
    expect(source.snapshot().collectors[0]?.problem?.code).toBe('MX_UPSTREAM_ANSWER');
    expect(outcomes).toEqual(['invalid']);
  });

  test('comes back by itself, and the log told it once each way', async () => {
    let answer = TEXT;
    const bench = await open((_request, response) => response.end(answer));
    const { source, lines } = bench;
    await source.refresh(never());
    answer = '<html>';
    for (let scrape = 0; scrape < 3; scrape += 1) await source.refresh(never());
    expect(render(source)).toBe('');
    answer = TEXT;
    await source.refresh(never());
    expect(source.snapshot().up).toBe(true);
    expect(render(source)).toContain('Ejtimaa_rooms 2\n');
    expect(lines.filter((line) => line.includes('source is down'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('source is up'))).toHaveLength(2);
    expect(bench.reconnects).toBe(1);
  });
});

test('a stop cuts off the running request, and is no failure of the server', async () => {
  const asked = Promise.withResolvers<void>();
  const { source, lines, outcomes } = await open(() => asked.resolve());
  const round = source.refresh(never());
  await asked.promise;
  await source.stop();
  await round;
  expect(lines).toEqual([]);
  expect(outcomes).toEqual([]);
});

test('any text that is sent is a state or a problem that does not quote it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
      const parsed = parseStats(body);
      expect(parsed.ok).toBe(false);
      if (!parsed.ok && body.length > 30) expect(parsed.problem).not.toContain(body.slice(0, 30));
    }),
  );
});
