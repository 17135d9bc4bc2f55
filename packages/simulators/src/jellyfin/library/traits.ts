import type { Library } from './library.ts';

/** What item queries filter by, a few bytes for each item: the items themselves are never held. */
export interface Traits {
  readonly widths: Uint16Array;
  readonly heights: Uint16Array;
  readonly flags: Uint8Array;
}

export const OVERVIEW = 1;
export const TMDB = 2;
export const IMDB = 4;
export const TVDB = 8;
export const SUBTITLES = 16;

const KNOWN = new WeakMap<Library, Traits>();

/** Of all items of a library, by their numbers; reckoned anew when it has grown. */
export function traitsOf(library: Library): Traits {
  const known = KNOWN.get(library);
  if (known?.widths.length === library.items) return known;
  const widths = new Uint16Array(library.items);
  const heights = new Uint16Array(library.items);
  const flags = new Uint8Array(library.items);
  for (let number = 0; number < library.items; number += 1) {
    const { video, overview, providers, subtitles } = library.item(number);
    widths[number] = video?.width ?? 0;
    heights[number] = video?.height ?? 0;
    flags[number] =
      (overview === undefined ? 0 : OVERVIEW) |
      (providers.Tmdb === undefined ? 0 : TMDB) |
      (providers.Imdb === undefined ? 0 : IMDB) |
      (providers.Tvdb === undefined ? 0 : TVDB) |
      (subtitles.length === 0 ? 0 : SUBTITLES);
  }
  const traits = { widths, heights, flags };
  KNOWN.set(library, traits);
  return traits;
}
