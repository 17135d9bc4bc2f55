import { ManualClock } from '@media-exporter/metrics/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type JellyfinVersion, SimulatedJellyfin } from '../index.ts';

let jellyfin: SimulatedJellyfin;

async function start(version: JellyfinVersion): Promise<void> {
  jellyfin = new SimulatedJellyfin({
    clock: new ManualClock(),
    version,
    libraries: [
      { name: 'Movies', kind: 'movies', items: 100, boxSets: 1, emptyEvery: 25 },
      { name: 'Shows', kind: 'tvshows', items: 50 },
      { name: 'Music', kind: 'music', items: 35 },
      { name: 'Clips', kind: 'homevideos', items: 4 },
      { name: 'Clips for all', kind: 'homevideos', items: 4, path: '/media/clips' },
    ],
  });
  await jellyfin.listen();
}

afterEach(() => jellyfin.close());

// biome-ignore lint/suspicious/noExplicitAny: an answer is looked into as a monitor would, key by key.
async function body(path: string): Promise<any> {
  const headers = { authorization: `MediaBrowser Token="${jellyfin.token}"` };
  return (await fetch(`${jellyfin.url}${path}`, { headers })).json();
}

async function count(query: string): Promise<number> {
  return (await body(`/Items?recursive=true&limit=0&${query}`)).TotalRecordCount;
}

const SEPARATE = 'collapseBoxSetItems=false';
const BANDS = [
  'minWidth=3800',
  'minWidth=2400&maxWidth=3799',
  'minWidth=1800&maxWidth=2399',
  'minWidth=1200&maxWidth=1799',
  'minWidth=1&maxWidth=1199',
];

describe('12.0', () => {
  beforeEach(() => start('12.0'));

  test('the bands of width add up to all but the empty files', async () => {
    const counts = await Promise.all(BANDS.map((band) => count(`includeItemTypes=Movie,Episode&${SEPARATE}&${band}`)));
    expect(counts.reduce((sum, of) => sum + of, 0)).toBe(146);
    expect(await count(`includeItemTypes=Movie,Episode&${SEPARATE}`)).toBe(150);
    expect(await count(`includeItemTypes=Movie,Episode&${SEPARATE}&maxWidth=1199`)).toBe((counts[4] ?? 0) + 4);
  });

  test('a box set hides its films unless told otherwise', async () => {
    expect(await count('includeItemTypes=Movie')).toBe(98);
    expect(await count(`includeItemTypes=Movie&${SEPARATE}`)).toBe(100);
    expect((await body('/Items/Counts')).MovieCount).toBe(100);
  });

  test('every library shows all artists', async () => {
    const shows = jellyfin.libraries[1]?.id;
    expect(await count(`includeItemTypes=MusicArtist&parentId=${shows}`)).toBe(2);
    expect((await body('/Items/Counts')).ArtistCount).toBe(2);
  });
});

describe('10.11', () => {
  beforeEach(() => start('10.11'));

  test('widths are ignored unless box sets are kept apart', async () => {
    const blind = await Promise.all(BANDS.map((band) => count(`includeItemTypes=Movie,Episode&${band}`)));
    expect(new Set(blind)).toEqual(new Set([148]));
    expect(await count(`includeItemTypes=Movie,Episode&${SEPARATE}&minWidth=1`)).toBe(146);
  });

  test('artists and items are never counted', async () => {
    expect(await body('/Items/Counts')).toMatchObject({ ArtistCount: 0, ItemCount: 0, SongCount: 35, AlbumCount: 4 });
  });
});

describe('any line', () => {
  beforeEach(() => start('12.0'));

  test('an unknown type counts everything, an unknown one beside a known one nothing more', async () => {
    const everything = await count(SEPARATE);
    expect(everything).toBeGreaterThan(189);
    expect(await count(`includeItemTypes=Nonsense&${SEPARATE}`)).toBe(everything);
    expect(await count(`includeItemTypes=Nonsense,Audio&${SEPARATE}`)).toBe(35);
    expect(await count(`includeItemTypes=AudioBook&${SEPARATE}`)).toBe(0);
  });

  test('a folder in two libraries is in both, and counts once', async () => {
    const [first, second] = jellyfin.libraries.slice(3);
    expect(await count(`includeItemTypes=Video&parentId=${first?.id}`)).toBe(4);
    expect(await count(`includeItemTypes=Video&parentId=${second?.id}`)).toBe(4);
    expect(await count('includeItemTypes=Video')).toBe(4);
  });

  test('a walk by pages meets each item once, with its size and streams', async () => {
    const movies = jellyfin.libraries[0]?.id;
    const ids = new Set<string>();
    let bytes = 0;
    for (let start = 0; start < 120; start += 30) {
      const query = `parentId=${movies}&recursive=true&${SEPARATE}&fields=MediaSources&enableImages=false`;
      const page = await body(
        `/Items?${query}&sortBy=DateCreated,SortName&startIndex=${start}&limit=30&enableTotalRecordCount=false`,
      );
      expect(page).toMatchObject({ StartIndex: start, TotalRecordCount: page.Items.length });
      for (const item of page.Items) {
        if (item.Type !== 'Movie') continue;
        ids.add(item.Id);
        bytes += item.MediaSources[0].Size;
        expect(item).not.toHaveProperty('ImageTags');
      }
    }
    expect(ids.size).toBe(100);
    const sizes = Array.from({ length: 100 }, (_, number) => jellyfin.item('Movies', number).bytes ?? 0);
    expect(bytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
  });

  test('the counts of a user are his starts, the most first', async () => {
    const item = jellyfin.item('Shows', 7);
    for (let times = 0; times < 3; times += 1) jellyfin.play({ user: 'jonas', item }).stop();
    jellyfin.play({ user: 'jonas', item: jellyfin.item('Movies', 3) }).stop();
    const userId = jellyfin.people.account('jonas').id;
    const { Items } = await body(
      `/Items?userId=${userId}&recursive=true&${SEPARATE}&sortBy=PlayCount&sortOrder=Descending&limit=3`,
    );
    expect(Items.map(({ UserData }: { UserData: { PlayCount: number } }) => UserData.PlayCount)).toEqual([3, 1, 0]);
    expect(Items[0].Id).toBe(item.id);
  });

  test('what came last stands first in the order of dates', async () => {
    const { Items } = await body(
      '/Items?recursive=true&includeItemTypes=Movie&sortBy=DateCreated&sortOrder=Descending&limit=2&fields=DateCreated',
    );
    expect(Items[0].Id).toBe(jellyfin.item('Movies', 99).id);
    expect(Date.parse(Items[0].DateCreated)).toBeGreaterThan(Date.parse(Items[1].DateCreated));
  });

  test('a number that is none is a problem in small letters', async () => {
    expect(await body('/Items?limit=many')).toMatchObject({ status: 400, errors: { limit: [expect.any(String)] } });
  });
});
