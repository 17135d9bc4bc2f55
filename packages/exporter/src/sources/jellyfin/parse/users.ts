import type { Parsed } from '../../http/http.ts';
import type { JellyfinUser } from '../state.ts';
import { date, fields, flag, guid, known, parseList, text } from './json.ts';

/** `/Users`. */
export function parseUsers(json: unknown): Parsed<JellyfinUser[]> {
  return parseList(json, (entry) => {
    const raw = fields(entry);
    const id = guid(raw?.Id);
    if (raw === undefined || id === undefined) return undefined;
    const policy = fields(raw.Policy) ?? {};
    return known<JellyfinUser>({
      id,
      name: text(raw.Name) ?? id,
      administrator: flag(policy.IsAdministrator) ?? false,
      disabled: flag(policy.IsDisabled) ?? false,
      lastLogin: date(raw.LastLoginDate),
      lastActivity: date(raw.LastActivityDate),
    });
  });
}
