import type { PrivacyFilter } from '../../privacy.ts';
import type { JellyfinSession } from '../state.ts';

/**
 * What tells a session from others. Its id is that of an application on a device of a person; where that is dropped it is
 * the place among those that are shown, which means nothing from one scrape to the next.
 */
export function sessionLabel({ id }: JellyfinSession, index: number, privacy: PrivacyFilter): string {
  return privacy.user(id) || String(index + 1);
}
