import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock } from '@media-exporter/metrics/testing';
import { describe, expect, test } from 'vitest';
import { skipWithout } from '../../../../../../test/support/tools.ts';
import { answering, iso, open, T0 } from '../testing/answering.testing.ts';
import { testContext, values } from '../testing/context.testing.ts';
import { MISSING, RECORDED } from '../testing/tape.testing.ts';
import { create } from './devices.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const device = (agoMs: number, more: object = {}) => ({
  Name: 'TV',
  LastUserName: 'Ann',
  AppName: 'Infuse',
  AppVersion: '8.0',
  DateLastActivity: iso(T0 - agoMs),
  AccessToken: 'a-token-of-somebody',
  Capabilities: { AppStoreUrl: 'https://somewhere' },
  ...more,
});

/** Asks once, at T0. */
async function devices(...items: unknown[]) {
  const http = answering(() => ({ Items: items, TotalRecordCount: items.length, StartIndex: 0 }));
  const collector = create(testContext(http, new ManualClock(T0)));
  await collector.run();
  return { collector, read: (name: string) => values(collector.families(), name) };
}

describe('the devices', () => {
  test('are counted by application, and by when they were last heard of', async () => {
    const { read } = await devices(
      device(HOUR),
      device(DAY - 1),
      device(DAY, { AppVersion: '7.9' }),
      device(7 * DAY, { AppName: 'Findroid', AppVersion: undefined }),
      device(0, { DateLastActivity: '0001-01-01T00:00:00.0000000Z' }),
    );
    expect(read('jellyfin_devices')).toEqual({ 'Infuse,8.0': 3, 'Infuse,7.9': 1, 'Findroid,': 1 });
    expect(read('jellyfin_devices_active')).toEqual({ '1d': 2, '7d': 3 });
  });

  test('that there are none of are none, not unknown', async () => {
    expect((await devices()).read('jellyfin_devices_active')).toEqual({ '1d': 0, '7d': 0 });
  });

  test('are not told to be active where the server does not say it of each', async () => {
    const { read } = await devices(device(0), device(0, { DateLastActivity: undefined }));
    expect(read('jellyfin_devices')).toEqual({ 'Infuse,8.0': 2 });
    expect(read('jellyfin_devices_active')).toEqual({});
  });

  test('show nothing of whose they are, and nothing of their tokens', async () => {
    const { collector } = await devices(device(0), device(HOUR));
    expect(JSON.stringify(collector.families())).not.toMatch(/Ann|TV|token|somewhere/);
  });

  test('are asked for as seldom as the accounts', async () => {
    const { collector, asked } = open(create, () => ({ Items: [] }));
    await collector.run();
    expect(asked).toEqual(['/Devices']);
    expect(collector.interval()).toBe(1_800_000);
    expect(collector.line).toBe('slow');
  });

  test.each([[[]], ['devices'], [{}], [{ Items: {} }], [{ Items: [{ AppName: 'x'.repeat(70_000) }] }]])(
    'of an answer that has none are a failure',
    async (answer) => {
      const { collector } = open(create, () => answer);
      await expect(collector.run()).rejects.toMatchObject({ code: 'MX_UPSTREAM_ANSWER' });
      expect(collector.families()).toEqual([]);
    },
  );
});

skipWithout(MISSING, 'the recorded answers of real servers', () => {
  test.each(['10.11', '12.0'])('the devices of %s are as they were recorded', async (line) => {
    const recorded = JSON.parse(readFileSync(join(RECORDED, 'recorded', line, 'devices.json'), 'utf8'));
    const { collector, read } = open(create, () => recorded);
    await collector.run();
    const counts = read('jellyfin_devices');
    expect(counts).toMatchObject({ 'Jellyfin Web,12.0.0': 5, 'Jellyfin Web,1.0': 1, 'Liar "Player",1': 1 });
    expect(Object.values(counts).reduce((a, b) => a + b)).toBe(21);
    expect(Object.keys(read('jellyfin_devices_active'))).toEqual(['1d', '7d']);
  });
});
