import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Collector, type Family, Registry, sendExposition } from '@media-exporter/metrics';

export interface FamilyServer {
  /** `HOST:PORT`, as a scrape configuration wants it. */
  readonly target: string;
  /** The content types that were answered with, by path. */
  readonly answered: ReadonlyMap<string, ReadonlySet<string>>;
  close(): Promise<void>;
}

/** A collector that always gives the same families. */
export function constantCollector(name: string, families: readonly Family[]): Collector {
  return { name, catalogue: families.map(({ metric }) => metric), collect: () => families };
}

/** Serves families by path, each through a registry of its own, as an exporter does. */
export async function serveFamilies(byPath: Readonly<Record<string, readonly Family[]>>): Promise<FamilyServer> {
  const registries = new Map<string, Registry>();
  for (const [path, families] of Object.entries(byPath)) {
    const registry = new Registry({ duplicates: 'throw' });
    registry.register(constantCollector(path, families));
    registries.set(path, registry);
  }
  const answered = new Map<string, Set<string>>();
  const server: Server = createServer(async (request, response) => {
    const registry = registries.get(request.url ?? '');
    if (registry === undefined) {
      response.writeHead(404).end();
      return;
    }
    await sendExposition(await registry.gather(), request, response);
    const types = answered.get(request.url ?? '') ?? new Set();
    answered.set(request.url ?? '', types.add(String(response.getHeader('content-type'))));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    answered,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
