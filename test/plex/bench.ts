import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@media-exporter/metrics/testing';
import { SimulatedPlex, type SimulatedPlexOptions } from '@media-exporter/simulators/plex';
import { DrivenExporter } from '../support/driven/exporter.ts';
import { Exposition } from '../support/exposition.ts';

const TOKEN = 'a-token-of-the-tests';

export interface BenchOptions extends Omit<SimulatedPlexOptions, 'clock' | 'token'> {
  /** More arguments of the drop-in. */
  readonly args?: readonly string[];
  /** Settings of the source. With them it is not the drop-in that watches, but the daemon. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: (plex: SimulatedPlex) => Readonly<Record<string, string>>;
  /** What happens before the exporter is started. */
  readonly before?: (plex: SimulatedPlex) => void | Promise<void>;
}

/** A simulated Plex server and the drop-in that watches it, both on one clock. */
export interface Bench {
  readonly clock: ManualClock;
  readonly plex: SimulatedPlex;
  readonly exporter: DrivenExporter;
  /** Turns the clock on, second by second. */
  advance(seconds: number): Promise<void>;
  /** What is exported now. */
  exposition(): Promise<Exposition>;
}

const closers: (() => unknown)[] = [];

/** Ends what a test has opened; call it after each. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

/** A folder that is gone after the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'media-exporter-plex-'));
  closers.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export async function simulate(options: BenchOptions = {}): Promise<{ plex: SimulatedPlex; clock: ManualClock }> {
  const clock = new ManualClock();
  const plex = new SimulatedPlex({ ...options, clock, token: TOKEN });
  await plex.listen();
  closers.push(() => plex.close());
  await options.before?.(plex);
  return { plex, clock };
}

/** The arguments and the environment of a drop-in that watches the server. */
export function dropIn(plex: SimulatedPlex, state: string): { args: string[]; env: Record<string, string> } {
  return {
    args: ['plex', '--web.listen-address', '127.0.0.1:0', '--state.dir', state],
    env: { PLEX_SERVER: plex.url, PLEX_TOKEN: TOKEN },
  };
}

/** The same of a daemon whose configuration has this server alone, and shows all names. */
export function daemon(plex: SimulatedPlex, state: string, settings: object): ReturnType<typeof dropIn> {
  const file = join(folder(), 'media-exporter.yml');
  const source = { name: 'home', type: 'plex', url: plex.url, token: TOKEN, ...settings };
  const privacy = { users: 'clear', titles: 'clear', addresses: 'clear' };
  // Whatever is JSON is YAML.
  writeFileSync(file, JSON.stringify({ web: { listen: ['127.0.0.1:0'] }, privacy, sources: [source] }));
  return { args: ['--config.file', file, '--state.dir', state], env: {} };
}

export async function open(options: BenchOptions = {}): Promise<Bench> {
  const { plex, clock } = await simulate(options);
  const { settings } = options;
  const { args, env } = settings === undefined ? dropIn(plex, folder()) : daemon(plex, folder(), settings);
  const exporter = await DrivenExporter.start({
    args: [...args, ...(options.args ?? [])],
    env: { ...env, ...options.env?.(plex) },
    clock,
    held: () => plex.faults.held,
  });
  closers.push(() => exporter.stop());
  return {
    clock,
    plex,
    exporter,
    advance: (seconds) =>
      exporter.advance(
        seconds * 1000,
        () => plex.faults.held,
        () => plex.notifications.settled(),
      ),
    exposition: async () => new Exposition(await exporter.scrape()),
  };
}
