import { restoreTracker, Tally, type TallyRow, type TrackerState } from '@media-exporter/model';
import type { PlayAttributes } from '../sessions/join.ts';
import type { NamedServer } from '../state.ts';
import { type BandwidthMemory, restoreBandwidth } from './bandwidth.ts';
import { PLAY_FIELDS, type PlayField, playFolded } from './fold.ts';
import { type KeyMemory, restoreKeys } from './keys.ts';

export const SENT_FIELDS = ['bytes'] as const;

/** Under which keys the state store has what; those that end in a slash have one key for each row after them. */
export const KEYS = {
  tracker: 'tracker',
  play: 'play/',
  plays: 'plays/',
  unified: 'unified/',
  sent: 'sent/',
  sums: 'sums',
  bandwidth: 'bandwidth',
  keys: 'keys',
  policy: 'policy',
  server: 'server',
} as const;

/** Counters of the whole server. Safe for JSON. */
export interface Sums {
  readonly estimatedBytes: number;
  readonly bufferingEvents: number;
  readonly errorEvents: number;
}

/** What an earlier run kept. */
export interface Kept {
  readonly tracker: TrackerState<PlayAttributes>;
  /** Whether the sessions were ever looked at. */
  readonly observed: boolean;
  readonly plays: readonly TallyRow<PlayField>[];
  readonly unified: readonly TallyRow<PlayField>[];
  readonly sent: readonly TallyRow<'bytes'>[];
  readonly sums?: Sums;
  readonly bandwidth?: BandwidthMemory;
  readonly keys?: KeyMemory;
  /** As it was called when it last told. */
  readonly server?: NamedServer;
  /** The mark of the privacy policy, where it is not the one that the rows were kept under. */
  readonly newPolicy?: string;
}

/**
 * Reads what was kept. Total: what cannot be read is left out, and counts anew.
 *
 * @param labelCount how many labels the native play counters have.
 * @param policy the mark of the privacy policy. Plays that were kept under another one go on without their names.
 */
export function recall(entries: ReadonlyMap<string, unknown>, labelCount: number, policy: string): Kept {
  const isNew = entries.get(KEYS.policy) !== policy;
  const under = (prefix: string): unknown[] =>
    [...entries].flatMap(([key, value]) => (key.startsWith(prefix) ? [value] : []));
  const rows = <F extends string>(prefix: string, fields: readonly F[], labels: number): TallyRow<F>[] =>
    under(prefix).flatMap((row) => Tally.parseRow(row, fields, labels) ?? []);
  const sums = recallSums(entries.get(KEYS.sums));
  const bandwidth = restoreBandwidth(entries.get(KEYS.bandwidth));
  const keys = restoreKeys(entries.get(KEYS.keys));
  const server = recallServer(entries.get(KEYS.server));
  return {
    observed: entries.has(KEYS.tracker),
    tracker: restoreTracker(entries.get(KEYS.tracker), under(KEYS.play), recallAttributes(labelCount, isNew)),
    plays: rows(KEYS.plays, PLAY_FIELDS, labelCount),
    unified: rows(KEYS.unified, PLAY_FIELDS, 2),
    sent: rows(KEYS.sent, SENT_FIELDS, 2),
    ...(sums === undefined ? {} : { sums }),
    ...(bandwidth === undefined ? {} : { bandwidth }),
    ...(keys === undefined ? {} : { keys }),
    ...(server === undefined ? {} : { server }),
    ...(isNew ? { newPolicy: policy } : {}),
  };
}

function recallServer(kept: unknown): NamedServer | undefined {
  const { name, id } = (kept ?? {}) as Partial<Record<keyof NamedServer, unknown>>;
  return typeof name === 'string' && typeof id === 'string' ? { name, id } : undefined;
}

function recallSums(kept: unknown): Sums | undefined {
  const sums = (kept ?? {}) as Partial<Record<keyof Sums, unknown>>;
  const { estimatedBytes, bufferingEvents, errorEvents } = sums;
  const whole = [estimatedBytes, bufferingEvents, errorEvents].every((sum) => typeof sum === 'number' && sum >= 0);
  return whole ? (sums as Sums) : undefined;
}

function recallAttributes(labelCount: number, fold: boolean): (value: unknown) => PlayAttributes | undefined {
  return (value) => {
    const { labels, mediaType, delivery } = (value ?? {}) as Partial<Record<keyof PlayAttributes, unknown>>;
    const texts = [mediaType, delivery, ...(Array.isArray(labels) ? labels : [])];
    const whole = texts.length === labelCount + 2 && texts.every((text) => typeof text === 'string');
    if (!whole) return undefined;
    const attributes = { labels, mediaType, delivery } as PlayAttributes;
    return fold ? { ...attributes, labels: playFolded(attributes.labels) } : attributes;
  };
}
