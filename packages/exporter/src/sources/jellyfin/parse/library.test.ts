import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeIf } from '../../../../../../test/support/tools.ts';
import { parseSavedJobs } from '../ffmpeg/saved-jobs.ts';
import { parseSavedServerLog } from '../ffmpeg/saved-server-log.ts';
import { MISSING, RECORDED } from '../testing/tape.testing.ts';
import { parseWalkProgress, parseWalkResult } from '../walk/saved-walk.ts';
import { mediaTypeOf, parseCounts, parseLibraries, parseTotal } from './library.ts';
import { parseLogs } from './logs.ts';
import { OwnMetricsReader } from './own-metrics.ts';
import { parsePlayed, parseRecent } from './recent.ts';
import { parseVersion } from './version.ts';
import { parseWalkItem } from './walk-item.ts';

const PARSERS = {
  parseCounts: (json: unknown) => parseCounts(json, undefined),
  parseLibraries,
  parseTotal,
  parseLogs,
  parseRecent,
  parsePlayed,
  parseWalkItem,
  parseWalkProgress,
  parseWalkResult,
  parseSavedJobs,
  parseSavedServerLog,
};

/** JSON with the keys that are looked for, and anything at all in them. */
const answers = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.jsonValue(),
    fc.array(tie('value')),
    fc.dictionary(
      fc.constantFrom(
        ...[
          'Items',
          'MediaSources',
          'MediaStreams',
          'Type',
          'Id',
          'ItemId',
          'Size',
          'RunTimeTicks',
          'UserData',
          'Locations',
        ],
        ...[
          'DateCreated',
          'DateModified',
          'Name',
          'left',
          'done',
          'current',
          'types',
          'totals',
          'jobs',
          'libraries',
          'at',
        ],
      ),
      tie('value'),
    ),
  ),
})).value;

test.each(Object.entries(PARSERS))('%s takes anything without throwing', (_, parse) => {
  fc.assert(
    fc.property(answers, (json) => {
      parse(json);
    }),
  );
});

test('metrics that are none are nothing', () => {
  const reader = new OwnMetricsReader();
  reader.push(Buffer.from('<html>\nprocess_cpu_seconds_total NaN\nprocess_num_threads -1\n{}\nother 1\n'));
  expect(reader.end()).toBeUndefined();
});

describe('counts', () => {
  const raw = { MovieCount: 3, EpisodeCount: 0, SongCount: 1, ArtistCount: 0, ItemCount: 0 };

  test('that older versions never make are absent while they are 0', () => {
    const counts = parseCounts(raw, parseVersion('10.11.11'));
    expect(counts).toMatchObject({
      ok: true,
      value: new Map([
        ['movie', 3],
        ['episode', 0],
        ['audio', 1],
      ]),
    });
    const newer = parseCounts(raw, parseVersion('12.0.0'));
    expect(newer.ok && newer.value.get('artist')).toBe(0);
    const some = parseCounts({ ...raw, ArtistCount: 2 }, undefined);
    expect(some.ok && some.value.get('artist')).toBe(2);
  });

  test('are a problem where there are none', () => {
    expect(parseCounts({}, undefined)).toEqual({ ok: false, problem: 'the answer has no counts' });
  });
});

describe('a library', () => {
  test('without a type is a mixed one, and without an id is left out', () => {
    const parsed = parseLibraries([
      { Name: 'A', ItemId: 'a' },
      { Name: 'Broken', ItemId: null },
    ]);
    expect(parsed).toEqual({
      ok: true,
      value: [{ id: 'a', name: 'A', collection: 'mixed', locations: [], refreshing: false }],
    });
  });

  test('tells how far its refresh is while there is one', () => {
    const parsed = parseLibraries([{ Name: 'A', ItemId: 'a', RefreshStatus: 'Active', RefreshProgress: 25 }]);
    expect(parsed).toMatchObject({ ok: true, value: [{ refreshing: true, refreshRatio: 0.25 }] });
  });
});

describeIf(MISSING, 'the recorded answers', () => {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(RECORDED, file), 'utf8'));

  test.each(['10.11', '12.0'])('of %s are all understood', (version) => {
    const folder = `recorded/${version}`;
    expect(parseLibraries(read(`${folder}/virtual-folders.json`))).toMatchObject({ ok: true, value: { length: 6 } });
    expect(parseCounts(read(`${folder}/items-counts.json`), parseVersion(`${version}.0`)).ok).toBe(true);
    const logs = parseLogs(read(`${folder}/system-logs.json`));
    expect(logs.ok && logs.value.length).toBe((read(`${folder}/system-logs.json`) as unknown[]).length);
    const played = parsePlayed(read(`${folder}/items-play-counts-of-a-user.json`));
    expect(played).toMatchObject({
      ok: true,
      value: [{ name: 'Signal Hill - Signal Hill S02E01 - Static', plays: 1 }],
    });
    for (const page of ['items-walk-page.json', 'items-walk-page-music.json']) {
      const { Items } = read(`${folder}/${page}`) as { Items: unknown[] };
      const items = Items.map(parseWalkItem);
      expect(items.every((item) => item !== undefined && item.files.length > 0)).toBe(true);
    }
  });

  test('the track with a cover has no video', () => {
    const { Items } = read('real/item-audio-mediasource-10.8.13.json') as { Items: unknown[] };
    const item = parseWalkItem(Items[0]);
    expect(item).toMatchObject({ mediaType: 'track', files: [{ audio: [expect.anything()] }] });
    expect(item?.files[0]?.video).toBeUndefined();
  });
});

test('a type that is a word of the language is none', () => {
  for (const type of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    expect(mediaTypeOf(type)).toBeUndefined();
    expect(parseWalkItem({ Id: 'a', Type: type })).toBeUndefined();
  }
  expect(['Book', 'AudioBook', 'Series'].map(mediaTypeOf)).toEqual(['other', 'track', undefined]);
});
