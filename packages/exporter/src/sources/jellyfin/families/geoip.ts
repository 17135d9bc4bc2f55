import { defineMetric, type Family, type Metric } from '@media-exporter/metrics';
import type { PrivacyFilter } from '../../privacy.ts';
import type { Place } from '../geoip/place.ts';
import { plainAddress } from '../sessions/scope.ts';
import type { ActiveSession } from '../state.ts';
import { LabelSums } from './rows.ts';

const GEO = defineMetric({
  name: 'jellyfin_sessions_geo',
  type: 'gauge',
  help: 'Sessions of jellyfin_sessions_active by where their address is: an ISO country, "local" for private networks, or "unknown". Approximate: of a proxy that the server does not know, it is the address of the proxy. City and coordinates (to 0.1 degrees) are empty where they are not known, and unless privacy.addresses is clear.',
  labels: { country: 'public', city: 'personal', latitude: 'personal', longitude: 'personal' },
  cost: '/Sessions',
});

export const GEOIP_CATALOGUE: readonly Metric[] = [GEO];

export function geoipFamilies(
  active: readonly ActiveSession[],
  find: (address: string) => Place,
  privacy: PrivacyFilter,
): Family[] {
  const sums = new LabelSums();
  for (const { session, scope } of active) {
    const {
      country = 'unknown',
      city = '',
      coordinates,
    } = scope === 'lan' ? { country: 'local' } : find(plainAddress(session.address ?? ''));
    const { latitude, longitude } = coordinates ?? {};
    sums.add([country, ...[city, degrees(latitude), degrees(longitude)].map((value) => privacy.place(value))]);
  }
  return [sums.family(GEO)];
}

/** Some ten kilometres: nearer than the city, no database knows. */
function degrees(value: number | undefined): string {
  return value === undefined ? '' : String(Math.round(value * 10) / 10);
}
