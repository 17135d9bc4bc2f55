import { createHmac } from 'node:crypto';
import type { Privacy, PrivacyFilter } from '../privacy.ts';
import type { PlexSession } from './state.ts';

/**
 * A session with its people and titles as the policy shows them. It goes before labels are made and before anything is
 * kept, so that neither metrics nor the state on disk have what is hidden. The ids of user, player and item stay:
 * plays are told apart by them, and no metric shows them.
 */
export function hideSession(session: PlexSession, privacy: PrivacyFilter): PlexSession {
  if (privacy.clear) return session;
  const { parentTitle, grandparentTitle, player } = session;
  return {
    ...session,
    title: privacy.title(session.title),
    ...(parentTitle === undefined ? {} : { parentTitle: privacy.title(parentTitle) }),
    ...(grandparentTitle === undefined ? {} : { grandparentTitle: privacy.title(grandparentTitle) }),
    user: privacy.user(session.user),
    player: { ...player, device: privacy.user(player.device), title: privacy.user(player.title) },
  };
}

/** Stands for how names are shown, to be kept beside them: under another mark they may not be shown as they are. */
export function policyMark({ users, titles, key }: Privacy): string {
  const policy = `users ${users}, titles ${titles}`;
  if (users !== 'pseudonym' && titles !== 'pseudonym') return policy;
  return `${policy}, key ${createHmac('sha256', key.reveal()).update(policy).digest('hex').slice(0, 16)}`;
}
