import { randomBytes } from 'node:crypto';
import type { Clock } from '@media-exporter/metrics';
import { SimulatedPlex } from '@media-exporter/simulators/plex';
import type { DemoServer } from './demo.ts';

/** A simulated Plex server with a household whose players come and go. Only the exporter knows its token. */
export async function startDemoPlex(clock: Clock): Promise<DemoServer> {
  const plex = new SimulatedPlex({ clock, token: randomBytes(16).toString('hex') });
  await plex.listen();
  plex.runDemo();
  return {
    source: { name: 'demo-plex', type: 'plex', url: plex.url, token: plex.token },
    describe: ['Demo: a simulated Plex server with a household of five'],
    close: () => plex.close(),
  };
}
