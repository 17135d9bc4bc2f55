import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, onTestFinished, test } from 'vitest';
import { SimulatedJellyfin } from '../../../../../simulators/src/jellyfin/index.ts';
import { Secret } from '../../../config/secrets.ts';
import { COLLECTOR_NAMES, type CollectorSwitch } from '../../../config/sources/jellyfin.ts';
import { createLogger } from '../../../log.ts';
import { MemoryStore } from '../../../state/memory.ts';
import { ENDPOINTS } from '../endpoints.ts';
import { JellyfinSource } from '../index.ts';
import { JELLYFIN_DEFAULTS } from '../settings.ts';
import { Calm } from '../testing/calm.testing.ts';
import { endpointsOf } from './table.ts';

/** The paths that a source with these collectors asks a server for in its first two minutes. */
async function askedBy(collectors: readonly CollectorSwitch[]): Promise<ReadonlySet<string>> {
  const clock = new ManualClock(Date.UTC(2026, 10, 21, 18));
  const server = new SimulatedJellyfin({ clock, version: '12.0' });
  await server.listen();
  onTestFinished(() => server.close());
  // Who has played is asked for play counts.
  server.play({ item: server.item('Movies', 1) });
  const calm = new Calm(
    () => server.requests.count(),
    () => server.requests.held(),
  );
  onTestFinished(() => calm.close());
  const asked = new Set<string>();
  const source = await JellyfinSource.create(
    { ...JELLYFIN_DEFAULTS, name: 'attic', url: server.url, collectors },
    new Secret(server.token),
    { users: 'clear', titles: 'clear', addresses: 'clear', key: new Secret('the key of the tests') },
    {
      clock,
      random: () => 0.5,
      log: createLogger({ level: 'error', format: 'logfmt', write: () => {}, date: () => 0 }),
      state: new MemoryStore().scope('jellyfin/attic'),
      onRequest(request) {
        asked.add(request.endpoint);
        calm.report(request);
      },
      onReconnect: () => {},
    },
  );
  onTestFinished(() => source.stop());
  await source.start();
  await calm.settled();
  // A job that begins now has a log to read.
  server.play({ item: server.item('Movies', 0), transcode: { speed: 2 } });
  for (let second = 0; second < 130; second += 1) {
    clock.advance(1_000);
    await calm.settled();
  }
  return asked;
}

test.each(COLLECTOR_NAMES)('%s asks for what is told of it, and for nothing else', async (name) => {
  const told = Array.from(endpointsOf([name]), (endpoint) => ENDPOINTS[endpoint].path);
  expect([...(await askedBy([name]))].sort()).toEqual(told.sort());
});
