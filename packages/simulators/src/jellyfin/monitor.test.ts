import { ManualClock } from '@media-exporter/metrics/testing';
import { describe, expect, test } from 'vitest';
import { evening, type JellyfinVersion, SimulatedJellyfin } from './index.ts';

interface Seen {
  readonly user: string;
  readonly position: number;
  readonly checkIn: number;
  readonly paused: boolean;
  /** When a poll saw it last. */
  readonly at: number;
}

/** The least that a monitor must do to count plays and watched seconds from /Sessions, polled every ten seconds. */
class Monitor {
  plays = 0;
  readonly seconds = new Map<string, number>();
  #playing = new Map<string, Seen>();
  readonly #gone = new Map<string, Seen>();
  #gap = false;

  /** The server did not answer. */
  miss(): void {
    this.#gap = true;
  }

  // biome-ignore lint/suspicious/noExplicitAny: an answer is looked into as a monitor would, key by key.
  see(sessions: readonly any[], now: number): void {
    const before = this.#playing;
    this.#playing = new Map();
    const checkIns = new Map<string, number>(
      sessions.map(({ Id, LastPlaybackCheckIn }) => [Id, Date.parse(LastPlaybackCheckIn)]),
    );
    for (const { Id, UserName, AdditionalUsers, NowPlayingItem, PlayState, LastPlaybackCheckIn } of sessions) {
      if (NowPlayingItem === undefined) continue;
      const key = `${Id} ${NowPlayingItem.Id}`;
      const last = before.get(key);
      const seen: Seen = {
        user: UserName,
        position: PlayState.PositionTicks,
        checkIn: Date.parse(LastPlaybackCheckIn),
        paused: PlayState.IsPaused,
        at: now,
      };
      this.#playing.set(key, seen);
      if (last === undefined) this.#begin(key, seen);
      else if (!last.paused) {
        const others = AdditionalUsers.map((other: { UserName: string }) => other.UserName);
        for (const user of [UserName, ...others]) this.#credit(user, Math.min(seen.checkIn - last.checkIn, 60_000));
      }
    }
    for (const [key, last] of before)
      if (!this.#playing.has(key)) this.#end(key, last, now, checkIns.get(key.slice(0, 32)));
    this.#gap = false;
  }

  #begin(key: string, seen: Seen): void {
    const gone = this.#gone.get(key);
    const same = gone !== undefined && (this.#gap || seen.at - gone.at <= 60_000) && seen.position >= gone.position;
    if (!same) this.plays += 1;
  }

  /** What was played after the last report and before the end was seen. */
  #end(key: string, last: Seen, now: number, newer = 0): void {
    this.#gone.set(key, last);
    if (last.paused || now - last.checkIn >= 60_000) return;
    this.#credit(last.user, newer > last.checkIn ? newer - last.checkIn : Math.min(now - last.checkIn - 5000, 15_000));
  }

  #credit(user: string, ms: number): void {
    this.seconds.set(user, (this.seconds.get(user) ?? 0) + Math.max(0, ms) / 1000);
  }
}

describe.each<JellyfinVersion>(['10.8', '10.11', '12.0'])('an evening of %s', (version) => {
  test('can be counted by who only polls /Sessions: each play, and the watched time of each user', async () => {
    const clock = new ManualClock(Date.UTC(2026, 10, 21, 18));
    const jellyfin = new SimulatedJellyfin({ clock, version });
    await jellyfin.listen();
    const monitor = new Monitor();
    const { durationMs } = evening(jellyfin);
    for (let at = 3000; at < durationMs; at += 10_000) {
      clock.advance(at - clock.now());
      await jellyfin.settled;
      const answer = await fetch(`${jellyfin.url}/Sessions?ApiKey=${jellyfin.token}`).catch(() => undefined);
      if (answer?.status === 200) monitor.see((await answer.json()) as readonly unknown[], jellyfin.date);
      else monitor.miss();
    }
    const { starts, watchSeconds, coWatchSeconds } = jellyfin.truth.totals;
    await jellyfin.close();
    expect(monitor.plays).toBe(starts);
    for (const [user, seconds] of Object.entries(watchSeconds)) {
      const ratio = (monitor.seconds.get(user) ?? 0) / (seconds + (coWatchSeconds[user] ?? 0));
      expect(ratio, user).toBeGreaterThan(0.97);
      expect(ratio, user).toBeLessThan(1.08);
    }
  });
});
