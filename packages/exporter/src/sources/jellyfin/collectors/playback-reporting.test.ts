import { ManualClock } from '@media-exporter/metrics/testing';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../../config/secrets.ts';
import type { Logger } from '../../../log.ts';
import { PrivacyFilter } from '../../privacy.ts';
import type { HttpStreams } from '../client.ts';
import { answering, open } from '../testing/answering.testing.ts';
import { testContext, values } from '../testing/context.testing.ts';
import { create } from './playback-reporting.ts';

const user = (name: string, plays: unknown, seconds: unknown) => ({
  latest_date: '2026-01-01T00:00:00Z',
  user_id: `${name}-id`,
  total_count: plays,
  total_time: seconds,
  item_name: 'Film',
  user_name: name,
  last_seen: '5 minutes ago',
});

describe('the report of the plugin', () => {
  test('tells plays and time of each user in so many days, those that are shown alike together', async () => {
    const { collector, asked, read } = open(create, () => [
      user('ann', 3, 5400),
      user('Not Known', 1, 60),
      user('Not Known', 2, 120),
      user('bob', 0, 0),
    ]);
    await collector.run();
    expect(asked).toEqual(['/user_usage_stats/user_activity?days=7']);
    expect(read('jellyfin_playback_reporting_plays')).toEqual({ ann: 3, 'Not Known': 3, bob: 0 });
    expect(read('jellyfin_playback_reporting_play_seconds')).toEqual({ ann: 5400, 'Not Known': 180, bob: 0 });
  });

  test('leaves out what it does not say, and shows users as the policy wants', async () => {
    const asked: string[] = [];
    const http = answering(() => [user('ann', '3', 5400), user('bob', 2, -1), 7, {}], asked);
    const base = testContext(http, new ManualClock(), { playback_reporting_days: 90 });
    const privacy = new PrivacyFilter({ users: 'drop', titles: 'drop', addresses: 'drop', key: new Secret('key') });
    const collector = create({ ...base, privacy });
    await collector.run();
    expect(asked).toEqual(['/user_usage_stats/user_activity?days=90']);
    expect(values(collector.families(), 'jellyfin_playback_reporting_plays')).toEqual({ '': 2 });
    expect(values(collector.families(), 'jellyfin_playback_reporting_play_seconds')).toEqual({ '': 5400 });
  });

  test('is not there without the plugin, which is told once and is no failure', async () => {
    const told: unknown[] = [];
    const log = { info: (...args: unknown[]) => told.push(args) } as unknown as Logger;
    let status = 404;
    const http: HttpStreams = {
      stream: (_, consume) =>
        consume({ status, headers: {}, body: bytes(status === 200 ? JSON.stringify([user('ann', 1, 60)]) : '') }),
    };
    const collector = create({ ...testContext(http, new ManualClock()), log });
    await collector.run();
    await collector.run();
    expect(collector.families()).toEqual([]);
    expect(told).toHaveLength(1);
    status = 200;
    await collector.run();
    expect(values(collector.families(), 'jellyfin_playback_reporting_plays')).toEqual({ ann: 1 });
    status = 404;
    await collector.run();
    expect(collector.families()).toEqual([]);
    expect(told).toHaveLength(2);
  });

  test('that is no list is a failure', async () => {
    const { collector } = open(create, () => ({ message: 'no' }));
    await expect(collector.run()).rejects.toMatchObject({ code: 'MX_UPSTREAM_ANSWER' });
  });
});

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
