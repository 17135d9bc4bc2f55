import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Json, PlexTest } from '../../testing/plex.ts';
import { evening } from './evening.ts';

const POLL_SECONDS = 10;

let server: PlexTest;

beforeEach(async () => {
  server = await PlexTest.start();
});
afterEach(() => server.end());

/**
 * The simplest monitor there can be: it looks every ten seconds, adds up what the view offsets went on, and the rows of
 * bandwidth that grew. If it could not see the truth, no monitor could.
 */
class Monitor {
  readonly seconds: Map<string, number> = new Map();
  readonly #offsets = new Map<string, number>();
  readonly #rows = new Map<string, number>();

  async look(): Promise<void> {
    for (const { User, Player, ratingKey, viewOffset } of await server.sessions().catch(() => [])) {
      const play = [User.title, Player.title, ratingKey].join();
      const moved = (viewOffset - (this.#offsets.get(play) ?? viewOffset)) / 1000;
      this.#offsets.set(play, viewOffset);
      // What goes back or leaps was a seek.
      const played = moved >= 0 && moved <= 3 * POLL_SECONDS ? moved : 0;
      this.seconds.set(play, (this.seconds.get(play) ?? 0) + played);
    }
    const since = Math.floor(server.clock.date() / 1000) - 3 * POLL_SECONDS;
    const { StatisticsBandwidth: rows = [] } = await server
      .getRaw(`/statistics/bandwidth?timespan=6&at>=${since}`)
      .catch(() => ({}) as Json);
    for (const { at, accountID, deviceID, lan, bytes } of rows) {
      this.#rows.set([at, accountID, deviceID, lan].join(), bytes);
    }
  }

  get bytes(): number {
    return [...this.#rows.values()].reduce((sum, bytes) => sum + bytes, 0);
  }
}

test('a monitor that looks every ten seconds sees the evening as it was', async () => {
  const { durationMs } = evening(server.plex);
  const monitor = new Monitor();
  for (let at = 0; at < durationMs; at += POLL_SECONDS * 1000) {
    server.pass(POLL_SECONDS);
    await monitor.look();
  }
  const { truth } = server.plex;
  const plays = [...truth.by('user', 'player', 'ratingKey', 'kind')].filter(
    ([key, { seconds }]) => key.endsWith(',play') && seconds > 60,
  );
  expect(plays.length).toBeGreaterThan(40);
  for (const [key, { seconds }] of plays) {
    const seen = monitor.seconds.get(key.replace(/,play$/, '')) ?? 0;
    // The last report may be one interval old, the last look as well; a seek costs another interval.
    expect([key, seen <= seconds, seen >= seconds - 5 * POLL_SECONDS]).toEqual([key, true, true]);
  }
  expect(monitor.bytes).toBe(truth.transmittedBytes.lan + truth.transmittedBytes.wan);
});
