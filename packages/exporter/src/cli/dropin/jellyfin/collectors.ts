import { COLLECTOR_NAMES, type CollectorSwitch } from '../../../config/sources/jellyfin.ts';
import { JELLYFIN_DEFAULTS } from '../../../sources/jellyfin/settings.ts';

/** What is switched on or off by flags, by the names that stand in them. */
export type CollectorFlags = ReadonlyMap<string, boolean>;

/** Collectors that only the original has, and what their metrics are part of here. */
export const ORIGINAL_NAMES: ReadonlyMap<string, CollectorSwitch> = new Map([
  ['media', 'library'],
  ['playing', 'sessions'],
  ['transcoding', 'sessions'],
]);

/** The collectors as the help names them: `geoip` runs where there is a file for it. */
export const HELP_NAMES: readonly string[] = [...COLLECTOR_NAMES, 'geoip'];

/** All names that a flag may have. */
export const COLLECTOR_FLAGS: readonly string[] = [...HELP_NAMES, ...ORIGINAL_NAMES.keys()];

/** Besides the defaults, so that the bare `process_*` are there. */
export const DROP_IN_COLLECTORS: readonly CollectorSwitch[] = [...JELLYFIN_DEFAULTS.collectors, 'process'];

/**
 * What is collected: the defaults unless they are disabled, what other flags `imply`, and what is switched on, without
 * what is switched off.
 */
export function dropInCollectors(
  flags: CollectorFlags,
  { disableDefaults, implied }: { readonly disableDefaults: boolean; readonly implied: readonly CollectorSwitch[] },
): CollectorSwitch[] {
  const named = [...flags].filter(([, on]) => on).map(([name]) => ORIGINAL_NAMES.get(name) ?? name);
  const wanted = new Set<string>([...(disableDefaults ? [] : DROP_IN_COLLECTORS), ...implied, ...named]);
  return COLLECTOR_NAMES.filter((name) => wanted.has(name) && flags.get(name) !== false);
}

/** What the names of the original do here. */
export function collectorNotes(flags: CollectorFlags): string[] {
  return [...flags].flatMap(([name, on]) => {
    const ours = ORIGINAL_NAMES.get(name);
    if (ours === undefined) return [];
    return on
      ? [`--collector.${name} is --collector.${ours} here`]
      : [`--no-collector.${name} changes nothing: its metrics are part of the collector ${ours}`];
  });
}
