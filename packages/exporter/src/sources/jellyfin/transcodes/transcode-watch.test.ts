import { describe, expect, test } from 'vitest';
import { activeSession, isBrowsing, isConfirmed, methodOf, transcodingsOf } from '../sessions/watching.ts';
import type { JellyfinSession, Transcoding } from '../state.ts';
import { TranscodeWatch } from './transcode-watch.ts';

const VIDEO: Transcoding = {
  videoDirect: false,
  audioDirect: true,
  videoCodec: 'h264',
  audioCodec: 'aac',
  reasons: [],
};
const RUNNING: Transcoding = { ...VIDEO, framerate: 30, completionRatio: 0.1 };
const REMUX: Transcoding = { ...VIDEO, videoDirect: true, bitsPerSecond: 4_000_000 };

const item = {
  id: 'i1',
  type: 'Movie',
  mediaType: 'movie',
  title: 'Film',
  streams: [
    { type: 'video', index: 0, codec: 'hevc', bitsPerSecond: 800_000, external: false },
    { type: 'audio', index: 1, codec: 'ac3', bitsPerSecond: 100_000, external: false },
    { type: 'audio', index: 2, codec: 'aac', bitsPerSecond: 200_000, external: false },
  ],
} as const;

function session(more: Partial<JellyfinSession> = {}): JellyfinSession {
  return {
    id: 's1',
    userId: 'u1',
    user: 'ann',
    client: 'Web',
    clientVersion: '1',
    device: 'Chrome',
    deviceId: 'd1',
    paused: false,
    method: 'transcode',
    additionalUsers: [],
    item,
    ...more,
  };
}

describe('transcodes', () => {
  test('wait in the queue until ffmpeg tells of progress, which may be before the player begins', () => {
    const watch = new TranscodeWatch();
    const { item: _, ...idle } = session({ transcoding: VIDEO });
    expect(watch.look([idle], 0)).toMatchObject({ queued: 1, running: 0, transcodes: [] });
    expect(watch.look([session({ transcoding: VIDEO })], 5_000)).toMatchObject({ queued: 1, running: 0 });
    expect(watch.look([session({ transcoding: RUNNING })], 10_000)).toMatchObject({ queued: 0, running: 1 });
  });

  test('are not queued when ffmpeg has ended, or has failed half a minute ago', () => {
    const watch = new TranscodeWatch();
    watch.look([session({ transcoding: RUNNING })], 0);
    expect(watch.look([session({ transcoding: VIDEO })], 10_000)).toMatchObject({ queued: 0, running: 0 });
    const failed = new TranscodeWatch();
    failed.look([session({ transcoding: VIDEO })], 0);
    expect(failed.look([session({ transcoding: VIDEO })], 20_000).queued).toBe(1);
    expect(failed.look([session({ transcoding: VIDEO })], 30_000).queued).toBe(0);
  });

  test('begin anew with the next item', () => {
    const watch = new TranscodeWatch();
    watch.look([session({ transcoding: RUNNING })], 0);
    const view = watch.look([session({ transcoding: VIDEO, item: { ...item, id: 'i2' } })], 10_000);
    expect(view.queued).toBe(1);
    expect(view.begun.length).toBe(1);
  });

  test('stay for one poll when they flicker, and then no longer', () => {
    const watch = new TranscodeWatch();
    watch.look([session({ transcoding: RUNNING })], 0);
    const flickered = watch.look([session()], 10_000);
    expect(flickered.transcodes.length).toBe(1);
    expect(flickered.begun).toEqual([]);
    expect(watch.look([session()], 20_000).transcodes).toEqual([]);
  });

  test('begin once, however long they are not told of while the item plays on', () => {
    const watch = new TranscodeWatch();
    let begun = 0;
    const shown = [1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 1];
    for (const [poll, there] of shown.entries()) {
      begun += watch.look([there ? session({ transcoding: RUNNING }) : session()], poll * 10_000).begun.length;
    }
    expect(begun).toBe(1);
    const after = new TranscodeWatch(watch.names);
    expect(after.look([session()], 0).begun).toEqual([]);
    expect(after.look([session({ transcoding: RUNNING })], 10_000).begun).toEqual([]);
  });

  test('begin again when their session or its item was gone', () => {
    const watch = new TranscodeWatch();
    const { item: _, ...idle } = session();
    for (const gone of [[], [idle], [session({ item: { ...item, id: 'i2' } })]]) {
      watch.look([session({ transcoding: RUNNING })], 0);
      watch.look(gone, 10_000);
      expect(watch.look([session({ transcoding: RUNNING })], 20_000).begun).toHaveLength(1);
    }
  });

  test('are gone at once with their session', () => {
    const watch = new TranscodeWatch();
    watch.look([session({ transcoding: RUNNING })], 0);
    expect(watch.look([], 10_000).transcodes).toEqual([]);
  });

  test('count once for a device that two applications share', () => {
    const watch = new TranscodeWatch();
    const both = [session({ transcoding: RUNNING }), session({ id: 's2', transcoding: RUNNING })];
    expect(watch.look(both, 0).transcodes.length).toBe(1);
  });

  test('that copy both streams are remuxes', () => {
    const { transcodes, remuxes } = new TranscodeWatch().look([session({ transcoding: REMUX })], 0);
    expect([transcodes.length, remuxes.length]).toEqual([0, 1]);
    expect(methodOf(session(), REMUX)).toBe('directstream');
  });

  test('of very many sessions, all on one device, cost each session little', () => {
    let reads = 0;
    const many = Array.from({ length: 2_000 }, (_, index) => {
      const one = session({ id: `s${index}`, ...(index === 0 ? { transcoding: RUNNING } : {}) });
      return Object.defineProperty(one, 'deviceId', {
        get: () => {
          reads += 1;
          return 'd1';
        },
      });
    });
    const watch = new TranscodeWatch();
    expect(watch.look(many, 0).transcodes).toHaveLength(1);
    expect(reads).toBeLessThan(20 * many.length);
  });

  test('belong to the application that claims them, on whichever of its device the server shows them', () => {
    const direct = session({ method: 'directplay', transcoding: RUNNING });
    const claims = session({ id: 's2' });
    expect(transcodingsOf([direct, claims]).get(direct)).toBeUndefined();
    expect(transcodingsOf([direct, claims]).get(claims)).toBe(RUNNING);
    const alone = session({ method: 'directplay', transcoding: RUNNING });
    expect(transcodingsOf([alone]).get(alone)).toBe(RUNNING);
  });
});

describe('who plays', () => {
  test('is who has reported within a minute, or within five while paused', () => {
    expect(isConfirmed(session({ lastCheckIn: 0 }), 59_999)).toBe(true);
    expect(isConfirmed(session({ lastCheckIn: 0 }), 60_000)).toBe(false);
    expect(isConfirmed(session({ lastCheckIn: 0, paused: true }), 299_999)).toBe(true);
    expect(isConfirmed(session({ lastCheckIn: 0, paused: true }), 300_000)).toBe(false);
    expect(isConfirmed(session(), 0)).toBe(false);
  });

  test('is not told by the last activity, which the server itself renews for the dead', () => {
    const { item: _, ...idle } = session({ id: 's2', userId: 'u2', lastActivity: 100_000 });
    const dead = session({ lastCheckIn: 0, lastActivity: 100_000 });
    expect([isConfirmed(dead, 120_000), isBrowsing(dead, 120_000)]).toEqual([false, false]);
    expect(isBrowsing(idle, 120_000)).toBe(true);
    expect(isBrowsing(idle, 400_000)).toBe(false);
  });
});

describe('the bitrate of a session', () => {
  const bitrates = (one: JellyfinSession) => {
    const { bitsPerSecond, ceilingBitsPerSecond } = activeSession(one, item, one.transcoding);
    return { bitsPerSecond, ceilingBitsPerSecond };
  };

  test('is that of the video and the selected sound where all is copied', () => {
    const direct = session({ method: 'directplay' });
    expect(bitrates(direct).bitsPerSecond).toBe(900_000);
    expect(bitrates({ ...direct, audioStreamIndex: 2 }).bitsPerSecond).toBe(1_000_000);
    expect(bitrates(session({ transcoding: REMUX }))).toEqual({
      bitsPerSecond: 900_000,
      ceilingBitsPerSecond: undefined,
    });
  });

  test('is only a ceiling where something is encoded', () => {
    const encoded = session({ transcoding: { ...RUNNING, bitsPerSecond: 4_000_000 } });
    expect(bitrates(encoded)).toEqual({ bitsPerSecond: undefined, ceilingBitsPerSecond: 4_000_000 });
  });

  test('is unknown where that of a stream is, or the transcode is not shown', () => {
    const silent = { ...item, streams: [{ type: 'video', index: 0, codec: 'vp9', external: false } as const] };
    expect(activeSession(session({ method: 'directplay' }), silent, undefined).bitsPerSecond).toBeUndefined();
    expect(bitrates(session())).toEqual({ bitsPerSecond: undefined, ceilingBitsPerSecond: undefined });
  });

  test('goes by the address of the client', () => {
    const scope = (address: string) => activeSession(session({ address }), item, undefined).scope;
    expect(['192.168.1.5', 'fd00::1', '::ffff:10.0.0.1', '127.0.0.1', '::1'].map(scope)).toEqual(Array(5).fill('lan'));
    expect(['203.0.113.7', '2001:db8::1', '172.32.0.1'].map(scope)).toEqual(Array(3).fill('wan'));
    expect(scope('proxy.example')).toBeUndefined();
  });
});
