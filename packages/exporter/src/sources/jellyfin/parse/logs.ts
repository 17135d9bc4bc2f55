import type { Parsed } from '../../http/http.ts';
import type { LogFile } from '../ffmpeg/list.ts';
import { date, fields, number, parseList, text } from './json.ts';

/** `/System/Logs`, the newest first. Its `DateCreated` is the time of the last write as well. */
export function parseLogs(json: unknown): Parsed<LogFile[]> {
  const parsed = parseList(json, parseLog);
  if (parsed.ok) parsed.value.sort((a, b) => b.modified - a.modified);
  return parsed;
}

function parseLog(entry: unknown): LogFile | undefined {
  const log = fields(entry);
  const name = text(log?.Name);
  const modified = date(log?.DateModified);
  if (name === undefined || modified === undefined) return undefined;
  return { name, modified, bytes: number(log?.Size) ?? 0 };
}
