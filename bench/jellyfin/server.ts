import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SimulatedJellyfin } from '@media-exporter/simulators/jellyfin';

// A Jellyfin to measure against, in a process of its own: `tape` is a recorded evening, the others are simulated. It tells
// the parent where it is and, when asked, how many requests there were.
const FIXTURES = join(import.meta.dirname, '../../../shared/fixtures/jellyfin');
const TAPE = join(FIXTURES, 'recorded/12.0/evening-a.tape.ndjson.gz');
const PLAYERS = 20;
/** So many sessions with so many queued items are a list of sessions of 7 MB on 10.11. */
const QUEUES = 100;
const QUEUED = 20;

interface Measured {
  readonly url: string;
  readonly token: string;
  readonly requests: () => number;
}

const [load, items] = process.argv.slice(2);
const server = await start();
process.on('message', () => process.send?.(server.requests()));
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
process.send?.({ url: server.url, token: server.token });

function start(): Promise<Measured> {
  if (load === 'tape') return replay();
  if (load === 'walk') {
    const libraries = [{ name: 'Films', kind: 'movies', items: Number(items) }] as const;
    return serve(new SimulatedJellyfin({ version: '12.0', libraries }));
  }
  const jellyfin = new SimulatedJellyfin({ version: load === 'sessions' ? '10.11' : '12.0' });
  if (load === 'busy') playMany(jellyfin);
  if (load === 'sessions') playQueues(jellyfin);
  return serve(jellyfin);
}

function playMany(jellyfin: SimulatedJellyfin): void {
  for (let index = 0; index < PLAYERS; index += 1) {
    jellyfin.play({
      device: `device-${index}`,
      deviceId: `device-${index}`,
      ...(index % 4 === 0 ? { transcode: { kind: 'video' as const } } : {}),
    });
  }
}

function playQueues(jellyfin: SimulatedJellyfin): void {
  const queue = Array.from({ length: QUEUED }, (_, index) => jellyfin.item('Music', index));
  const [item] = queue;
  if (item === undefined) throw new Error('there is no music');
  for (let index = 0; index < QUEUES; index += 1) jellyfin.play({ device: `device-${index}`, item, queue });
}

async function serve(jellyfin: SimulatedJellyfin): Promise<Measured> {
  await jellyfin.listen();
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
