import { describe, expect, test } from 'vitest';
import type { PrivacyPolicy } from '../../config/schema.ts';
import { Secret } from '../../config/secrets.ts';
import { PrivacyFilter } from '../privacy.ts';
import { LIBRARIES, makeSession, SERVER } from './families.testing.ts';
import { playLabels } from './labels.ts';
import { hideSession } from './privacy.ts';

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
