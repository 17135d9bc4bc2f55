import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Json, PlexTest } from '../../../testing/plex.ts';

let server: PlexTest;

beforeEach(async () => {
  server = await PlexTest.start();
});
afterEach(() => server.end());

describe('libraries', () => {
  test.each([
    ['1', '', 1203],
    ['1', 'type=4&', 0],
    ['2', '', 150],
    ['2', 'type=3&', 611],
    ['2', 'type=4&', 8140],
    ['3', 'type=9&', 980],
    ['3', 'type=10&', 11_000],
    ['4', '', 57],
    ['4', 'type=13&', 5200],
    ['4', 'clusterZoomLevel=1&', 5200],
    ['5', '', 77],
    ['5', 'type=99&', 0],
  ])('section %s counts with %s to %i', async (id, type, total) => {
    const path = `/library/sections/${id}/all?${type}X-Plex-Container-Start=0&X-Plex-Container-Size=0`;
    const { size, totalSize, offset, Metadata } = await server.get(path);
    expect([size, totalSize, offset, Metadata]).toEqual([0, total, 0, undefined]);
  });

  test('a page may be asked for by headers, and its size comes in a header, also to HEAD', async () => {
    const headers = { 'x-plex-container-start': '1200', 'x-plex-container-size': '50' };
    const { size, totalSize, offset, Metadata } = await server.get('/library/sections/1/all', headers);
    expect([size, totalSize, offset, Metadata[0].title]).toEqual([3, 1203, 1200, 'Movies 1201']);
    const head = await server.fetch('/library/sections/1/all', headers, { method: 'HEAD' });
    expect(head.headers.get('x-plex-container-total-size')).toBe('1203');
    expect(await head.text()).toBe('');
  });

  test('the whole list has no total', async () => {
    const response = await server.fetch('/library/sections/5/all');
    const { size, totalSize, Metadata } = ((await response.json()) as Json).MediaContainer;
    expect([size, totalSize, Metadata.length]).toEqual([77, undefined, 77]);
    expect(response.headers.get('x-plex-container-total-size')).toBeNull();
  });

  test('storage is told when it is asked for, and not even then of each library', async () => {
    const content = async (query: string): Promise<Record<string, unknown>[]> =>
      (await server.get(`/media/providers${query}`)).MediaProvider[0].Feature[0].Directory;
    const [home, movies] = await content('');
    expect([home?.id, home?.type, movies?.id, movies?.storageTotal]).toEqual([undefined, undefined, '1', undefined]);
    const told = await content('?includeStorage=1');
    expect(told.map(({ storageTotal, durationTotal }) => [typeof storageTotal, typeof durationTotal])).toEqual([
      ['undefined', 'undefined'],
      ['number', 'number'],
      ['number', 'number'],
      ['number', 'number'],
      ['number', 'undefined'],
      ['number', 'number'],
      ['undefined', 'undefined'],
    ]);
  });
});
