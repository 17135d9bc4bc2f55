import { defineMetric, type Family, family, type Metric } from '@media-exporter/metrics';
import type { PrivacyFilter } from '../../privacy.ts';
import { plainAddress } from '../sessions/scope.ts';
import { sessionLabel } from '../sessions/session-label.ts';
import type { JellyfinSession } from '../state.ts';

const INFO = defineMetric({
  name: 'jellyfin_session_info',
  type: 'gauge',
  help: 'Who is at a session that plays, is paused or browses (within 5 min), with which application and from where; always 1. address follows privacy.addresses; of a proxy that the server does not know, it is its own.',
  labels: {
    session: 'personal',
    user: 'personal',
    client: 'public',
    version: 'public',
    device: 'personal',
    address: 'personal',
  },
  cost: '/Sessions',
});

export const SESSION_INFO_CATALOGUE: readonly Metric[] = [INFO];

/** `sessions` begins with those that play, in the order in which the other series of single sessions have them. */
export function sessionInfoFamilies(sessions: readonly JellyfinSession[], privacy: PrivacyFilter): Family[] {
  return [
    family(
      INFO,
      sessions.map((session, index) => [
        {
          session: sessionLabel(session, index, privacy),
          user: privacy.user(session.user),
          client: session.client,
          version: session.clientVersion,
          device: privacy.user(session.device),
          address: privacy.host(plainAddress(session.address ?? '')),
        },
        1,
      ]),
    ),
  ];
}
