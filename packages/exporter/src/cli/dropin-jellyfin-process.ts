import { type Family, family } from '@media-exporter/metrics';
import { BARE_PROCESS_CATALOGUE } from '../sources/jellyfin/families/process.ts';

/** The process of the server under the bare names, made of `jellyfin_process_*`; what is not known is absent. */
export function bareProcess(families: readonly Family[]): readonly Family[] {
  return BARE_PROCESS_CATALOGUE.flatMap((metric) => {
    const known = families.find((one) => one.metric.name === `jellyfin_${metric.name}`);
    // One series at most: that of the best source.
    for (const { value } of known?.samples ?? []) return [family(metric, value)];
    return [];
  });
}
