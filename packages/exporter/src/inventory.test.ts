import {
  Counter,
  defineMetric,
  type Family,
  family,
  type Metric,
  renderText,
  SERIES_DROPPED,
} from '@media-exporter/metrics';
import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import type { CollectorFilter } from './collector-filter.ts';
import { Inventory } from './inventory.ts';
import type { Source } from './sources/source.ts';

const STARTS = defineMetric({ name: 'starts_total', type: 'counter', help: 'Starts.' });
const USERS = defineMetric({ name: 'users', type: 'gauge', help: 'Users.' });
const UP = defineMetric({ name: 'media_server_up', type: 'gauge', help: 'Up.', labels: { server: 'public' } });

function makeSource(
  id: string,
  catalogues: Readonly<Record<string, readonly Metric[]>>,
  families: readonly Family[],
): Source {
  return {
    id,
    type: 'jellyfin',
    catalogues: new Map(Object.entries(catalogues)),
    unifiedCatalogue: [UP],
    start: async () => {},
    refresh: async () => {},
    snapshot: () => ({ up: true, families, unified: [family(UP, [[{ server: id }, 1]])], collectors: [] }),
    stop: async () => {},
  };
}

async function open(sources: readonly Source[], labelValueLimit = 256): Promise<Inventory> {
  const inventory = new Inventory(new ManualClock(), new Counter(SERIES_DROPPED));
  const wanted = sources.map((source) => ({
    ...{ name: source.id, key: source.id, seriesBudget: 100, native: true, unified: true },
    create: async () => source,
  }));
  await inventory.apply(wanted, labelValueLimit);
  return inventory;
}

/** The lines of what is left, without comments. */
async function read(inventory: Inventory, filter: CollectorFilter, name?: string): Promise<string[]> {
  const { signal } = new AbortController();
  const gathered = name === undefined ? inventory.gather(signal, filter) : inventory.gatherOne(name, signal, filter);
  const text = renderText((await gathered).families);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

const only = (...names: string[]): CollectorFilter => ({ mode: 'collect', names: new Set(names) });
const without = (...names: string[]): CollectorFilter => ({ mode: 'exclude', names: new Set(names) });

/** Both tell of starts, of which the one reads in logs. */
const SOURCES = [
  makeSource('den', { sessions: [USERS], logs: [STARTS] }, [family(USERS, 2), family(STARTS, 7)]),
  makeSource('attic', { sessions: [USERS, STARTS] }, [family(USERS, 1), family(STARTS, 3)]),
];

test('what is collected from one source is not taken from the other collector of another', async () => {
  const inventory = await open(SOURCES);
  expect(await read(inventory, only('logs'))).toEqual(['starts_total{source="den"} 7']);
  expect(await read(inventory, only('sessions'))).toEqual([
    'users{source="den"} 2',
    'users{source="attic"} 1',
    'starts_total{source="attic"} 3',
  ]);
});

test('the families of all servers are left out with collectors that are named, and kept without some', async () => {
  const inventory = await open(SOURCES);
  expect(await read(inventory, without('sessions'))).toEqual([
    'starts_total{source="den"} 7',
    'media_server_up{server="den"} 1',
    'media_server_up{server="attic"} 1',
  ]);
  expect(await read(inventory, without('logs', 'sessions'), 'den')).toEqual(['media_server_up{server="den"} 1']);
});

test('a source alone is narrowed too', async () => {
  const inventory = await open(SOURCES);
  expect(await read(inventory, only('logs'), 'den')).toEqual(['starts_total 7']);
  expect(await read(inventory, only('logs'), 'attic')).toEqual([]);
});

test('a label that is the name of the source is no obstacle, nor is a name that was cut', async () => {
  const reads = defineMetric({ name: 'reads', type: 'gauge', help: 'Reads.', labels: { source: 'public' } });
  const name = 'a-name-that-is-longer-than-labels-may-be';
  const inventory = await open([makeSource(name, { disk: [reads] }, [family(reads, [[{ source: 'den' }, 1]])])], 16);
  expect(await read(inventory, only('disk'))).toEqual(['reads{source="a-name-that-is-l",exported_source="den"} 1']);
  expect(await read(inventory, only('disk'), name)).toEqual(['reads{source="den"} 1']);
});

test('what several collectors can give is there with each of them', async () => {
  const inventory = await open([makeSource('den', { one: [STARTS], two: [STARTS] }, [family(STARTS, 1)])]);
  expect(await read(inventory, only('two'))).toEqual(['starts_total{source="den"} 1']);
  expect(await read(inventory, without('one'))).toContain('starts_total{source="den"} 1');
  expect(await read(inventory, without('one', 'two'))).not.toContain('starts_total{source="den"} 1');
});

test('repeated series are told of whatever is collected', async () => {
  const twice = {
    metric: USERS,
    samples: [
      { labels: [], value: 1 },
      { labels: [], value: 2 },
    ],
  };
  const inventory = await open([makeSource('den', { users: [USERS], rest: [] }, [twice])]);
  await read(inventory, only('users'));
  expect(await read(inventory, only('rest'))).toEqual(['media_exporter_series_duplicated_total{family="users"} 2']);
});
