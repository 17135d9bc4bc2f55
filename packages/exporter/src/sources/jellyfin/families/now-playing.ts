import { defineMetric, type Family, family, type Metric } from '@media-exporter/metrics';
import type { PrivacyFilter } from '../../privacy.ts';
import { sessionLabel } from '../sessions/session-label.ts';
import type { ActiveSession } from '../state.ts';
import { secondsOf } from '../ticks.ts';

const COST = '/Sessions';
const SESSION = { session: 'personal' } as const;

const INFO = defineMetric({
  name: 'jellyfin_now_playing_info',
  type: 'gauge',
  help: 'What a session plays; always 1.',
  labels: {
    ...SESSION,
    user: 'personal',
    client: 'public',
    device: 'personal',
    media_type: 'public',
    title: 'personal',
    series: 'personal',
    season: 'public',
    episode: 'public',
    play_method: 'public',
    state: 'public',
  },
  cost: COST,
});
const POSITION = defineMetric({
  name: 'jellyfin_now_playing_position_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'Where in the item the session is, as the server has it.',
  labels: SESSION,
  cost: COST,
});
const DURATION = defineMetric({
  name: 'jellyfin_now_playing_duration_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'How long the item is; absent for live television.',
  labels: SESSION,
  cost: COST,
});
const COMPLETION = defineMetric({
  name: 'jellyfin_transcode_session_completion_ratio',
  type: 'gauge',
  unit: 'ratio',
  help: 'Where in the item the encoder of the session is: ahead of the viewer.',
  labels: SESSION,
  cost: COST,
});
const FRAMERATE = defineMetric({
  name: 'jellyfin_transcode_session_framerate',
  type: 'gauge',
  help: "ffmpeg's average of frames per second since its start or the last seek.",
  labels: SESSION,
  cost: COST,
});
const SIZE = defineMetric({
  name: 'jellyfin_transcode_session_pixels',
  type: 'gauge',
  help: 'Width and height of what is encoded for the session.',
  labels: { ...SESSION, dimension: 'public' },
  cost: COST,
});

/** Series of single sessions, where they are asked for. */
export const NOW_PLAYING_CATALOGUE: readonly Metric[] = [INFO, POSITION, DURATION, COMPLETION, FRAMERATE, SIZE];

export function nowPlayingFamilies(active: readonly ActiveSession[], privacy: PrivacyFilter): Family[] {
  const rows = <T>(value: (one: ActiveSession) => T): (readonly [{ session: string }, T])[] =>
    active.map((one, index) => [{ session: sessionLabel(one.session, index, privacy) }, value(one)]);
  return [
    family(
      INFO,
      active.map(({ session, item, method, state }, index) => [
        {
          session: sessionLabel(session, index, privacy),
          user: privacy.user(session.user),
          client: session.client,
          device: privacy.user(session.device),
          media_type: item.mediaType,
          title: privacy.title(item.title),
          series: privacy.title(item.series ?? ''),
          season: item.season === undefined ? '' : String(item.season),
          episode: item.episode === undefined ? '' : String(item.episode),
          play_method: method ?? 'unknown',
          state,
        },
        1,
      ]),
    ),
    family(
      POSITION,
      rows(({ session }) => secondsOf(session.positionTicks)),
    ),
    family(
      DURATION,
      rows(({ item }) => secondsOf(item.runTimeTicks)),
    ),
    family(
      COMPLETION,
      rows(({ transcoding }) => transcoding?.completionRatio),
    ),
    family(
      FRAMERATE,
      rows(({ transcoding }) => transcoding?.framerate),
    ),
    family(
      SIZE,
      active.flatMap(({ session, transcoding }, index) => {
        const label = sessionLabel(session, index, privacy);
        return [
          [{ session: label, dimension: 'width' }, transcoding?.width] as const,
          [{ session: label, dimension: 'height' }, transcoding?.height] as const,
        ];
      }),
    ),
  ];
}
