import { amount, fields, known, text } from '../parse/json.ts';
import type { LevelCounts, LogPosition, SavedServerLog } from './server-log.ts';

/** What was kept of the server's log; `undefined` for what cannot be read, and then the next look is the first. */
export function parseSavedServerLog(saved: unknown): SavedServerLog | undefined {
  const log = fields(saved);
  const since = amount(log?.since);
  if (since === undefined) return undefined;
  return known<SavedServerLog>({ since, position: position(log?.position), messages: messages(log?.messages) });
}

function position(saved: unknown): LogPosition | undefined {
  const name = text(fields(saved)?.name);
  const offset = amount(fields(saved)?.offset);
  return name === undefined || offset === undefined ? undefined : { name, offset };
}

function messages(saved: unknown): LevelCounts | undefined {
  const counts = fields(saved);
  if (counts === undefined) return undefined;
  return {
    verbose: amount(counts.verbose) ?? 0,
    debug: amount(counts.debug) ?? 0,
    information: amount(counts.information) ?? 0,
    warning: amount(counts.warning) ?? 0,
    error: amount(counts.error) ?? 0,
    fatal: amount(counts.fatal) ?? 0,
  };
}
