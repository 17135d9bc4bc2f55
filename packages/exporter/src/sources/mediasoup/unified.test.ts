import { readFileSync } from 'node:fs';
import type { SfuState } from '@media-exporter/mediasoup';
import { renderText } from '@media-exporter/metrics';
import { mediaFamilies } from '@media-exporter/model';
import { expect, test } from 'vitest';
import { serverState } from './unified.ts';

const STATE = JSON.parse(
  readFileSync(new URL('../../../testdata/sfu/state.json', import.meta.url), 'utf8'),
) as SfuState;

test('an SFU is told in the terms that all media servers share', () => {
  expect(serverState(true, STATE)).toEqual({
    platform: 'mediasoup',
    up: true,
    version: '3.8.4',
    rooms: { rooms: 2, participants: 3 },
    tracks: [
      { direction: 'receive', kind: 'audio', tracks: 3, meanScore: 9.7, bytes: 600_000 },
      { direction: 'receive', kind: 'video', tracks: 1, bytes: 0 },
      { direction: 'send', kind: 'audio', tracks: 2, meanScore: 8, bytes: 1_100_000 },
      { direction: 'send', kind: 'video', tracks: 0, bytes: 0 },
    ],
  });
});

test('what goes over pipes is not counted twice', () => {
  const { consumers, rtp } = STATE;
  const piped: SfuState = {
    ...STATE,
    consumers: [...consumers, { worker: 0, kind: 'audio', codec: 'opus', type: 'pipe', paused: false, count: 9 }],
    rtp: [...rtp, ...rtp.map((row) => ({ ...row, transport: 'pipe' as const }))],
  };
  expect(serverState(true, piped)).toEqual(serverState(true, STATE));
});

test('bytes and scores are absent until a worker has answered', () => {
  const { aggregated: _, ...state } = STATE;
  const { completed: __, ...poll } = STATE.poll;
  const { tracks } = serverState(true, { ...state, poll, detail: {} });
  expect(tracks?.map((track) => Object.keys(track))).toEqual(Array(4).fill(['direction', 'kind', 'tracks']));
});

test('of an SFU that is down no more is known', () => {
  expect(renderText(mediaFamilies('sfu', serverState(false)))).toMatch(
    /^#.*\n#.*\nmedia_server_up\{server="sfu",platform="mediasoup"\} 0\n$/,
  );
});
