import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { DrivenExporter } from './exporter.ts';

/** When an exporter asks a server that is down: its pauses are jittered. */
async function timesOf(seed?: number): Promise<string[]> {
  const exporter = await DrivenExporter.start({
    args: ['plex', '--web.listen-address', '127.0.0.1:0', '--log.level', 'debug'],
    env: { PLEX_SERVER: 'http://127.0.0.1:1', PLEX_TOKEN: 'a-token-of-the-tests' },
    clock: new ManualClock(),
    ...(seed === undefined ? {} : { seed }),
  });
  // An odd step, so that a jitter below a second is seen.
  for (let i = 0; i < 400; i += 1) await exporter.advance(137);
  await exporter.stop();
  return exporter.log.split('\n').flatMap((line) => /^ts=(\S+) .*"asked a media server"/.exec(line)?.[1] ?? []);
}

test('a run that failed can be repeated: the pauses of an exporter follow from its seed', async () => {
  const times = await timesOf();
  expect(times.length).toBeGreaterThan(5);
  expect(await timesOf()).toEqual(times);
  expect(await timesOf(2)).not.toEqual(times);
});
