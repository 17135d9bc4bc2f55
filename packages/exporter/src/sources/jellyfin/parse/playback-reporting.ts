import type { Parsed } from '../../http/http.ts';
import { amount, fields, known, parseList, text } from './json.ts';

/** What the plugin Playback Reporting has counted of one user. */
export interface ReportedUser {
  readonly user: string;
  readonly plays?: number;
  readonly seconds?: number;
}

/** `/user_usage_stats/user_activity`. */
export function parsePlaybackReport(json: unknown): Parsed<ReportedUser[]> {
  return parseList(json, (entry) => {
    const raw = fields(entry);
    const user = text(raw?.user_name) ?? text(raw?.user_id);
    if (raw === undefined || user === undefined) return undefined;
    return known<ReportedUser>({ user, plays: amount(raw.total_count), seconds: amount(raw.total_time) });
  });
}
