import type { Parsed } from '../../http/http.ts';
import type { ActivityEntry } from '../state.ts';
import { date, fields, guid, known, list, number, text } from './json.ts';

/** The types that servers are known to log: another one becomes `other`, so that the series stay few. */
export const ACTIVITY_TYPES: readonly string[] = [
  'VideoPlayback',
  'AudioPlayback',
  'Playback',
  'VideoPlaybackStopped',
  'AudioPlaybackStopped',
  'PlaybackStopped',
  'SessionStarted',
  'SessionEnded',
  'AuthenticationSucceeded',
  'AuthenticationFailed',
  'UserCreated',
  'UserDeleted',
  'UserPasswordChanged',
  'UserLockedOut',
  'UserDownloadingContent',
  'SubtitleDownloadFailure',
  'LyricDownloadFailure',
  'TaskFailed',
  'PluginInstalled',
  'PluginUninstalled',
  'PluginUpdateInstalled',
  'InstallationFailed',
];

const SEVERITIES: readonly string[] = ['Trace', 'Debug', 'Information', 'Warning', 'Error', 'Critical', 'None'];

/** `/System/ActivityLog/Entries`: the newest first. */
export function parseActivity(json: unknown): Parsed<ActivityEntry[]> {
  const items = fields(json)?.Items;
  if (!Array.isArray(items)) return { ok: false, problem: 'the answer has no Items' };
  return { ok: true, value: list(items).flatMap((entry) => parseEntry(entry) ?? []) };
}

function parseEntry(entry: unknown): ActivityEntry | undefined {
  const raw = fields(entry);
  const id = number(raw?.Id);
  if (raw === undefined || id === undefined) return undefined;
  return known<ActivityEntry>({
    id,
    type: oneOf(ACTIVITY_TYPES, raw.Type) ?? 'other',
    severity: oneOf(SEVERITIES, raw.Severity) ?? 'other',
    date: date(raw.Date),
    userId: guid(raw.UserId) ?? '',
    itemId: text(raw.ItemId),
  });
}

function oneOf(values: readonly string[], value: unknown): string | undefined {
  return typeof value === 'string' && values.includes(value) ? value : undefined;
}
