import {
  type Credit,
  changedPlays,
  type Delivery,
  type MediaType,
  type Observation,
  type Play,
  Tally,
  TRACKER_DEFAULTS,
  type TrackerState,
  track,
  trackerMeta,
} from '@media-exporter/model';
import type { StateScope } from '../../../state/store.ts';
import { known } from '../parse/json.ts';
import type { Bandwidth } from '../parse/statistics.ts';
import type { PlayAttributes } from '../sessions/join.ts';
import type { SessionCounters } from '../sessions/viewing.ts';
import type { PlexTotals } from '../state.ts';
import { type BandwidthMemory, beginBandwidth, countBandwidth, skipBandwidth } from './bandwidth.ts';
import {
  accountFolded,
  type FoldOptions,
  foldAccounts,
  foldPlays,
  PLAY_FIELDS,
  type PlayField,
  playFolded,
} from './fold.ts';
import { SessionKeys } from './keys.ts';
import { KEYS, type Kept, SENT_FIELDS, type Sums } from './recall.ts';

/** DLNA clients open a session for a moment just to look: one that is gone within three seconds is no play. */
const TRACKER_OPTIONS = { ...TRACKER_DEFAULTS, settleMs: 3000 };

type SentField = (typeof SENT_FIELDS)[number];

/**
 * All counters of one Plex server. Whatever changes with one observation is kept in the same turn, so that after a kill
 * either all of it is there or nothing.
 */
export class PlexCounters implements SessionCounters {
  readonly #state: StateScope;
  readonly #plays: Tally<PlayField>;
  readonly #unified: Tally<PlayField>;
  readonly #sent: Tally<SentField>;
  readonly #keys: SessionKeys;
  #tracker: TrackerState<PlayAttributes>;
  /** Whether the sessions were ever looked at: if not, nothing is known to be 0. */
  #observed: boolean;
  #sums: Sums;
  #bandwidth: BandwidthMemory;

  /** @param now milliseconds on the timeline. What was sent before is not counted, unless an earlier run counted it. */
  constructor(state: StateScope, kept: Kept, now: number) {
    this.#state = state;
    this.#plays = new Tally(PLAY_FIELDS, kept.plays);
    this.#unified = new Tally(PLAY_FIELDS, kept.unified);
    this.#sent = new Tally(SENT_FIELDS, kept.sent);
    this.#tracker = kept.tracker;
    this.#observed = kept.observed;
    this.#sums = kept.sums ?? { estimatedBytes: 0, bufferingEvents: 0, errorEvents: 0 };
    this.#bandwidth = kept.bandwidth ?? beginBandwidth(now / 1000);
    this.#keys = new SessionKeys(kept.keys, this.#running());
    if (kept.bandwidth === undefined) this.#state.put(KEYS.bandwidth, this.#bandwidth);
    if (kept.newPolicy !== undefined) this.#forgetNames(kept.newPolicy, now);
  }

  /** Folds the native rows of plays that have ended. */
  fold(at: number, options: FoldOptions): void {
    const running = this.#running().map((play) => play.session.attributes.labels);
    foldPlays(this.#plays, running, at, options);
    this.#keep();
  }

  /** Takes what was seen of sessions. */
  observe(observation: Omit<Observation<PlayAttributes>, 'epoch'>): void {
    this.#observed = true;
    if (observation.complete) this.#keys.take(observation.sessions);
    const before = this.#tracker;
    const { state, credits } = track(before, { ...observation, epoch: this.#keys.epoch }, TRACKER_OPTIONS);
    this.#tracker = state;
    for (const credit of credits) this.#earn(credit, observation.at);
    this.#keepTracker(before);
    this.#keep();
  }

  /** Told that the server was started anew. */
  restart(): void {
    this.#keys.restart();
  }

  /** Counts what happened `times` times. */
  count(event: 'bufferingEvents' | 'errorEvents', times: number): void {
    if (times === 0) return;
    this.#sums = { ...this.#sums, [event]: this.#sums[event] + times };
    this.#state.put(KEYS.sums, this.#sums);
  }

  /** The second, by the server's clock, from which on rows of the bandwidth are wanted. */
  get bandwidthSince(): number {
    return this.#bandwidth.floor + 1;
  }

  /** Counts the bandwidth. `show` gives what a name is in labels; `serverNow` is in seconds. */
  countBandwidth(
    { rows, accounts }: Bandwidth,
    show: (name: string) => string,
    date: number,
    serverNow?: number,
  ): void {
    const nameOf = (id: string): string => show(accounts.get(id) || id);
    const { memory, credits } = countBandwidth(this.#bandwidth, rows, date / 1000, serverNow);
    for (const { scope, account, bytes } of credits) this.#sent.add([scope, nameOf(account)], { bytes }, date);
    if (credits.length === 0 && memory.floor === this.#bandwidth.floor) return;
    this.#bandwidth = memory;
    this.#state.put(KEYS.bandwidth, memory);
    const named = [...accounts.keys(), ...rows.map(({ account }) => account)];
    foldAccounts(this.#sent, new Set(named.map(nameOf)), date);
    this.#keep();
  }

  /** Goes on counting the bandwidth from `date`, because there is more than can be read. */
  skipBandwidth(date: number): void {
    this.#bandwidth = skipBandwidth(this.#bandwidth, date / 1000 - 60);
    this.#state.put(KEYS.bandwidth, this.#bandwidth);
  }

  totals(): PlexTotals {
    const rows = <F extends string>(tally: Tally<F>) => [...tally.rows()];
    const sent = rows(this.#sent).map(({ labels: [scope, account], amounts }) => ({
      scope: scope as 'lan' | 'wan',
      account: account as string,
      bytes: amounts.bytes,
    }));
    const unified = rows(this.#unified).map(({ labels: [mediaType, delivery], amounts }) => ({
      mediaType: mediaType as MediaType,
      delivery: delivery as Delivery,
      ...amounts,
    }));
    const { estimatedBytes, bufferingEvents, errorEvents } = this.#sums;
    const sum = (value: number): number | undefined => (this.#observed || value > 0 ? value : undefined);
    return known<PlexTotals>({
      plays: rows(this.#plays).map(({ labels, amounts }) => ({ labels, ...amounts })),
      unified: this.#observed ? unified : undefined,
      estimatedBytes: sum(estimatedBytes),
      transmitted: sent.length === 0 ? undefined : sent,
      bufferingEvents: sum(bufferingEvents),
      errorEvents: sum(errorEvents),
    });
  }

  /** Folds all that was kept under another privacy policy, also on disk. */
  #forgetNames(policy: string, at: number): void {
    for (const { labels } of [...this.#plays.rows()]) this.#plays.move(labels, playFolded(labels), at);
    for (const { labels } of [...this.#sent.rows()]) this.#sent.move(labels, accountFolded(labels), at);
    for (const [id, play] of this.#tracker.plays) this.#state.put(`${KEYS.play}${id}`, play);
    this.#state.put(KEYS.policy, policy);
    this.#keep();
  }

  /** Keeps the rows that have changed. */
  #keep(): void {
    for (const [prefix, tally] of [
      [KEYS.plays, this.#plays],
      [KEYS.unified, this.#unified],
      [KEYS.sent, this.#sent],
    ] as const) {
      for (const [key, row] of tally.takeChanges()) this.#state.put(`${prefix}${key}`, row);
    }
  }

  #running(): readonly Play<PlayAttributes>[] {
    return [...this.#tracker.plays.values()].filter((play) => play.endedAt === undefined);
  }

  #earn({ attributes, plays, seconds, bytes }: Credit<PlayAttributes>, at: number): void {
    const { labels, mediaType, delivery } = attributes;
    this.#plays.add(labels, { plays, seconds }, at);
    this.#unified.add([mediaType, delivery], { plays, seconds }, at);
    if (bytes === 0) return;
    this.#sums = { ...this.#sums, estimatedBytes: this.#sums.estimatedBytes + bytes };
    this.#state.put(KEYS.sums, this.#sums);
  }

  #keepTracker(before: TrackerState<PlayAttributes>): void {
    this.#state.put(KEYS.tracker, trackerMeta(this.#tracker));
    for (const [id, play] of changedPlays(before, this.#tracker)) this.#state.put(`${KEYS.play}${id}`, play);
    this.#state.put(KEYS.keys, this.#keys.memory);
  }
}
