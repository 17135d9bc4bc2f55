import type { Clock } from '@media-exporter/metrics';
import { SimulatedJellyfin } from '@media-exporter/simulators/jellyfin';
import type { DemoServer } from './demo.ts';

/** A simulated Jellyfin with a household whose players come and go. */
export async function startDemoJellyfin(clock: Clock): Promise<DemoServer> {
  const jellyfin = new SimulatedJellyfin({ clock });
  await jellyfin.listen();
  jellyfin.runDemo();
  return {
    source: { name: 'demo-jellyfin', type: 'jellyfin', url: jellyfin.url, token: jellyfin.token },
    describe: ['Demo: a simulated Jellyfin with a household of its own'],
    close: () => jellyfin.close(),
  };
}
