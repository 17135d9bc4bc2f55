import type { CollectorContext } from '../collectors/collector.ts';
import { ENDPOINTS } from '../endpoints.ts';
import { LATE } from '../pacing/lately.ts';
import { type Library, parseLibraries } from '../parse/library.ts';

/** The libraries, as they were told lately, or else are now. */
export function listLibraries({ client, clock, settings, shared }: CollectorContext): Promise<readonly Library[]> {
  const ask = async (): Promise<readonly Library[]> => (await client.json(ENDPOINTS.libraries, parseLibraries)).value;
  return shared.libraries.get(clock.now(), settings.library_interval * LATE, ask);
}
