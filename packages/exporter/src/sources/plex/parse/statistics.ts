import type { PlexActivity, PlexBackgroundJob, PlexResources } from '../state.ts';
import { container } from './body.ts';
import { amount, filled, flag, type Json, known, number, record, records, text } from './json.ts';

/** What one account took to one device in one second. */
export interface BandwidthRow {
  /** Seconds since the epoch, by the server's clock. */
  readonly at: number;
  readonly account: string;
  readonly device: string;
  readonly lan: boolean;
  readonly bytes: number;
}

export interface Bandwidth {
  readonly rows: readonly BandwidthRow[];
  /** The names of the accounts that the rows speak of, by id. */
  readonly accounts: ReadonlyMap<string, string>;
}

/** `/statistics/bandwidth?timespan=6` */
export const parseBandwidth = container((body): Bandwidth => {
  const rows = records(body.StatisticsBandwidth).flatMap((row) => readRow(row) ?? []);
  const accounts = records(body.Account).flatMap((account): [string, string][] => {
    const id = filled(account.id);
    return id === undefined ? [] : [[id, text(account.name) ?? '']];
  });
  return { rows, accounts: new Map(accounts) };
});

function readRow(row: Json): BandwidthRow | undefined {
  const at = amount(row.at);
  const bytes = amount(row.bytes);
  // Other spans are sums over the same bytes.
  if (at === undefined || bytes === undefined || (number(row.timespan) ?? 6) !== 6) return undefined;
  const account = text(row.accountID) ?? '';
  return { at, account, device: text(row.deviceID) ?? '', lan: flag(row.lan) === true, bytes };
}

/** `/statistics/resources?timespan=6`: the newest row; `at` is 0 where there is none. */
export const parseResources = container((body): PlexResources => {
  const rows = records(body.StatisticsResources).map(readResources);
  return rows.reduce((newest, row) => (row.at > newest.at ? row : newest), { at: 0 });
});

function readResources(row: Json): PlexResources {
  return known<PlexResources>({
    at: (amount(row.at) ?? 0) * 1000,
    hostCpuPercent: amount(row.hostCpuUtilization),
    hostMemoryPercent: amount(row.hostMemoryUtilization),
    processCpuPercent: amount(row.processCpuUtilization),
    processMemoryPercent: amount(row.processMemoryUtilization),
  });
}

/** `/activities` */
export const parseActivities = container((body): readonly PlexActivity[] =>
  records(body.Activity).flatMap((activity) => readActivity(activity) ?? []),
);

export function readActivity(json: Json | undefined): PlexActivity | undefined {
  const id = filled(json?.uuid);
  const type = filled(json?.type);
  if (id === undefined || type === undefined) return undefined;
  return known<PlexActivity>({ id, type, progressRatio: ratio(json?.progress) });
}

/** `/status/sessions/background` */
export const parseBackground = container((body): readonly PlexBackgroundJob[] =>
  records(body.TranscodeJob).map((job) =>
    known<PlexBackgroundJob>({
      type: filled(job.type) ?? 'unknown',
      progressRatio: ratio(job.progress),
      speedRatio: amount(job.speed),
      remainingSeconds: amount(job.remaining),
    }),
  ),
);

/** Percent as a part of 1; absent where it is out of its range, which stands for not known. */
export function ratio(percent: unknown): number | undefined {
  const read = amount(percent);
  return read !== undefined && read <= 100 ? read / 100 : undefined;
}

/** The section that an activity is about. */
export function activitySection(json: Json | undefined): string | undefined {
  return filled(record(json?.Context)?.librarySectionID);
}
