import { ManualClock } from '@media-exporter/metrics/testing';
import { afterEach, expect, test } from 'vitest';
import type { JellyfinVersion } from './dialect.ts';
import { SimulatedJellyfin } from './jellyfin.ts';

const TOKEN = 'a-key';
const DAY = 86_400_000;
let jellyfin: SimulatedJellyfin | undefined;

afterEach(() => jellyfin?.close());

async function open(version: JellyfinVersion, status: string) {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const plugins = [{ name: 'Playback Reporting', version: '17.0.0.0', status }];
  const server = new SimulatedJellyfin({ clock, version, token: TOKEN, settings: { plugins } });
  jellyfin = server;
  await server.listen();
  const ask = (days: string) =>
    fetch(`${server.url}/user_usage_stats/user_activity?days=${days}`, {
      headers: { authorization: `MediaBrowser Token="${TOKEN}"`, accept: 'application/json; profile="PascalCase"' },
    });
  return { clock, server, ask };
}

const VERSIONS: readonly JellyfinVersion[] = ['10.8', '10.11', '12.0'];

test.each(VERSIONS)('Playback Reporting on %s tells what each user has played in the last days', async (version) => {
  const { clock, server, ask } = await open(version, 'Active');
  const first = server.play({ user: 'marta' });
  clock.advance(600_000);
  first.stop();
  clock.advance(2 * DAY);
  for (const user of ['marta', 'jonas']) {
    const play = server.play({ user, device: user });
    clock.advance(90_000);
    play.stop();
  }
  const told = async (days: string) =>
    Object.fromEntries(
      ((await (await ask(days)).json()) as Record<string, unknown>[]).map(({ user_name, total_count, total_time }) => [
        user_name,
        [total_count, total_time],
      ]),
    );
  expect(await told('30')).toEqual({ marta: [2, 690], jonas: [1, 90] });
  expect(await told('1')).toEqual({ marta: [1, 90], jonas: [1, 90] });
  expect((await ask('many')).status).toBe(400);
});

test.each(['Disabled', 'Restart'])('a plugin that is %s answers nothing', async (status) => {
  const { ask } = await open('12.0', status);
  expect((await ask('30')).status).toBe(404);
});
