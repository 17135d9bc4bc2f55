import { ManualClock } from '@media-exporter/metrics/testing';
import { SimulatedPlex, type SimulatedPlexOptions } from '@media-exporter/simulators/plex';
import { onTestFinished } from 'vitest';

/** A simulated Plex server that listens until the test is over, on a clock that is turned by hand. */
export async function simulatePlex(
  options: Omit<SimulatedPlexOptions, 'clock'> = {},
): Promise<{ plex: SimulatedPlex; clock: ManualClock }> {
  const clock = new ManualClock();
  const plex = new SimulatedPlex({ ...options, clock });
  await plex.listen();
  onTestFinished(() => plex.close());
  return { plex, clock };
}
