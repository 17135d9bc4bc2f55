import { cleanLabelValue } from '@media-exporter/metrics';
import type { Source } from './sources/source.ts';

/** Of which collectors a scrape serves what they give: of those named only, or of all but those. */
export interface CollectorFilter {
  readonly mode: 'collect' | 'exclude';
  readonly names: ReadonlySet<string>;
}

/** The most bytes of a name that an answer repeats. */
const NAME_BYTES = 64;

/**
 * Reads `collect[]` and `exclude[]`, as node_exporter has them: one of the two, each as often as wanted. To exclude what does
 * not run is no mistake, as there.
 *
 * @param collectors those that run, by each name that they may be asked for.
 * @returns `undefined` when neither is given.
 */
export function parseCollectorFilter(
  query: URLSearchParams,
  collectors: ReadonlyMap<string, string>,
): CollectorFilter | { readonly problem: string } | undefined {
  const collect = query.getAll('collect[]');
  const exclude = query.getAll('exclude[]');
  if (collect.length === 0 && exclude.length === 0) return undefined;
  if (collect.length > 0 && exclude.length > 0) {
    return { problem: 'The parameters "collect[]" and "exclude[]" may not be given together.' };
  }
  const unknown = collect.find((name) => !collectors.has(name));
  if (unknown !== undefined) {
    const known = [...new Set(collectors.values())].join(', ');
    return {
      problem: `No collector "${cleanLabelValue(unknown, NAME_BYTES)}" runs here. The collectors are: ${known}`,
    };
  }
  const mode = collect.length > 0 ? 'collect' : 'exclude';
  return { mode, names: new Set([...collect, ...exclude].map((name) => collectors.get(name) ?? name)) };
}

export function servesCollector({ mode, names }: CollectorFilter, collector: string): boolean {
  return names.has(collector) === (mode === 'collect');
}

/**
 * Whether a metric of the source is served. What several collectors can give is there with each of them. `media_*` belong to
 * none, so they are there unless collectors are picked out.
 */
export function servesMetric(filter: CollectorFilter, source: Source, metric: string): boolean {
  const named = ({ name }: { readonly name: string }): boolean => name === metric;
  const owners = [...source.catalogues].filter(([, catalogue]) => catalogue.some(named));
  if (owners.length > 0) return owners.some(([collector]) => servesCollector(filter, collector));
  return filter.mode === 'exclude' || !source.unifiedCatalogue.some(named);
}
