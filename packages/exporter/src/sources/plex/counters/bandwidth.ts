import type { Scope } from '@media-exporter/model';
import type { BandwidthRow } from '../parse/statistics.ts';

/** What was counted of `/statistics/bandwidth`. Safe for JSON. */
export interface BandwidthMemory {
  /** Seconds of the server up to here are done with: their rows are not looked at any more. */
  readonly floor: number;
  /** What was counted of each row after that: second, account, device, whether lan, bytes. */
  readonly rows: readonly (readonly [at: number, account: string, device: string, lan: boolean, bytes: number])[];
}

export interface BandwidthCredit {
  readonly account: string;
  readonly scope: Scope;
  readonly bytes: number;
}

/** How long the row of a second may still grow, or come late. */
const GROWS_SECONDS = 30;

/** Rows further ahead than this are of a clock that was wrong: they would hold the floor up until then. */
const AHEAD_SECONDS = 600;

/**
 * Counts each row once, and what it has grown by since: rows come in any order, again and again, and the newest ones are
 * not finished. The floor only rises, unless it is far ahead of the server's clock: then it begins anew.
 *
 * @param now seconds since the epoch.
 * @param serverNow the same by the server's clock; left out where it is not known.
 */
export function countBandwidth(
  before: BandwidthMemory,
  rows: readonly BandwidthRow[],
  now: number,
  serverNow?: number,
): { readonly memory: BandwidthMemory; readonly credits: readonly BandwidthCredit[] } {
  const behind = serverNow !== undefined && serverNow < before.floor - AHEAD_SECONDS;
  const memory = behind ? beginBandwidth(serverNow) : before;
  const latest = Math.max(now, serverNow ?? now) + AHEAD_SECONDS;
  const counted = new Map(memory.rows.map((row) => [keyOf(row[0], row[1], row[2], row[3]), row]));
  const credits = new Map<string, BandwidthCredit>();
  let newest = memory.floor;
  for (const { at, account, device, lan, bytes } of rows) {
    if (at <= memory.floor || at > latest) continue;
    newest = Math.max(newest, at);
    const key = keyOf(at, account, device, lan);
    const known = counted.get(key)?.[4] ?? 0;
    if (bytes <= known) continue;
    counted.set(key, [at, account, device, lan, bytes]);
    const scope = lan ? 'lan' : 'wan';
    const to = JSON.stringify([account, scope]);
    credits.set(to, { account, scope, bytes: (credits.get(to)?.bytes ?? 0) + bytes - known });
  }
  const floor = Math.max(memory.floor, newest - GROWS_SECONDS);
  const kept = [...counted.values()].filter(([at]) => at > floor);
  return { memory: { floor, rows: kept }, credits: [...credits.values()] };
}

/** Nothing was counted yet: what was sent up to `start`, seconds since the epoch, is not counted at all. */
export function beginBandwidth(start: number): BandwidthMemory {
  return { floor: Math.floor(start), rows: [] };
}

/** Leaves out what was sent up to `to`, seconds since the epoch, as far as it was not counted. */
export function skipBandwidth({ floor, rows }: BandwidthMemory, to: number): BandwidthMemory {
  const skipped = Math.max(floor, Math.floor(to));
  return { floor: skipped, rows: rows.filter(([at]) => at > skipped) };
}

/** Reads what was kept; `undefined` when it is not whole. */
export function restoreBandwidth(kept: unknown): BandwidthMemory | undefined {
  const { floor, rows } = (kept ?? {}) as Partial<Record<keyof BandwidthMemory, unknown>>;
  if (typeof floor !== 'number' || !Number.isFinite(floor) || !Array.isArray(rows)) return undefined;
  return rows.every(isRow) ? { floor, rows } : undefined;
}

function isRow(row: unknown): row is BandwidthMemory['rows'][number] {
  if (!Array.isArray(row)) return false;
  const [at, account, device, lan, bytes] = row as unknown[];
  const numbers = Number.isFinite(at) && Number.isFinite(bytes);
  return numbers && typeof account === 'string' && typeof device === 'string' && typeof lan === 'boolean';
}

function keyOf(at: number, account: string, device: string, lan: boolean): string {
  return JSON.stringify([at, account, device, lan]);
}
