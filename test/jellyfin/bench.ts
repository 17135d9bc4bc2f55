import { ManualClock } from '@media-exporter/metrics/testing';
import { SimulatedJellyfin, type SimulatedJellyfinOptions } from '@media-exporter/simulators/jellyfin';
import { onTestFinished } from 'vitest';
import { COLLECTOR_NAMES } from '../../packages/exporter/src/config/sources/jellyfin.ts';
import { DrivenExporter } from '../support/driven/exporter.ts';
import { Exposition } from '../support/exposition.ts';
import { testFolder } from '../support/folder.ts';

export const TOKEN = 'a-token-of-the-tests';

/** The flags that switch on all there is. */
export const EVERY_COLLECTOR: readonly string[] = COLLECTOR_NAMES.map((name) => `--collector.${name}`);

export interface BenchOptions extends Omit<SimulatedJellyfinOptions, 'clock' | 'token'> {
  /** More arguments of the drop-in. */
  readonly args?: readonly string[];
  /** The flags that tell the address and the key; `--jellyfin.address` and `--jellyfin.token` unless told. */
  readonly flags?: (url: string) => readonly string[];
  readonly env?: (url: string) => Readonly<Record<string, string>>;
  /** What happens before the exporter is started. */
  readonly before?: (jellyfin: SimulatedJellyfin, clock: ManualClock) => void;
}

/** A simulated Jellyfin and the drop-in that watches it, both on one clock. */
export interface Bench {
  readonly jellyfin: SimulatedJellyfin;
  readonly exporter: DrivenExporter;
  /** Turns the clock on, second by second. */
  advance(seconds: number): Promise<void>;
  /** What is exported now. */
  exposition(): Promise<Exposition>;
}

/** The log tells of each answer. */
const OWN_FLAGS = ['--web.listen-address=127.0.0.1:0', '--log.level=debug'];

/** Starts both, until the test is over. */
export async function open(options: BenchOptions = {}): Promise<Bench> {
  const { args = [], flags, env, before, ...server } = options;
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const jellyfin = new SimulatedJellyfin({ ...server, clock, token: TOKEN });
  await jellyfin.listen();
  onTestFinished(() => jellyfin.close());
  before?.(jellyfin, clock);
  const { url } = jellyfin;
  const given = flags?.(url) ?? [`--jellyfin.address=${url}`, `--jellyfin.token=${TOKEN}`];
  const held = (): number => jellyfin.faults.held;
  const exporter = await DrivenExporter.start({
    args: ['jellyfin', ...given, ...OWN_FLAGS, `--state.dir=${testFolder()}`, ...args],
    env: env?.(url) ?? {},
    clock,
    held,
  });
  onTestFinished(async () => void (await exporter.stop()));
  await exporter.answersRead();
  return {
    jellyfin,
    exporter,
    async advance(seconds) {
      for (let second = 0; second < seconds; second += 1) {
        await exporter.advance(1000, held, () => jellyfin.settled);
        await exporter.answersRead();
      }
    },
    exposition: async () => new Exposition(await exporter.scrape()),
  };
}
