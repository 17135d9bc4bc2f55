import { type Family, family, type Metric } from '@media-exporter/metrics';
import { BARE_PROCESS_CATALOGUE } from '../../../sources/jellyfin/families/process.ts';

/**
 * Shows the process of the server under the bare names, made of `jellyfin_process_*`; what is not known is absent. A
 * counter stays that of the source that it was first shown from, and is absent while that is silent: another source has
 * counted something else, and the counter would fall.
 */
export function bareProcess(): (families: readonly Family[]) => readonly Family[] {
  const sources = new Map<Metric, string>();
  return (families) =>
    BARE_PROCESS_CATALOGUE.flatMap((metric) => {
      const known = families.find((one) => one.metric.name === `jellyfin_${metric.name}`);
      // One series at most: that of the best source.
      for (const { labels, value } of known?.samples ?? []) {
        const [source = ''] = labels;
        if (metric.type === 'counter') {
          if ((sources.get(metric) ?? source) !== source) return [];
          sources.set(metric, source);
        }
        return [family(metric, value)];
      }
      return [];
    });
}
