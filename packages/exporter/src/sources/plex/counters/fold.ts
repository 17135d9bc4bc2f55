import { OTHER } from '@media-exporter/metrics';
import type { Tally, TallyRow } from '@media-exporter/model';
import { PLAY_LABELS, type PlayLabel, SERVER_LABELS } from '../labels.ts';

/** What the rows of the play counters count. */
export const PLAY_FIELDS = ['plays', 'seconds'] as const;
export type PlayField = (typeof PLAY_FIELDS)[number];

export interface FoldOptions {
  /** How long a row stays as it is after the last time that it grew, ms. */
  readonly foldAfterMs: number;
  /** The most rows there shall be. Those of running sessions stay even beyond it. */
  readonly budget: number;
}

/**
 * Folds rows of the play counters that no running session adds to: they are added to the row that has
 * {@link OTHER} for what tells plays apart. Rows fold when they are old, and the oldest earlier while there are more than the
 * budget. Where that is not enough, folded rows are folded once more, into one for each server, `transcode_type` and
 * `subtitle_action`. The sum over all rows stays the same.
 *
 * @param running the labels of the sessions that run, as `playLabels` gives them.
 * @param at on the timeline of the tally, ms.
 */
export function foldPlays(
  tally: Tally<PlayField>,
  running: Iterable<readonly string[]>,
  at: number,
  { foldAfterMs, budget }: FoldOptions,
): void {
  const busy = new Set(Array.from(running, (labels) => JSON.stringify(labels)));
  const due = ({ changedAt }: TallyRow<PlayField>): boolean => at - changedAt >= foldAfterMs || tally.size > budget;
  const finished = [...tally.rows()]
    .filter((row) => due(row) && !isFolded(row.labels) && !busy.has(JSON.stringify(row.labels)))
    .sort((a, b) => a.changedAt - b.changedAt);
  for (const row of finished) {
    if (!due(row)) break;
    tally.move(row.labels, playFolded(row.labels), at);
  }
  if (tally.size <= budget) return;
  const old = [...tally.rows()].filter(({ labels }) => isFolded(labels)).sort((a, b) => a.changedAt - b.changedAt);
  for (const { labels } of old) {
    if (tally.size <= budget) break;
    tally.move(labels, folded(labels, ALL_BUT_ACTIONS), at);
  }
}

/** The labels of the row that a row of the play counters is folded into. */
export function playFolded(labels: readonly string[]): string[] {
  return folded(labels, PER_PLAY);
}

/** So many rows of accounts there are before any are folded. */
const ACCOUNTS = 256;

/**
 * Folds rows of accounts that the server does not name any more, those first that have not grown for longest, while
 * there are very many. A row has the labels `[scope, account]`.
 *
 * @param named the accounts of the last answer, as they are called in labels.
 * @param at on the timeline of the tally, ms.
 */
export function foldAccounts(tally: Tally<'bytes'>, named: ReadonlySet<string>, at: number): void {
  if (tally.size <= ACCOUNTS) return;
  const gone = [...tally.rows()]
    .filter(({ labels: [, account = ''] }) => account !== OTHER && !named.has(account))
    .sort((a, b) => a.changedAt - b.changedAt);
  for (const { labels } of gone) {
    if (tally.size <= ACCOUNTS) break;
    tally.move(labels, accountFolded(labels), at);
  }
}

/** The labels of the row that a row of an account is folded into. */
export function accountFolded([scope = '']: readonly string[]): string[] {
  return [scope, OTHER];
}

const NAMES = Object.keys(PLAY_LABELS) as PlayLabel[];
const SESSION = NAMES.indexOf('session');

/** What tells one play from another. */
const PER_PLAY: ReadonlySet<PlayLabel> = new Set([
  'title',
  'child_title',
  'grandchild_title',
  'stream_bitrate',
  'device',
  'user',
  'session',
]);

const ALL_BUT_ACTIONS: ReadonlySet<PlayLabel> = new Set(
  NAMES.filter((name) => !(name in SERVER_LABELS) && name !== 'transcode_type' && name !== 'subtitle_action'),
);

function isFolded(labels: readonly string[]): boolean {
  return labels[SESSION] === OTHER;
}

function folded(labels: readonly string[], names: ReadonlySet<PlayLabel>): string[] {
  return NAMES.map((name, index) => (names.has(name) ? OTHER : (labels[index] ?? '')));
}
