import { systemClock } from '@media-exporter/metrics';
import { expect, test } from 'vitest';
import { startDemo } from './index.ts';

test('the demo has a media server of each kind, each under its own name', async () => {
  const demo = await startDemo({ clock: systemClock, log: { warn: () => {} }, load: async () => 'no worker here' });
  try {
    expect(demo.sources.map(({ name, type }) => [name, type])).toEqual([
      ['demo-sfu', 'mediasoup'],
      ['demo-plex', 'plex'],
    ]);
    const plex = demo.sources.find(({ type }) => type === 'plex');
    expect((await fetch(`${plex?.url}/identity`)).status).toBe(200);
    await demo.close();
    await expect(fetch(`${plex?.url}/identity`)).rejects.toThrow();
  } finally {
    await demo.close();
  }
});
