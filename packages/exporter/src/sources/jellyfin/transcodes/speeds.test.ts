import { describe, expect, test } from 'vitest';
import type { SessionsPoll } from '../shared.ts';
import type { JellyfinSession } from '../state.ts';
import { transcodeSpeeds } from './speeds.ts';

const RUN_TIME = 1_000;

interface Watching {
  /** Where the encoder and the viewer are in the item, in seconds. */
  readonly encoded?: number;
  readonly viewed?: number;
  readonly item?: string;
  readonly direct?: boolean;
}

function poll(seconds: number, { encoded, viewed = 0, item = 'film', direct = false }: Watching): SessionsPoll {
  const transcoding = {
    videoCodec: 'h264',
    videoDirect: direct,
    audioDirect: direct,
    reasons: [],
    ...(encoded === undefined ? {} : { completionRatio: encoded / RUN_TIME }),
  };
  const session = {
    id: 'session',
    deviceId: 'device',
    method: 'transcode',
    positionTicks: viewed * 10_000_000,
    item: { id: item, runTimeTicks: RUN_TIME * 10_000_000, streams: [] },
    transcoding,
  } as unknown as JellyfinSession;
  return { at: seconds * 1000, sessions: [session], afterOutage: false };
}

function speed(before: SessionsPoll, now: SessionsPoll): number | undefined {
  return transcodeSpeeds(before, now).get('session')?.ratio;
}

test('the speed is how far the encoder came in the time between two polls', () => {
  expect(speed(poll(0, { encoded: 10 }), poll(10, { encoded: 35 }))).toBeCloseTo(2.5);
  expect(speed(poll(0, { encoded: 10 }), poll(10, { encoded: 18, viewed: 5 }))).toBeCloseTo(0.8);
});

describe('a speed is not told', () => {
  test.each<[string, Watching, Watching]>([
    ['of a job that stands still', { encoded: 10 }, { encoded: 10 }],
    ['of one that a seek restarted earlier', { encoded: 500 }, { encoded: 20 }],
    ['of one that a seek restarted much later', { encoded: 10 }, { encoded: 900 }],
    ['before ffmpeg has told of progress', {}, { encoded: 10 }],
    ['after ffmpeg has ended', { encoded: 10 }, {}],
    ['of another item', { encoded: 10, item: 'other' }, { encoded: 20 }],
    [
      'of a stream that is only put into another container',
      { encoded: 10, direct: true },
      { encoded: 20, direct: true },
    ],
    ['of one that may have been held back for a while', { encoded: 200, viewed: 10 }, { encoded: 203, viewed: 20 }],
  ])('%s', (_, before, now) => {
    expect(speed(poll(0, before), poll(10, now))).toBeUndefined();
  });

  test('of polls that are too far apart, or at the same time', () => {
    expect(speed(poll(0, { encoded: 10 }), poll(600, { encoded: 700 }))).toBeUndefined();
    expect(speed(poll(5, { encoded: 10 }), poll(5, { encoded: 20 }))).toBeUndefined();
  });
});
