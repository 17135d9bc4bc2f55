import {
  AGGREGATED_CATALOGUE,
  aggregatedFamilies,
  DEFAULT_CATALOGUE,
  defaultFamilies,
  type SfuState,
  seedCatalogue,
  seedFamilies,
} from '@media-exporter/mediasoup';
import type { Family, Metric } from '@media-exporter/metrics';
import type { MediasoupSettings } from '../../config/schema.ts';
import type { PersonalKind } from '../privacy.ts';

type Sets = Pick<MediasoupSettings, 'sets' | 'prefix'>;

/** The labels of the seed's metrics that tell of a person. */
export const PERSONAL_LABELS: Readonly<Record<string, PersonalKind>> = {
  display_name: 'users',
  user_agent: 'users',
  local_addr: 'addresses',
  remote_addr: 'addresses',
};

/** The families of a state: the same that the SFU serves itself, made by the same functions. */
export function makeFamilies(state: SfuState, { sets, prefix }: Sets): Family[] {
  return [
    ...(sets.includes('default') ? defaultFamilies(state) : []),
    ...(sets.includes('seed') ? seedFamilies(state, { prefix }) : []),
    ...(sets.includes('aggregated') ? aggregatedFamilies(state) : []),
  ];
}

export function makeCatalogue({ sets, prefix }: Sets): readonly Metric[] {
  return [
    ...(sets.includes('default') ? DEFAULT_CATALOGUE : []),
    ...(sets.includes('seed') ? seedCatalogue(prefix) : []),
    ...(sets.includes('aggregated') ? AGGREGATED_CATALOGUE : []),
  ];
}
