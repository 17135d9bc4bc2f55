import type { Parsed } from '../../http/http.ts';
import { date, fields, number, parseList, text } from './json.ts';
import type { Library } from './library.ts';

/** An item that was added not long ago. */
export interface RecentItem {
  readonly id: string;
  /** Of an episode with its series. */
  readonly name: string;
  /** In lower case: movie, episode, musicalbum, … */
  readonly type: string;
  /** Milliseconds since the epoch. */
  readonly added: number;
  /** Where it lies on the server: never shown. */
  readonly path: string;
}

/** An item with how often one user has played it. */
export interface PlayedItem {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly plays: number;
}

/** `/Items` with `DateCreated` and `Path`. */
export function parseRecent(json: unknown): Parsed<RecentItem[]> {
  return parseList(fields(json)?.Items, (entry) => {
    const item = parseItem(entry);
    const added = date(fields(entry)?.DateCreated);
    if (item === undefined || added === undefined) return undefined;
    return { ...item, added, path: text(fields(entry)?.Path) ?? '' };
  });
}

/** `/Items` of a user, ordered by play count; items that were never played are left out. */
export function parsePlayed(json: unknown): Parsed<PlayedItem[]> {
  return parseList(fields(json)?.Items, (entry) => {
    const item = parseItem(entry);
    const plays = number(fields(fields(entry)?.UserData)?.PlayCount) ?? 0;
    return item === undefined || plays <= 0 ? undefined : { ...item, plays };
  });
}

function parseItem(entry: unknown): { id: string; name: string; type: string } | undefined {
  const raw = fields(entry);
  const id = text(raw?.Id);
  const type = text(raw?.Type);
  if (raw === undefined || id === undefined || type === undefined) return undefined;
  const name = text(raw.Name) ?? '';
  const series = text(raw.SeriesName);
  return { id, name: series === undefined ? name : `${series} - ${name}`, type: type.toLowerCase() };
}

/** The library that a path lies in; empty where it is in none that is known. */
export function libraryOf(path: string, libraries: readonly Library[]): string {
  let found = '';
  let longest = -1;
  for (const { name, locations } of libraries) {
    for (const location of locations) {
      if (location.length > longest && isBelow(path, location)) {
        found = name;
        longest = location.length;
      }
    }
  }
  return found;
}

/** A server on Windows has backslashes. */
function isBelow(path: string, folder: string): boolean {
  if (folder === '' || !path.startsWith(folder)) return false;
  return path.length === folder.length || /[/\\]$/.test(folder) || /[/\\]/.test(path.charAt(folder.length));
}
