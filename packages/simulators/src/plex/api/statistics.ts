import type { PlexState } from '../state.ts';
import { withoutUndefined } from '../transcode.ts';
import type { Container } from './server.ts';

/** GET /statistics/resources */
export function resources({ resources: rows }: PlexState): Container {
  return withoutUndefined({ size: rows.length, StatisticsResources: rows.length > 0 ? rows : undefined });
}

/** GET /statistics/bandwidth, filtered by what stands in the query as it was sent. */
export function bandwidth(state: PlexState, query: string): Container {
  const filters = parseFilters(query);
  const timespan = filters.find(({ name, operator }) => name === 'timespan' && operator === '=')?.value ?? 6;
  const rows = state.bandwidth.rows(timespan, (row) =>
    filters.every((filter) => passes(filter, { ...row, lan: row.lan ? 1 : 0 })),
  );
  const accounts = state.accounts.map(({ id, name }) => ({
    id,
    key: `/accounts/${id}`,
    name,
    defaultAudioLanguage: 'en',
    autoSelectAudio: true,
    defaultSubtitleLanguage: 'en',
    subtitleMode: 1,
    thumb: `https://plex.tv/users/${String(id).padStart(16, '0')}/avatar?c=1707110967`,
  }));
  return withoutUndefined({
    size: rows.length,
    Device: state.devices.size > 0 ? [...state.devices.values()] : undefined,
    Account: accounts,
    StatisticsBandwidth: rows.length > 0 ? rows : undefined,
  });
}

interface Filter {
  readonly name: string;
  readonly operator: string;
  readonly value: number;
}

/** An operator that came percent-encoded is none to the server: the whole parameter is ignored. */
function parseFilters(query: string): readonly Filter[] {
  return query.split('&').flatMap((parameter) => {
    const [, name, operator, value] = /^(\w+)(>=|<=|>|<|!=|=)(\d+)$/.exec(parameter) ?? [];
    return name === undefined || operator === undefined ? [] : [{ name, operator, value: Number(value) }];
  });
}

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
};

function passes({ name, operator, value }: Filter, row: Readonly<Record<string, number>>): boolean {
  const actual = row[name];
  return actual === undefined || (COMPARISONS[operator]?.(actual, value) ?? true);
}
