import { OTHER } from '@media-exporter/metrics';
import { Tally } from '@media-exporter/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PLAY_LABELS, playLabels } from '../labels.ts';
import { LIBRARIES, makeSession, SERVER } from '../state.testing.ts';
import type { PlexSession } from '../state.ts';
import { foldPlays, PLAY_FIELDS, type PlayField } from './fold.ts';

const HOUR = 3_600_000;
const NAMES = Object.keys(PLAY_LABELS);

const labelsOf = (fields: Partial<PlexSession>): string[] =>
  playLabels(makeSession(fields), SERVER, LIBRARIES, { bitrate: true });

const played = (key: number): string[] => labelsOf({ sessionKey: String(key), title: `Episode ${key}` });

/** One play of a minute for each session, one after the other. */
function tallyOf(count: number): Tally<PlayField> {
  const tally = new Tally<PlayField>(PLAY_FIELDS);
  for (let key = 0; key < count; key++) tally.add(played(key), { plays: 1, seconds: 60 }, key);
  return tally;
}

const rows = (tally: Tally<PlayField>): Record<string, unknown>[] =>
  [...tally.rows()].map(({ labels, amounts }) => ({
    ...amounts,
    ...Object.fromEntries(NAMES.map((name, index) => [name, labels[index]])),
  }));

const sumOf = (tally: Tally<PlayField>, field: PlayField): number =>
  [...tally.rows()].reduce((sum, { amounts }) => sum + amounts[field], 0);

describe('folding', () => {
  test('leaves rows alone that are young, and of sessions that run', () => {
    const tally = tallyOf(2);
    foldPlays(tally, [], HOUR - 1, { foldAfterMs: HOUR, budget: 100 });
    expect(tally.size).toBe(2);
    foldPlays(tally, [played(0)], 2 * HOUR, { foldAfterMs: HOUR, budget: 100 });
    expect(rows(tally).map(({ session }) => session)).toEqual(['0', OTHER]);
  });

  test('takes away what tells plays apart, and keeps how they were delivered', () => {
    const tally = tallyOf(3);
    foldPlays(tally, [], 2 * HOUR, { foldAfterMs: HOUR, budget: 100 });
    expect(rows(tally)).toEqual([
      {
        ...{ plays: 3, seconds: 180 },
        ...{ server_type: 'plex', server: 'Home', server_id: 'abc123' },
        ...{ library_type: 'show', library: 'Series', library_id: '3' },
        ...{ media_type: 'episode', title: OTHER, child_title: OTHER, grandchild_title: OTHER },
        ...{ stream_type: 'transcode', stream_resolution: '720p', stream_file_resolution: '1080' },
        ...{ stream_bitrate: OTHER, device: OTHER, device_type: 'Plex for Android', user: OTHER, session: OTHER },
        ...{ transcode_type: 'video', subtitle_action: 'burn' },
      },
    ]);
  });

  test('begins early with the oldest when there are too many rows', () => {
    const tally = tallyOf(10);
    foldPlays(tally, [played(0)], 20, { foldAfterMs: HOUR, budget: 6 });
    expect(rows(tally).map(({ session }) => session)).toEqual(['0', '6', '7', '8', '9', OTHER]);
  });

  test('keeps only how streams were changed when folded rows alone are too many', () => {
    const tally = new Tally<PlayField>(PLAY_FIELDS);
    for (let key = 0; key < 10; key++) {
      const player = { ...makeSession().player, product: `Player ${key}` };
      const fields = { sessionKey: String(key), player, subtitleAction: key % 2 ? 'burn' : 'none' } as const;
      tally.add(labelsOf(fields), { plays: 1, seconds: 60 }, key);
    }
    foldPlays(tally, [], 20, { foldAfterMs: HOUR, budget: 2 });
    expect(rows(tally)).toMatchObject([
      {
        server: 'Home',
        library: OTHER,
        device_type: OTHER,
        transcode_type: 'video',
        subtitle_action: 'none',
        plays: 5,
      },
      {
        server: 'Home',
        library: OTHER,
        device_type: OTHER,
        transcode_type: 'video',
        subtitle_action: 'burn',
        plays: 5,
      },
    ]);
  });

  test('lets the rows of running sessions stay beyond the budget', () => {
    const tally = tallyOf(5);
    foldPlays(tally, [0, 1, 2, 3, 4].map(played), 20, { foldAfterMs: HOUR, budget: 2 });
    expect(tally.size).toBe(5);
  });

  test('loses no second and no play, whatever is played and however often it folds', () => {
    const step = fc.record({
      key: fc.nat(8),
      product: fc.constantFrom('a', 'b', 'c'),
      action: fc.constantFrom('none', 'burn', 'copy', 'transcode'),
      seconds: fc.nat(1000),
      wait: fc.nat(2 * HOUR),
      running: fc.boolean(),
      budget: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const tally = new Tally<PlayField>(PLAY_FIELDS);
        let [at, plays, seconds] = [0, 0, 0];
        for (const { key, product, action, seconds: more, wait, running, budget } of steps) {
          const player = { ...makeSession().player, product };
          const labels = labelsOf({ sessionKey: String(key), player, subtitleAction: action });
          tally.add(labels, { plays: 1, seconds: more }, at);
          [at, plays, seconds] = [at + wait, plays + 1, seconds + more];
          foldPlays(tally, running ? [labels] : [], at, { foldAfterMs: HOUR, budget });
          expect([sumOf(tally, 'plays'), sumOf(tally, 'seconds')]).toEqual([plays, seconds]);
          // Beside a row that runs there is one at most for each action.
          expect(tally.size).toBeLessThanOrEqual(Math.max(budget, running ? 5 : 4));
          if (running) expect(tally.row(labels)?.amounts.seconds).toBeGreaterThanOrEqual(more);
        }
      }),
    );
  });
});
