import { AGGREGATED_CATALOGUE, DEFAULT_CATALOGUE, seedCatalogue } from '@media-exporter/mediasoup';
import { SERIES_DUPLICATED } from '@media-exporter/metrics';
import { MEDIA_CATALOGUE } from '@media-exporter/model';
import { PROCESS_CATALOGUE } from '../../packages/exporter/src/process.ts';
import { SELF_CATALOGUE } from '../../packages/exporter/src/self.ts';
import { PLEX_ONLY_CATALOGUE } from '../../packages/exporter/src/sources/plex/families/catalogue-plex.ts';
import { SEED_CATALOGUE } from '../../packages/exporter/src/sources/plex/families/catalogue-seed.ts';
import { STATE_CATALOGUE } from '../../packages/exporter/src/state/metrics.ts';
import { JELLYFIN_CHAPTERS } from './jellyfin-chapters.ts';
import type { Chapter } from './table.ts';

/** Every catalogue of this repository, in the order of `docs/METRICS.md`. */
export const CHAPTERS: readonly Chapter[] = [
  {
    title: 'Every media server',
    text: 'What all types of source share, each as far as its server tells it. On `/metrics` they have no label `source`: `server` is the name of the source. `unified: false` switches them off, and `media_session_*` are there with `session_series: true` only.',
    catalogue: MEDIA_CATALOGUE,
  },
  {
    title: 'Plex, under the names of the original exporter',
    text: 'From a source of type `plex`, and what `media-exporter plex` serves.',
    catalogue: SEED_CATALOGUE,
  },
  {
    title: 'Plex',
    text: 'What a source of type `plex` tells beyond them.',
    catalogue: PLEX_ONLY_CATALOGUE,
  },
  ...JELLYFIN_CHAPTERS,
  {
    title: 'mediasoup',
    text: 'Served by an SFU that embeds `@media-exporter/mediasoup`, and by the daemon from a source of type `mediasoup` (`default` in its `sets`). Series of single rooms are there where the host allows their detail.',
    catalogue: DEFAULT_CATALOGUE,
  },
  {
    title: "mediasoup, under the names of edumeet's exporter",
    text: '`seed` in `sets`, and what `media-exporter mediasoup` serves. The prefix `Ejtimaa_` is an option. Series of single rooms and streams are there where the host allows their detail.',
    catalogue: seedCatalogue(),
  },
  {
    title: "mediasoup, the aggregated set of edumeet's exporter",
    text: '`aggregated` in `sets`, or `--mediasoup.aggregated`: so that its Grafana dashboard keeps working.',
    catalogue: AGGREGATED_CATALOGUE,
  },
  {
    title: 'The exporter about itself',
    text: "On the daemon's `/metrics`, always; those of the state store once something was kept.",
    catalogue: [...SELF_CATALOGUE, ...STATE_CATALOGUE, SERIES_DUPLICATED],
  },
  {
    title: "The exporter's own process",
    text: "On the daemon's `/metrics`. In `media-exporter jellyfin` those that begin with `process_` begin with `media_exporter_process_`.",
    catalogue: PROCESS_CATALOGUE,
  },
];
