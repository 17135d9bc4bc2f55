import { describe, expect, test } from 'vitest';
import { SourceBench } from '../../../../../test/support/plex/source-bench.ts';
import type { PrivacyPolicy } from '../../config/schema.ts';
import { Secret } from '../../config/secrets.ts';
import { PrivacyFilter } from '../privacy.ts';
import { playLabels } from './labels.ts';
import { hideSession, policyMark } from './privacy.ts';
import { LIBRARIES, makeSession, SERVER, STATE } from './state.testing.ts';
import { serverState } from './unified.ts';

const PERSONAL = /Bob|Shield|Pilot|Season 1|The Show/;

function filter(users: PrivacyPolicy, titles: PrivacyPolicy): PrivacyFilter {
  return new PrivacyFilter({ users, titles, addresses: users, key: new Secret('a key of some length') });
}

const labels = (privacy: PrivacyFilter) =>
  playLabels(hideSession(makeSession(), privacy), SERVER, LIBRARIES, { bitrate: true });

describe('a hidden session', () => {
  test('is the session itself where nothing is hidden', () => {
    const session = makeSession();
    expect(hideSession(session, filter('clear', 'clear'))).toBe(session);
  });

  test.each(['pseudonym', 'drop'] as const)('has no name, device or title in it with %s', (policy) => {
    expect(JSON.stringify(makeSession())).toMatch(PERSONAL);
    const hidden = hideSession(makeSession(), filter(policy, policy));
    expect(JSON.stringify(hidden)).not.toMatch(PERSONAL);
    expect(labels(filter(policy, policy)).join()).not.toMatch(PERSONAL);
  });

  test('has the same pseudonyms in the native metrics and in the shared ones', () => {
    const privacy = filter('pseudonym', 'pseudonym');
    const session = hideSession(makeSession(), privacy);
    const [shared] = serverState({ ...STATE, sessions: [session] }, true).sessions ?? [];
    const native = labels(privacy);
    expect(shared?.title).toMatch(/^[0-9a-f]{16} - [0-9a-f]{16}$/);
    for (const pseudonym of [shared?.user, shared?.device, ...(shared?.title?.split(' - ') ?? [])]) {
      expect(native).toContain(pseudonym);
    }
  });

  test('keeps its titles where only people are hidden', () => {
    const shown = labels(filter('drop', 'clear'));
    expect(shown).toContain('Pilot');
    expect(shown).not.toContain('Bob');
  });

  test('has no title of a season where the item has none', () => {
    const { parentTitle: _, grandparentTitle: __, ...film } = makeSession({ type: 'movie' });
    expect(hideSession(film, filter('pseudonym', 'pseudonym'))).not.toHaveProperty('parentTitle');
  });
});

describe('the mark of a policy', () => {
  const mark = (users: PrivacyPolicy, titles: PrivacyPolicy, key: string): string =>
    policyMark({ users, titles, addresses: 'clear', key: new Secret(key) });

  test('is another one for each policy', () => {
    const policies = ['clear', 'pseudonym', 'drop'] as const;
    const marks = policies.flatMap((users) => policies.map((titles) => mark(users, titles, 'a key')));
    expect(new Set(marks).size).toBe(9);
  });

  test('depends on the key where there are pseudonyms only, and does not tell it', () => {
    expect(mark('clear', 'drop', 'one')).toBe(mark('clear', 'drop', 'two'));
    expect(mark('clear', 'pseudonym', 'one')).toBe(mark('clear', 'pseudonym', 'one'));
    expect(mark('clear', 'pseudonym', 'one')).not.toBe(mark('clear', 'pseudonym', 'two'));
    expect(mark('pseudonym', 'drop', 'a long key')).not.toContain('a long key');
  });
});

test('nothing that the policy hides is kept or shown', async () => {
  const bench = await SourceBench.start({ privacy: { users: 'drop', titles: 'pseudonym' } });
  const { plex } = bench;
  plex.play({ item: '1001' });
  await bench.advance(60);
  for (const text of [bench.text, await bench.kept()]) {
    expect(text).not.toContain('The Long Evening');
    expect(text).not.toContain('olivia');
    expect(text).not.toContain('SHIELD');
  }
  expect(bench.sum('plays_total')).toBe(1);
});

describe('after a restart with another privacy policy', () => {
  const restart = async (bench: SourceBench): Promise<void> => {
    await bench.source.stop();
    await bench.renew();
  };

  test('nothing that was in clear is shown or kept, and every sum is what it was', async () => {
    const privacy: { users: PrivacyPolicy; titles: PrivacyPolicy } = { users: 'clear', titles: 'clear' };
    const bench = await SourceBench.start({ privacy });
    const { plex } = bench;
    await bench.advance(2);
    const other = plex.play({ item: '1002', user: 'olivia' });
    await bench.advance(60);
    other.stop();
    const film = plex.play({ item: '1001', user: 'olivia' });
    plex.transmit(1_000_000, { location: 'wan', user: 'olivia' });
    await bench.advance(90);
    const sums = ['plays_total', 'play_seconds_total', 'transmit_bytes_total'];
    const before = sums.map((name) => bench.sum(name) ?? 0);
    expect(await bench.kept()).toMatch(/olivia.*The Long Evening|The Long Evening.*olivia/);
    privacy.users = 'pseudonym';
    privacy.titles = 'drop';
    await restart(bench);
    await bench.advance(60);
    for (const text of [bench.text, await bench.kept()]) expect(text).not.toMatch(/olivia|The Long Evening/);
    for (const [index, name] of sums.entries()) expect(bench.sum(name)).toBeGreaterThanOrEqual(before[index] ?? 0);
    film.stop();
    await bench.advance(30);
    expect(bench.sum('plays_total')).toBe(plex.truth.total({ kind: 'play' }).plays);
    expect(Math.abs((bench.sum('play_seconds_total') ?? 0) - plex.truth.total().seconds)).toBeLessThanOrEqual(10);
  });

  test('pseudonyms stay with the same key, and those of another key are no series of their own', async () => {
    const privacy: { users: PrivacyPolicy; key: Secret } = { users: 'pseudonym', key: new Secret('one key') };
    const bench = await SourceBench.start({ privacy });
    const { plex } = bench;
    await bench.advance(2);
    plex.transmit(1_000_000, { location: 'wan', user: 'olivia' });
    await bench.advance(60);
    const accounts = (): readonly (string | undefined)[] => {
      const series = bench.exposition().series('plex_transmitted_bytes_total');
      return series.map(({ labels }) => labels.account);
    };
    const [pseudonym] = accounts();
    expect(pseudonym).toMatch(/^[0-9a-f]{16}$/);
    await restart(bench);
    expect(accounts()).toEqual([pseudonym]);
    privacy.key = new Secret('another key');
    await restart(bench);
    expect(accounts()).toEqual(['__other__']);
    expect(bench.sum('transmit_bytes_total')).toBe(1_000_000);
  });
});
