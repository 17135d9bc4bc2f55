import { describe, expect, test } from 'vitest';
import type { PrivacyPolicy } from '../../config/schema.ts';
import { Secret } from '../../config/secrets.ts';
import { PrivacyFilter } from '../privacy.ts';
import { playLabels } from './labels.ts';
import { hideSession, policyMark } from './privacy.ts';
import { LIBRARIES, makeSession, SERVER } from './state.testing.ts';

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
