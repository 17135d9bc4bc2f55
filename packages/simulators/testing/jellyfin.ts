import { ManualClock } from '@media-exporter/metrics/testing';
import { onTestFinished } from 'vitest';
import { SimulatedJellyfin, type SimulatedJellyfinOptions } from '../src/jellyfin/index.ts';

/** A simulated server that listens until the test is over, on a clock that the test turns. */
export async function startJellyfin(
  options: SimulatedJellyfinOptions = {},
): Promise<{ jellyfin: SimulatedJellyfin; clock: ManualClock }> {
  const clock = new ManualClock(Date.UTC(2026, 10, 21, 20));
  const jellyfin = new SimulatedJellyfin({ clock, ...options });
  onTestFinished(() => jellyfin.close());
  await jellyfin.listen();
  return { jellyfin, clock };
}

/** Asks with the API key. */
export function get(
  jellyfin: SimulatedJellyfin,
  path: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const authorization = `MediaBrowser Token="${jellyfin.token}"`;
  return fetch(`${jellyfin.url}${path}`, { headers: { authorization, ...headers }, redirect: 'manual' });
}

// biome-ignore lint/suspicious/noExplicitAny: an answer is looked into as a monitor would, key by key.
export async function body(jellyfin: SimulatedJellyfin, path: string): Promise<any> {
  return (await get(jellyfin, path)).json();
}
