import { causeTroubles, evening, type SimulatedPlex } from '@media-exporter/simulators/plex';
import { expect, onTestFinished, test } from 'vitest';
import { DrivenExporter } from '../support/driven/exporter.ts';
import { DrivenProcess } from '../support/driven/process.ts';
import { Exposition } from '../support/exposition.ts';
import { daemon, ExporterBench } from '../support/plex/exporter-bench.ts';
import { simulatePlex } from '../support/plex/simulated.ts';
import { compareWithTruth } from '../support/plex/truth.ts';

/** Seconds between two looks at the sessions. */
const POLL = 10;
/** The same at most, as they are spread a little and the clock is turned by whole seconds. */
const LOOK = POLL * 1.05 + 1;
/** Seconds between two reports of a player. */
const REPORT = 10;
const HOUR = 3600;
/** How often the exporter is killed, and for how many seconds there is none after that. */
const KILLS = 3;
const GONE = 20;

const COUNTERS = [
  'plays_total',
  'play_seconds_total',
  'media_plays_total',
  'media_play_seconds_total',
  'transmit_bytes_total',
  'estimated_transmit_bytes_total',
];

test.each([
  // Of a player that dies, its last report is known.
  ['without trouble', false, REPORT],
  // A play may also begin while nothing tells of it but the next look.
  ['with all kinds of trouble', true, LOOK + REPORT],
] as const)(
  'each play of an evening of 40 sessions %s is counted once, and its seconds, whenever it is looked at',
  async (_, trouble, within) => {
    const { plex, exporters } = await watch([1, 2, 3]);
    const { durationMs } = evening(plex, { sessions: 40 });
    if (trouble) causeTroubles(plex);
    // They have one clock.
    await exporters[0]?.advance(
      durationMs + 120_000,
      () => plex.faults.held,
      () => plex.notifications.settled(),
    );
    for (const [index, exporter] of exporters.entries()) {
      const sums = compareWithTruth(new Exposition(await exporter.scrape()), plex);
      expect(sums.size).toBeGreaterThan(20);
      let late = 0;
      for (const [who, { counted, true: truth }] of sums) {
        const error = Math.abs(counted.seconds - truth.seconds);
        expect.soft(counted.plays, `${who}, exporter ${index}`).toBe(truth.plays);
        expect.soft(error, `seconds of ${who}, exporter ${index}`).toBeLessThanOrEqual(within);
        if (error > LOOK) late += 1;
      }
      expect(late, `late by more than a look, exporter ${index}`).toBeLessThanOrEqual(sums.size / 10);
    }
  },
  300_000,
);

test('an evening of 40 sessions with all kinds of trouble ends with the truth when all is folded', async () => {
  const bench = await ExporterBench.start();
  const { plex } = bench;
  const { durationMs } = evening(plex, { sessions: 40 });
  causeTroubles(plex);
  await bench.advance(durationMs / 1000 + 2 * HOUR);
  const { truth } = plex;
  const got = await bench.exposition();

  const plays = truth.total({ kind: 'play' });
  expect(plays.plays).toBeGreaterThan(50);
  expect(got.sum('plays_total')).toBe(plays.plays);
  expect(got.sum('media_plays_total')).toBe(plays.plays);
  for (const [media_type, { plays }] of truth.by('mediaType')) {
    expect.soft(got.sum('media_plays_total', { media_type }), media_type).toBe(plays);
  }

  const { seconds, bytes } = truth.total();
  expect(Math.abs(got.sum('play_seconds_total') / seconds - 1)).toBeLessThan(0.01);
  expect(got.sum('media_play_seconds_total')).toBeCloseTo(got.sum('play_seconds_total'), 3);
  const { lan, wan } = truth.transmittedBytes;
  expect(got.sum('transmit_bytes_total')).toBe(lan + wan);
  expect(got.value('media_transmitted_bytes_total', { scope: 'lan' })).toBe(lan);
  expect(got.value('media_transmitted_bytes_total', { scope: 'wan' })).toBe(wan);
  expect(Math.abs(got.sum('estimated_transmit_bytes_total') / bytes - 1)).toBeLessThan(0.05);
}, 300_000);

test('an exporter that is killed in mid-evening and started again continues its counters', async () => {
  const { plex, clock } = await simulatePlex();
  const { args, env } = daemon(plex, { fold_after: '24h' });
  const { steps } = evening(plex, { sessions: 40, restart: false });
  const begin = clock.now();
  let exporter = await DrivenProcess.start(args, env, clock.date());
  const advance = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(1000);
      await plex.notifications.settled();
      await exporter.advance(1000, () => plex.faults.held);
    }
  };
  const seen = async (): Promise<Exposition> => new Exposition(await exporter.scrape());
  try {
    for (let kill = 0; kill < KILLS; kill += 1) {
      await advance(12 * 60 + 7);
      const before = await seen();
      await advance(1);
      await exporter.kill();
      clock.advance(GONE * 1000);
      exporter = await DrivenProcess.start(args, env, clock.date());
      await advance(1);
      const after = await seen();
      expect(before.sum('play_seconds_total')).toBeGreaterThan(0);
      for (const name of COUNTERS) expect(after.sum(name), name).toBeGreaterThanOrEqual(before.sum(name));
    }
    // Until nobody has done anything for a while: what has just begun is not known yet.
    const recently = (): boolean => steps.some(({ at }) => Math.abs(clock.now() - begin - at - 30_000) <= 30_000);
    do await advance(10);
    while (recently());
    const { truth } = plex;
    const sent = (): number => truth.transmittedBytes.lan + truth.transmittedBytes.wan;
    const earlier = sent();
    // One poll of the statistics, and a little.
    await advance(35);
    const got = await seen();
    expect(got.sum('transmit_bytes_total')).toBeGreaterThanOrEqual(earlier);
    expect(got.sum('transmit_bytes_total')).toBeLessThanOrEqual(sent());
    const { plays } = truth.total({ kind: 'play' });
    expect(plays).toBeGreaterThan(10);
    expect(got.sum('media_plays_total')).toBe(plays);
    for (const [who, { counted, true: real }] of compareWithTruth(got, plex)) {
      expect.soft(counted.plays, who).toBe(real.plays);
      // Of Live TV and photos no position tells what was played while there was no exporter.
      const unproven = /The Evening News|IMG_/.test(who) ? KILLS * GONE : 0;
      expect.soft(counted.seconds, `seconds of ${who}`).toBeLessThanOrEqual(real.seconds + POLL);
      expect.soft(counted.seconds, `seconds of ${who}`).toBeGreaterThanOrEqual(real.seconds - POLL - unproven);
    }
  } finally {
    await exporter.kill();
  }
}, 300_000);

/** Exporters that watch one server, each with chances of its own, which say when it looks. */
async function watch(
  seeds: readonly number[],
): Promise<{ readonly plex: SimulatedPlex; readonly exporters: readonly DrivenExporter[] }> {
  const { plex, clock } = await simulatePlex();
  const exporters: DrivenExporter[] = [];
  for (const seed of seeds) {
    const call = daemon(plex, { fold_after: '24h' });
    const exporter = await DrivenExporter.start({ ...call, clock, held: () => plex.faults.held, seed });
    onTestFinished(async () => void (await exporter.stop()));
    exporters.push(exporter);
  }
  return { plex, exporters };
}
