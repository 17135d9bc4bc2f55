import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManualClock } from '@media-exporter/metrics/testing';
import { Gauge, Registry } from 'prom-client';
import { Agent, request } from 'undici';
import type { FromChild, ToChild } from '../../test/support/driven/messages.ts';
import { Quiet } from '../../test/support/driven/quiet.ts';

// The plain way, as a process that is driven like ours: every five seconds all that it shows is asked for, one answer
// after the other, and put into the gauges of a client library. With the argument `idle` it only serves its process: what
// driving costs.
const [start = '', mode] = process.argv.slice(2);
const server = process.env.PLEX_SERVER ?? '';
const headers = { accept: 'application/json', 'x-plex-token': process.env.PLEX_TOKEN ?? '' };

const clock = new ManualClock(Number(start));
const quiet = new Quiet();
const agent = new Agent({ connections: 2 });
const registry = new Registry();
const gauge = (name: string, labelNames: string[]): Gauge =>
  new Gauge({ name, help: name, labelNames, registers: [registry] });
const items = gauge('plain_library_items', ['library', 'type']);
const storage = gauge('plain_library_storage_bytes', ['library']);
const host = gauge('plain_host_cpu_percent', []);
const sessions = gauge('plain_session_bitrate', ['session', 'title', 'user', 'player', 'state']);

interface Answer {
  readonly MediaContainer: Readonly<Record<string, unknown>>;
}

async function get(path: string): Promise<Answer['MediaContainer']> {
  const { body } = await request(`${server}${path}`, { dispatcher: agent, headers });
  return ((await body.json()) as Answer).MediaContainer;
}

interface Directory {
  readonly id?: string;
  readonly title: string;
  readonly type?: string;
  readonly storageTotal?: number;
}

async function round(): Promise<void> {
  const providers = await get('/media/providers?includeStorage=1');
  const [provider] = providers.MediaProvider as { Feature: { type: string; Directory?: Directory[] }[] }[];
  const content = provider?.Feature.find(({ type }) => type === 'content')?.Directory ?? [];
  await get('/');
  const { StatisticsResources: rows } = await get('/statistics/resources?timespan=6');
  host.set((rows as { hostCpuUtilization: number }[]).at(-1)?.hostCpuUtilization ?? 0);
  await get('/statistics/bandwidth?timespan=6');
  for (const { id, title, type, storageTotal } of content) {
    if (id === undefined) continue;
    if (storageTotal !== undefined) storage.set({ library: title }, storageTotal);
    const kind = type === 'show' ? 4 : type === 'artist' ? 10 : undefined;
    if (kind === undefined) continue;
    const page = 'X-Plex-Container-Start=0&X-Plex-Container-Size=0';
    const { totalSize } = await get(`/library/sections/${id}/all?type=${kind}&${page}`);
    items.set({ library: title, type: String(kind) }, Number(totalSize));
  }
  const { Metadata = [] } = await get('/status/sessions');
  sessions.reset();
  for (const entry of Metadata as Playing[]) {
    const { sessionKey, title, User, Player, Media } = entry;
    const labels = { session: sessionKey, title, user: User.title, player: Player.title, state: Player.state };
    sessions.set(labels, Media?.[0]?.bitrate ?? 0);
  }
}

interface Playing {
  readonly sessionKey: string;
  readonly title: string;
  readonly User: { readonly title: string };
  readonly Player: { readonly title: string; readonly state: string };
  readonly Media?: readonly { readonly bitrate?: number }[];
}

const again = (): void => {
  clock.after(5_000, again);
  void round();
};
if (mode !== 'idle') again();

const web = createServer(async (_, response) => response.end(await registry.metrics()));
await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
const tell = (message: FromChild): void => void process.send?.(message);
process.on('message', async (message: ToChild) => {
  if ('advance' in message) {
    clock.advance(message.advance);
    await quiet.settled();
    tell({ advanced: true });
  } else if ('usage' in message) tell({ usage: { ...process.cpuUsage(), rss: process.memoryUsage.rss() } });
});
process.on('disconnect', () => process.exit(0));
tell({ base: `http://127.0.0.1:${(web.address() as AddressInfo).port}` });
