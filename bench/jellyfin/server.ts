import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SimulatedJellyfin } from '@media-exporter/simulators/jellyfin';

// A Jellyfin to measure against, in a process of its own: `idle` and `busy` are simulated, `tape` is a recorded evening. It
// tells the parent where it is and, when asked, how many requests there were.
const FIXTURES = join(import.meta.dirname, '../../../shared/fixtures/jellyfin');
const TAPE = join(FIXTURES, 'recorded/12.0/evening-a.tape.ndjson.gz');
const PLAYERS = 20;

interface Measured {
  readonly url: string;
  readonly token: string;
  readonly requests: () => number;
}

const [load] = process.argv.slice(2);
const server = load === 'tape' ? await replay() : await simulate(load === 'busy' ? PLAYERS : 0);
process.on('message', () => process.send?.(server.requests()));
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
process.send?.({ url: server.url, token: server.token });

async function simulate(players: number): Promise<Measured> {
  const jellyfin = new SimulatedJellyfin({ version: '12.0' });
  await jellyfin.listen();
  for (let index = 0; index < players; index += 1) {
    jellyfin.play({
      device: `device-${index}`,
      deviceId: `device-${index}`,
      ...(index % 4 === 0 ? { transcode: { kind: 'video' as const } } : {}),
    });
  }
  return {
    url: jellyfin.url,
    token: jellyfin.token,
    requests: () => Object.values(jellyfin.requests.counts).reduce((sum, count) => sum + count, 0),
  };
}

async function replay(): Promise<Measured> {
  const { openTape, serve } = (await import(join(FIXTURES, 'replay.mjs'))) as {
    openTape(file: string): unknown;
    serve(tape: unknown, options: { readonly start: number }): { readonly server: Server };
  };
  // Where most people watch.
  const { server: http } = serve(openTape(TAPE), { start: 60 });
  let requests = 0;
  http.on('request', () => {
    requests += 1;
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, token: 'tape-key', requests: () => requests };
}
