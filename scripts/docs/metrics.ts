import { CHAPTERS } from './chapters.ts';
import type { GeneratedDocument } from './document.ts';
import { renderChapters } from './table.ts';

const INTRODUCTION =
  "Made by `npm run docs` from the catalogues in the code. On the daemon's `/metrics` every series of a media server has the label `source` too, which is its name in the configuration; `media_*` have `server` instead. A label marked *personal* obeys the privacy policy.";

/** Makes `docs/METRICS.md` from the catalogues of the packages. */
export function generate(): GeneratedDocument[] {
  return [{ path: 'docs/METRICS.md', text: renderChapters('Metrics', INTRODUCTION, CHAPTERS) }];
}
