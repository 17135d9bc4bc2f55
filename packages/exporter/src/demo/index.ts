import type { SourceConfig } from '../config/schema.ts';
import type { DemoServer } from './demo.ts';
import { startDemoJellyfin } from './jellyfin.ts';
import { startDemoPlex } from './plex.ts';
import { type DemoSfuOptions, startDemoSfu } from './sfu.ts';

export interface Demo {
  /** What the exporter reads. */
  readonly sources: readonly SourceConfig[];
  readonly describe: readonly string[];
  /** Ends everything that was started. */
  close(): Promise<void>;
}

/**
 * Starts a media server of each kind.
 *
 * @throws when no socket can be opened; nothing is left behind then.
 */
export async function startDemo(options: DemoSfuOptions): Promise<Demo> {
  const servers: DemoServer[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()));
  };
  try {
    servers.push(await startDemoSfu(options));
    servers.push(await startDemoPlex(options.clock));
    servers.push(await startDemoJellyfin(options.clock));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    sources: servers.map(({ source }) => source),
    describe: servers.flatMap(({ describe }) => describe),
    close,
  };
}
