import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Json, PlexTest } from '../../testing/plex.ts';
import { evening } from './evening.ts';

let server: PlexTest;

beforeEach(async () => {
  server = await PlexTest.start({ bandwidthWindowSeconds: 20_000 });
});
afterEach(() => server.end());

/** All of an evening, at once. */
function run(options?: Parameters<typeof evening>[1]): ReturnType<typeof evening> {
  const script = evening(server.plex, options);
  server.clock.advance(script.durationMs);
  return script;
}

describe('an evening', () => {
  test('has forty sessions of all kinds, and ends', () => {
    const { steps } = run();
    expect(steps.filter(({ title }) => title.endsWith(': play'))).toHaveLength(40);
    expect(server.plex.sessions).toEqual([]);
    expect(server.plex.truth.total().plays).toBeGreaterThan(50);
    const seconds = server.plex.truth.total().seconds;
    server.pass(3600);
    expect(server.plex.truth.total().seconds).toBe(seconds);
  });

  test('has all media types, deliveries, locations and users', () => {
    run();
    const { truth } = server.plex;
    const values = (name: 'mediaType' | 'delivery' | 'location' | 'kind' | 'user'): string[] =>
      [...truth.by(name).keys()].sort();
    expect(values('mediaType')).toEqual(['episode', 'live', 'movie', 'other', 'photo', 'track', 'video']);
    expect(values('delivery')).toEqual(['direct_play', 'direct_stream', 'transcode']);
    expect(values('location')).toEqual(['lan', 'wan']);
    expect(values('kind')).toEqual(['ghost', 'play', 'preroll', 'theme']);
    expect(values('user')).toHaveLength(server.plex.accounts.length);
  });

  test('is the same for the same seed, and another for another', async () => {
    const truths: string[] = [];
    for (const seed of [7, 7, 8]) {
      const other = await PlexTest.start();
      other.clock.advance(evening(other.plex, { seed }).durationMs);
      truths.push(JSON.stringify(other.plex.truth.records));
      await other.end();
    }
    expect(truths[0]).toBe(truths[1]);
    expect(truths[0]).not.toBe(truths[2]);
  });

  test('leaves rows of bandwidth that add up to the truth', async () => {
    run();
    const { StatisticsBandwidth: rows } = await server.get('/statistics/bandwidth?timespan=6');
    const sent = rows.reduce((sum: number, { bytes }: Json) => sum + bytes, 0);
    const { lan, wan } = server.plex.truth.transmittedBytes;
    expect(sent).toBe(lan + wan);
    // Downloads come on top of the streams, and fractions of a byte are never sent.
    const streamed = server.plex.truth.total().bytes + 5 * 250_000_000;
    expect(Math.abs(sent - streamed)).toBeLessThan(server.plex.truth.records.length);
  });

  test('tells its players apart: nobody begins the same item on the same player again', () => {
    run();
    const begun = server.plex.truth.records.filter(({ plays }) => plays === 1);
    const parties = begun.map(({ identity }) => [identity.user, identity.player, identity.ratingKey].join());
    expect(new Set(parties).size).toBe(parties.length);
  });

  test('lets nobody act while the server is away', () => {
    const script = evening(server.plex);
    const restart = script.steps.find(({ title }) => title === 'a restart')?.at ?? 0;
    const meanwhile = script.steps.filter(({ at }) => at > restart - 5000 && at < restart + 60_000);
    expect(meanwhile.map(({ title }) => title)).toEqual(['a restart']);
    const calm = evening(server.plex, { restart: false });
    expect(calm.steps.some(({ title }) => title === 'a restart')).toBe(false);
  });

  test('can be as long or short as wanted', () => {
    run({ sessions: 3, restart: false });
    expect(server.plex.truth.by('play', 'kind').size).toBeGreaterThan(3);
    const plays = [...server.plex.truth.records].filter(({ identity }) => identity.kind === 'play');
    expect(new Set(plays.map(({ identity }) => identity.user)).size).toBe(3);
  });
});

describe('the demo', () => {
  test('has somebody who plays at once, and goes on for ever', async () => {
    server.plex.runDemo();
    server.pass(1);
    expect(await server.sessions()).toHaveLength(2);
    const seen: number[] = [];
    for (let hour = 0; hour < 6; hour += 1) {
      server.pass(3600);
      seen.push(server.plex.truth.total().plays);
    }
    expect(seen.every((plays, hour) => plays > (seen[hour - 1] ?? 0))).toBe(true);
    expect(server.plex.sessions.length).toBeLessThanOrEqual(5);
    const { truth } = server.plex;
    expect([...truth.by('delivery').keys()].sort()).toEqual(['direct_play', 'direct_stream', 'transcode']);
  });

  test('outlives a restart at any time: who wants to play meanwhile waits for the server', () => {
    server.plex.runDemo();
    for (let minute = 0; minute < 120; minute += 1) {
      server.plex.restart({ goneForMs: 20_000, startsForMs: 20_000 });
      server.pass(60);
    }
    const before = server.plex.truth.total().plays;
    server.pass(3600);
    expect(server.plex.truth.total().plays).toBeGreaterThan(before);
    const players = new Set([...server.plex.truth.records].map(({ identity }) => identity.player));
    expect(players.size).toBe(5);
  });
});
