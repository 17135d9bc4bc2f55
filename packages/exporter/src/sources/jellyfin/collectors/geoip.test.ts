import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@media-exporter/metrics/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PrivacyPolicy } from '../../../config/schema.ts';
import { Secret } from '../../../config/secrets.ts';
import { PrivacyFilter } from '../../privacy.ts';
import { answering, iso, T0 } from '../testing/answering.testing.ts';
import { testContext, values } from '../testing/context.testing.ts';
import { writeMmdb } from '../testing/mmdb.testing.ts';
import { create as createGeoip } from './geoip.ts';
import { create as createSessions } from './sessions.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'media-exporter-geoip-'));
  file = join(folder, 'places.mmdb');
  writeFileSync(file, writeMmdb(PLACES));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PLACES = {
  '203.0.113.0/24': {
    country: { iso_code: 'NO' },
    city: { names: { en: 'Oslo' } },
    location: { latitude: 59.9627, longitude: -0.04 },
  },
  '2001:db8:7::/48': { country: { iso_code: 'PE' }, location: { latitude: -10, longitude: -75.5 } },
};

function session(index: number, address: string | undefined, silentMs = 0) {
  return {
    Id: `s${index}`,
    UserId: 'a1',
    DeviceId: `d${index}`,
    ...(address === undefined ? {} : { RemoteEndPoint: address }),
    LastPlaybackCheckIn: iso(T0 - silentMs),
    PlayState: { PlayMethod: 'DirectPlay' },
    NowPlayingItem: { Id: 'c1', Name: 'Film', Type: 'Movie', MediaStreams: [] },
  };
}

async function places(addresses: readonly (string | undefined)[], policy: PrivacyPolicy = 'clear') {
  const clock = new ManualClock(T0);
  const sessions = addresses.map((address, index) => session(index, address));
  const http = answering(() => [...sessions, session(99, '203.0.113.9', 61_000)]);
  const base = testContext(http, clock, { geoip_file: file });
  const privacy = new PrivacyFilter({ users: 'clear', titles: 'clear', addresses: policy, key: new Secret('key') });
  const context = { ...base, privacy };
  const [watcher, geoip] = [createSessions(context), createGeoip(context)];
  const read = (): Record<string, number> => values(geoip.families(), 'jellyfin_sessions_geo');
  await geoip.run();
  const before = geoip.families();
  await watcher.run();
  return { before, read, clock };
}

test('sessions that play are counted by place, with coordinates to a tenth of a degree', async () => {
  const { before, read } = await places([
    '203.0.113.1',
    '::ffff:203.0.113.2',
    '2001:db8:7::7',
    '198.51.100.1',
    undefined,
  ]);
  expect(before).toEqual([]);
  expect(read()).toEqual({ 'NO,Oslo,60,0': 2, 'PE,,-10,-75.5': 1, 'unknown,,,': 2 });
});

test('whoever is in a private network is local, and nowhere on the map', async () => {
  const addresses = ['192.168.1.4', '127.0.0.1', '::1', '169.254.1.1', 'fe80::1%eth0', 'fd00::5', '::ffff:10.0.0.1'];
  const { read } = await places(addresses);
  expect(read()).toEqual({ 'local,,,': addresses.length });
});

test.each<PrivacyPolicy>(['pseudonym', 'drop'])('of addresses under %s only the country is shown', async (policy) => {
  const { read } = await places(['203.0.113.1', '2001:db8:7::7', '192.168.1.4'], policy);
  expect(read()).toEqual({ 'NO,,,': 1, 'PE,,,': 1, 'local,,,': 1 });
});

test('places are known for as long as the sessions are', async () => {
  const { read, clock } = await places(['203.0.113.1']);
  clock.advance(30_000);
  expect(Object.keys(read())).toHaveLength(1);
  clock.advance(1);
  expect(read()).toEqual({});
});
