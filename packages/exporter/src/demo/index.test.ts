import { systemClock } from '@media-exporter/metrics';
import { expect, test } from 'vitest';
import { startDemo } from './index.ts';

test('the demo has a media server of each kind, each under its own name', async () => {
  const demo = await startDemo({ clock: systemClock, log: { warn: () => {} }, load: async () => 'no worker here' });
  try {
    expect(demo.sources.map(({ name, type }) => [name, type])).toEqual([
      ['demo-sfu', 'mediasoup'],
      ['demo-plex', 'plex'],
      ['demo-jellyfin', 'jellyfin'],
    ]);
    const url = (type: string): string | undefined => demo.sources.find((source) => source.type === type)?.url;
    const pages = [`${url('plex')}/identity`, `${url('jellyfin')}/System/Ping`];
    for (const page of pages) expect((await fetch(page)).status).toBe(200);
    await demo.close();
    for (const page of pages) await expect(fetch(page)).rejects.toThrow();
  } finally {
    await demo.close();
  }
});
