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
import type { PrivacyFilter } from '../privacy.ts';

type Sets = Pick<MediasoupSettings, 'sets' | 'prefix' | 'quiet'>;

/** The families of a state: the same that the SFU serves itself, made by the same functions. */
export function makeFamilies(state: SfuState, { sets, prefix, quiet }: Sets): Family[] {
  return [
    ...(sets.includes('default') ? defaultFamilies(state) : []),
    ...(sets.includes('seed') ? seedFamilies(state, { prefix, quiet }) : []),
    ...(sets.includes('aggregated') ? aggregatedFamilies(state) : []),
  ];
}

/** All that {@link makeFamilies} can give. */
export function makeCatalogue({ sets, prefix }: Pick<Sets, 'sets' | 'prefix'>): readonly Metric[] {
  return [
    ...(sets.includes('default') ? DEFAULT_CATALOGUE : []),
    ...(sets.includes('seed') ? seedCatalogue(prefix) : []),
    ...(sets.includes('aggregated') ? AGGREGATED_CATALOGUE : []),
  ];
}

/** The state with its people hidden as the policy wants, before series are made of it: what becomes alike is merged there. */
export function hidePeople(state: SfuState, privacy: PrivacyFilter): SfuState {
  const { streams } = state.detail;
  if (streams === undefined || privacy.clear) return state;
  const hidden = streams.map((stream) => ({
    ...stream,
    peer: privacy.user(stream.peer),
    displayName: privacy.user(stream.displayName),
    userAgent: privacy.user(stream.userAgent),
    localAddress: privacy.address(stream.localAddress),
    remoteAddress: privacy.address(stream.remoteAddress),
  }));
  return { ...state, detail: { ...state.detail, streams: hidden } };
}
