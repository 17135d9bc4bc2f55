import { defineMetric, type Family, family, type Metric } from '@media-exporter/metrics';
import type { PrivacyFilter } from '../../privacy.ts';
import { selectedAudio } from '../sessions/watching.ts';
import type { ActiveSession, ActiveTranscode } from '../state.ts';
import type { TranscodeView } from '../transcodes/transcode-watch.ts';
import { LabelSums } from './rows.ts';

const COST = '/Sessions';

const SESSIONS = defineMetric({
  name: 'jellyfin_sessions_total',
  type: 'gauge',
  help: 'Sessions that the server has now, idle ones included. Not a counter, in spite of its name: clients without a websocket stay in it until the server is restarted.',
  cost: COST,
});
const ACTIVE = defineMetric({
  name: 'jellyfin_sessions_active',
  type: 'gauge',
  help: 'Sessions that play, or are paused, and whose client has confirmed it within 60 s (paused: 5 min). play_method is what the client claims.',
  labels: { user: 'personal', client: 'public', play_method: 'public', media_type: 'public', state: 'public' },
  cost: COST,
});
const BY_CLIENT = defineMetric({
  name: 'jellyfin_sessions_by_client',
  type: 'gauge',
  help: 'All sessions, by application.',
  labels: { client: 'public' },
  cost: COST,
});
const ACTIVE_USERS = defineMetric({
  name: 'jellyfin_active_users',
  type: 'gauge',
  help: 'People who play (confirmed within 60 s), are paused or browse (within 5 min). Approximate: it rests on what clients report.',
  cost: COST,
});
const BANDWIDTH = defineMetric({
  name: 'jellyfin_bandwidth_bytes_per_second',
  type: 'gauge',
  unit: 'bytes_per_second',
  help: 'Bitrate of what plays now, in bytes; not network traffic. estimate="media": of the streams that are copied. estimate="ceiling": the most that an encoded stream may take, often several times what flows.',
  labels: { user: 'personal', scope: 'public', estimate: 'public' },
  cost: COST,
});
const BITRATE_UNKNOWN = defineMetric({
  name: 'jellyfin_sessions_bitrate_unknown',
  type: 'gauge',
  help: 'Playing sessions that jellyfin_bandwidth_bytes_per_second leaves out, since their bitrate is not known.',
  cost: COST,
});
const TRANSCODES = defineMetric({
  name: 'jellyfin_transcode_active',
  type: 'gauge',
  help: 'Devices that video (with or without audio) or only audio is encoded for. Approximate: what the server tells of transcodes flickers, and stays until the player stops.',
  labels: { kind: 'public' },
  cost: COST,
});
const REMUXES = defineMetric({
  name: 'jellyfin_remux_active',
  type: 'gauge',
  help: 'Devices whose streams are put into another container without being encoded.',
  cost: COST,
});
const RUNNING = defineMetric({
  name: 'jellyfin_transcode_running',
  type: 'gauge',
  help: 'Transcodes and remuxes that ffmpeg tells progress of now: it has not ended.',
  cost: COST,
});
const QUEUE = defineMetric({
  name: 'jellyfin_transcode_queue_length',
  type: 'gauge',
  help: 'Transcodes that were asked for and have told of no progress yet, for at most 30 s. Approximate: Jellyfin has no queue, and a transcode that failed looks the same.',
  cost: COST,
});
const REASONS = defineMetric({
  name: 'jellyfin_transcode_reasons',
  type: 'gauge',
  help: 'Active transcodes by the reasons that the server gives; one may have several, or none.',
  labels: { reason: 'public' },
  cost: COST,
});
const REASONS_TOTAL = defineMetric({
  name: 'jellyfin_transcode_reason_total',
  type: 'counter',
  help: 'Transcodes that were seen to begin, by the reasons that the server gives.',
  labels: { reason: 'public' },
  cost: COST,
});
const CONVERSIONS = defineMetric({
  name: 'jellyfin_transcode_codec_conversions',
  type: 'gauge',
  help: 'Streams that are encoded now, by their codec and the one they get.',
  labels: { kind: 'public', from: 'public', to: 'public' },
  cost: COST,
});

export const SESSIONS_CATALOGUE: readonly Metric[] = [
  SESSIONS,
  ACTIVE,
  BY_CLIENT,
  ACTIVE_USERS,
  BANDWIDTH,
  BITRATE_UNKNOWN,
  TRANSCODES,
  REMUXES,
  RUNNING,
  QUEUE,
  REASONS,
  REASONS_TOTAL,
  CONVERSIONS,
];

export interface SessionsView extends TranscodeView {
  /** Applications of all sessions. */
  readonly clients: readonly string[];
  readonly active: readonly ActiveSession[];
  readonly activeUsers: number;
}

export function sessionsFamilies(view: SessionsView, privacy: PrivacyFilter): Family[] {
  const { clients, active, transcodes } = view;
  const byClient = new LabelSums();
  for (const client of clients) byClient.add([client]);
  const playing = new LabelSums();
  for (const { session, item, method, state } of active) {
    playing.add([privacy.user(session.user), session.client, method ?? 'unknown', item.mediaType, state]);
  }
  const kinds = new LabelSums().add(['video'], 0).add(['audio'], 0);
  for (const { kind } of transcodes) kinds.add([kind === 'audio' ? 'audio' : 'video']);
  const reasons = new LabelSums();
  for (const { transcoding } of transcodes) for (const reason of new Set(transcoding.reasons)) reasons.add([reason]);
  return [
    family(SESSIONS, clients.length),
    playing.family(ACTIVE),
    byClient.family(BY_CLIENT),
    family(ACTIVE_USERS, view.activeUsers),
    ...bandwidthFamilies(active, privacy),
    kinds.family(TRANSCODES),
    family(REMUXES, view.remuxes.length),
    family(RUNNING, view.running),
    family(QUEUE, view.queued),
    reasons.family(REASONS),
    conversions(transcodes),
  ];
}

/** Counters by reason. */
export function reasonTotals(totals: ReadonlyMap<string, number>): Family {
  return { metric: REASONS_TOTAL, samples: Array.from(totals, ([reason, value]) => ({ labels: [reason], value })) };
}

function bandwidthFamilies(active: readonly ActiveSession[], privacy: PrivacyFilter): Family[] {
  const sums = new LabelSums();
  let unknown = 0;
  for (const { session, state, scope = 'unknown', bitsPerSecond, ceilingBitsPerSecond } of active) {
    if (state === 'paused') continue;
    const user = privacy.user(session.user);
    if (bitsPerSecond !== undefined) sums.add([user, scope, 'media'], bitsPerSecond / 8);
    else if (ceilingBitsPerSecond !== undefined) sums.add([user, scope, 'ceiling'], ceilingBitsPerSecond / 8);
    else unknown += 1;
  }
  return [sums.family(BANDWIDTH), family(BITRATE_UNKNOWN, unknown)];
}

function conversions(transcodes: readonly ActiveTranscode[]): Family {
  const sums = new LabelSums();
  for (const { session, transcoding, kind } of transcodes) {
    const streams = session.item?.streams ?? [];
    const { audioCodec = '', videoCodec = '' } = transcoding;
    const video = streams.find(({ type }) => type === 'video');
    if (kind !== 'audio' && video !== undefined) sums.add(['video', video.codec, videoCodec]);
    const audio = selectedAudio(streams, session.audioStreamIndex);
    if (!transcoding.audioDirect && audio !== undefined) sums.add(['audio', audio.codec, audioCodec]);
  }
  return sums.family(CONVERSIONS);
}
