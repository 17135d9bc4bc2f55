import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { describeIf } from '../../../../../../test/support/tools.ts';
import { ExporterError } from '../../../errors.ts';
import type { HttpStreams } from '../client.ts';
import { parseVersion } from '../parse/version.ts';
import { type TestContext, testContext, values } from '../testing/context.testing.ts';
import { MISSING, playTape, RECORDED } from '../testing/tape.testing.ts';
import { LibraryWalkCollector } from './library-walk.ts';

const PAGE_MS = 900;
const DAY_MS = 86_400_000;

interface StubItem {
  readonly Id: string;
  readonly Type: string;
  readonly RunTimeTicks?: number;
  readonly MediaSources: readonly unknown[];
}

/** A server with libraries of so many items, made while they are sent, whose pages take 900 ms each. */
class StubLibrary implements HttpStreams {
  /** Begin and end of each page by the clock, ms. */
  readonly pages: { readonly begin: number; readonly end: number; readonly limit: number }[] = [];
  inFlight = 0;
  mostInFlight = 0;
  /** Called after each page. */
  afterPage = (): void => {};
  /** When set, the next page breaks off. */
  broken = false;
  readonly #clock: ManualClock;
  /** Items by name. */
  libraries: Readonly<Record<string, number>>;
  readonly #item: (index: number) => StubItem;

  constructor(clock: ManualClock, libraries: Readonly<Record<string, number>>, item = plainItem) {
    this.#clock = clock;
    this.libraries = libraries;
    this.#item = item;
  }

  stream: HttpStreams['stream'] = async ({ endpoint, path = '' }, consume) => {
    if (endpoint === '/Library/VirtualFolders') {
      const folders = Object.keys(this.libraries).map((name) => ({
        Name: name,
        ItemId: `id-${name}`,
        CollectionType: 'movies',
      }));
      return consume({ status: 200, headers: {}, body: chunks([JSON.stringify(folders)]) });
    }
    const query = new URL(path, 'http://jellyfin').searchParams;
    const items = this.libraries[query.get('parentId')?.replace('id-', '') ?? ''] ?? 0;
    const from = Number(query.get('startIndex'));
    const limit = Number(query.get('limit'));
    const begin = this.#clock.now();
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    const until = Math.min(items, from + limit);
    const value = await consume({ status: 200, headers: {}, body: chunks(this.#page(from, until)) });
    this.#clock.advance(PAGE_MS);
    this.inFlight -= 1;
    this.pages.push({ begin, end: this.#clock.now(), limit });
    this.afterPage();
    return value;
  };

  *#page(from: number, until: number): Generator<string> {
    yield '{"Items":[';
    for (let index = from; index < until; index += 1) {
      yield `${index === from ? '' : ','}${JSON.stringify(this.#item(index))}`;
      if (this.broken) {
        this.broken = false;
        throw new ExporterError({ code: 'MX_UPSTREAM_CONNECT', detail: 'broken' });
      }
    }
    yield '],"TotalRecordCount":0,"StartIndex":0}';
  }
}

async function* chunks(texts: Iterable<string>): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

function id(index: number): string {
  return (BigInt(index + 1) * 0x9e3779b97f4a7c15f39cc0605cedc834n).toString(16).slice(-32).padStart(32, '0');
}

function plainItem(index: number): StubItem {
  const streams = [
    { Type: 'Video', Codec: index % 2 === 0 ? 'h264' : 'hevc', Width: 1920, Height: 1080, VideoRangeType: 'SDR' },
    { Type: 'Audio', Codec: 'aac', Channels: 2, Title: 'x'.repeat(300) },
    { Type: 'EmbeddedImage', Codec: 'mjpeg' },
  ];
  const source = { Id: id(index), Size: 1000, Path: '/media/a/b/c', MediaStreams: streams };
  return { Id: id(index), Type: 'Movie', RunTimeTicks: 10_000_000, MediaSources: [source] };
}

/** Lets a collector run as a poller would, until `done`. */
async function walk(collector: LibraryWalkCollector, clock: ManualClock, done: () => boolean): Promise<void> {
  while (!done()) {
    let ended = false;
    const run = collector.run().finally(() => {
      ended = true;
    });
    run.catch(() => {});
    while (!ended) await clock.tick(10);
    await run;
    clock.advance(0.95 * collector.interval());
  }
}

function walked(context: TestContext): () => boolean {
  return () => context.kept.has('result') && !context.kept.has('progress');
}

test('a hundred thousand items are walked with one request in flight, rests as long as the pages, and a flat heap', async () => {
  const clock = new ManualClock();
  const server = new StubLibrary(clock, { Films: 100_000 });
  const context = testContext(server, clock);
  context.shared.version = parseVersion('12.0.0');
  const collector = new LibraryWalkCollector(context);
  const before = process.memoryUsage().heapUsed;
  let most = 0;
  await walk(collector, clock, () => {
    most = Math.max(most, process.memoryUsage().heapUsed);
    return walked(context)();
  });
  expect(server.pages).toHaveLength(101);
  expect(server.mostInFlight).toBe(1);
  const rests = server.pages.slice(1).map(({ begin }, index) => begin - (server.pages[index]?.end ?? 0));
  expect(Math.min(...rests)).toBeGreaterThanOrEqual(PAGE_MS);
  expect(values(collector.families(), 'jellyfin_library_size_bytes')).toEqual({ 'Films,id-Films': 100_000_000 });
  expect(values(collector.families(), 'jellyfin_library_duration_seconds')).toEqual({ 'Films,id-Films': 100_000 });
  // All of it parsed would be some hundred megabytes; garbage that was not collected yet is in this.
  expect(most - before).toBeLessThan(80 * 1024 * 1024);
});

test('a walk stands still while the server scans, and goes on where it was', async () => {
  const clock = new ManualClock();
  const server = new StubLibrary(clock, { Films: 2_000 });
  const context = testContext(server, clock);
  const collector = new LibraryWalkCollector(context);
  server.afterPage = () => {
    context.shared.scanRunning = server.pages.length === 2;
  };
  await walk(collector, clock, () => server.pages.length === 2);
  const scanned = clock.now() + 3_600_000;
  await walk(collector, clock, () => clock.now() > scanned);
  expect(server.pages).toHaveLength(2);
  expect(values(collector.families(), 'jellyfin_library_walk_running')).toEqual({ '': 1 });
  context.shared.scanRunning = false;
  await walk(collector, clock, walked(context));
  expect(server.pages).toHaveLength(5);
  expect(values(collector.families(), 'jellyfin_library_size_bytes')).toEqual({ 'Films,id-Films': 2_000_000 });
});

test('a walk goes on after a restart of the exporter, and counts no version twice', async () => {
  const clock = new ManualClock();
  // Each tenth item lists the item before it as another version.
  const item = (index: number): StubItem => {
    const plain = plainItem(index);
    return index % 10 === 0 && index > 0
      ? { ...plain, MediaSources: [...plain.MediaSources, ...plainItem(index - 1).MediaSources] }
      : plain;
  };
  const server = new StubLibrary(clock, { Films: 1_600, Series: 700 }, item);
  const context = testContext(server, clock);
  // A scan stops each walk after one page, and then the exporter is started again.
  server.afterPage = () => {
    context.shared.scanRunning = true;
  };
  const finished = walked(context);
  while (!finished()) {
    context.shared.scanRunning = false;
    const collector = new LibraryWalkCollector(context);
    collector.restore(new Map(context.kept));
    const pages = server.pages.length;
    await walk(collector, clock, () => server.pages.length > pages);
    expect(server.pages.length).toBe(pages + 1);
  }
  const collector = new LibraryWalkCollector(context);
  collector.restore(new Map(context.kept));
  expect(server.pages).toHaveLength(6);
  expect(values(collector.families(), 'jellyfin_library_size_bytes')).toEqual({
    'Films,id-Films': 1_600_000,
    'Series,id-Series': 700_000,
  });
  expect([...context.kept.keys()]).toEqual(['result']);
});

test('a page that breaks off is read again, and nothing of it is counted twice', async () => {
  const clock = new ManualClock();
  const server = new StubLibrary(clock, { Films: 600 });
  const context = testContext(server, clock);
  const collector = new LibraryWalkCollector(context);
  server.broken = true;
  await expect(collector.run()).rejects.toMatchObject({ code: 'MX_UPSTREAM_CONNECT' });
  await walk(collector, clock, walked(context));
  expect(values(collector.families(), 'jellyfin_library_size_bytes')).toEqual({ 'Films,id-Films': 600_000 });
});

test('a page that fails is asked for again after a rest as long as it took', async () => {
  const clock = new ManualClock();
  const server = new StubLibrary(clock, { Films: 600 });
  const http: HttpStreams = {
    stream(request, consume) {
      if (request.endpoint !== '/Items') return server.stream(request, consume);
      clock.advance(90_000);
      return Promise.reject(new ExporterError({ code: 'MX_UPSTREAM_TIMEOUT', detail: 'late' }));
    },
  };
  const collector = new LibraryWalkCollector(testContext(http, clock));
  await expect(collector.run()).rejects.toMatchObject({ code: 'MX_UPSTREAM_TIMEOUT' });
  expect(collector.interval()).toBeGreaterThanOrEqual(90_000);
});

test('a walk that has stood still for longer than from one walk to the next begins anew', async () => {
  const clock = new ManualClock();
  const server = new StubLibrary(clock, { Films: 1_000 });
  const context = testContext(server, clock);
  server.afterPage = () => {
    context.shared.scanRunning = server.pages.length === 1;
  };
  await walk(new LibraryWalkCollector(context), clock, () => server.pages.length === 1);
  expect(context.kept.has('ids/0')).toBe(true);
  clock.advance(DAY_MS + 1_000);
  context.shared.scanRunning = false;
  server.libraries = { Films: 700 };
  const collector = new LibraryWalkCollector(context);
  collector.restore(new Map(context.kept));
  await walk(collector, clock, walked(context));
  expect(values(collector.families(), 'jellyfin_library_size_bytes')).toEqual({ 'Films,id-Films': 700_000 });
  expect([...context.kept.keys()]).toEqual(['result']);
});

test('a library that has gone in the middle of a walk is left out, and one that has come is walked', async () => {
  const clock = new ManualClock();
  const server = new StubLibrary(clock, { Old: 10, Films: 1_000, Series: 10 });
  const context = testContext(server, clock);
  server.afterPage = () => {
    context.shared.scanRunning = server.pages.length === 2;
  };
  const collector = new LibraryWalkCollector(context);
  await walk(collector, clock, () => server.pages.length === 2);
  server.libraries = { Series: 10, New: 20 };
  clock.advance(600_000);
  context.shared.scanRunning = false;
  await walk(collector, clock, walked(context));
  const sizes = { 'Series,id-Series': 10_000, 'New,id-New': 20_000 };
  expect(values(collector.families(), 'jellyfin_library_size_bytes')).toEqual(sizes);
  expect([...context.kept.keys()]).toEqual(['result']);
});

test('the result stays with its age until the next walk has ended', async () => {
  const clock = new ManualClock();
  const server = new StubLibrary(clock, { Films: 1 });
  const context = testContext(server, clock);
  const collector = new LibraryWalkCollector(context);
  await walk(collector, clock, walked(context));
  const ended = (clock.date() - clock.now() + (server.pages[0]?.end ?? 0)) / 1000;
  expect(values(collector.families(), 'jellyfin_library_walk_timestamp_seconds')['']).toBeCloseTo(ended, 0);
  const due = clock.now() + DAY_MS - 120_000;
  await walk(collector, clock, () => clock.now() > due);
  expect(server.pages).toHaveLength(1);
  await walk(collector, clock, () => server.pages.length === 2);
});

test('what has no size is counted, and its library has none while nothing in it has', async () => {
  const clock = new ManualClock();
  const server = new StubLibrary(clock, { Films: 3 }, (index) => ({
    ...plainItem(index),
    MediaSources: [{ Id: id(index) }],
  }));
  const context = testContext(server, clock);
  const collector = new LibraryWalkCollector(context);
  await walk(collector, clock, walked(context));
  expect(values(collector.families(), 'jellyfin_library_size_unknown_items')).toEqual({ 'Films,id-Films': 3 });
  expect(values(collector.families(), 'jellyfin_library_size_bytes')).toEqual({});
  expect(collector.state().walked).toEqual([{ library: 'Films', mediaType: 'movie', items: 3, durationSeconds: 3 }]);
});

test('an empty library has no bytes, and pictures have no duration', async () => {
  const clock = new ManualClock();
  const picture = (index: number): StubItem => ({ Id: id(index), Type: 'Photo', MediaSources: [] });
  const context = testContext(new StubLibrary(clock, { Pictures: 2, Empty: 0 }, picture), clock);
  const collector = new LibraryWalkCollector(context);
  await walk(collector, clock, walked(context));
  expect(values(collector.families(), 'jellyfin_library_size_bytes')).toEqual({ 'Empty,id-Empty': 0 });
  expect(values(collector.families(), 'jellyfin_library_duration_seconds')).toEqual({ 'Empty,id-Empty': 0 });
});

describeIf(MISSING, 'a recorded library', () => {
  test.each(['12.0', '10.11'])('of %s is as large as its files', async (version) => {
    const clock = new ManualClock();
    const context = testContext(await playTape(`${version}/evening-a.tape.ndjson.gz`, () => clock.date()), clock);
    const collector = new LibraryWalkCollector(context);
    clock.advance(490_000);
    await walk(collector, clock, walked(context));
    const page = JSON.parse(readFileSync(join(RECORDED, 'recorded', version, 'items-walk-page.json'), 'utf8')) as {
      Items: { MediaSources: { Size: number }[] }[];
    };
    const bytes = page.Items.flatMap(({ MediaSources }) => MediaSources).reduce((sum, { Size }) => sum + Size, 0);
    const sizes = values(collector.families(), 'jellyfin_library_size_bytes');
    expect(Object.values(sizes)).toContain(bytes);
    const codecs = values(collector.families(), 'jellyfin_library_media_codec_items');
    expect(Object.keys(codecs).filter((labels) => labels.includes('mjpeg'))).toEqual([]);
    expect(Object.entries(codecs).filter(([labels]) => labels.includes('flac'))).not.toEqual([]);
  });
});
