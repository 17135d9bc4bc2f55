import type { GeneratedDocument } from './document.ts';
import { type Chapter, renderChapters } from './table.ts';

const INTRODUCTION =
  'Made by `npm run docs` from the catalogues in the code. A label marked *personal* follows the privacy policy; one marked *secret* is never written.';

const CHAPTERS: readonly Chapter[] = [];

/** Makes `docs/METRICS.md` from the catalogues of the packages. */
export function generate(): GeneratedDocument[] {
  return [{ path: 'docs/METRICS.md', text: renderChapters('Metrics', INTRODUCTION, CHAPTERS) }];
}
