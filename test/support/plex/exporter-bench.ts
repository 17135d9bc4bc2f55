import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedPlex, SimulatedPlexOptions } from '@media-exporter/simulators/plex';
import { onTestFinished } from 'vitest';
import { DrivenExporter } from '../driven/exporter.ts';
import { Exposition } from '../exposition.ts';
import { testFolder } from '../folder.ts';
import { simulatePlex } from './simulated.ts';

export interface ExporterBenchOptions extends Omit<SimulatedPlexOptions, 'clock'> {
  /** Settings of the source. With them it is not the drop-in that watches, but the daemon. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** More of the environment. */
  readonly env?: (plex: SimulatedPlex) => Readonly<Record<string, string>>;
  /** What happens before the exporter is started. */
  readonly before?: (plex: SimulatedPlex) => void;
}

/** How an exporter is called. */
interface Call {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A simulated Plex server and the whole exporter that watches it, both on one clock, until the test is over. */
export class ExporterBench {
  readonly plex: SimulatedPlex;
  readonly exporter: DrivenExporter;

  private constructor(plex: SimulatedPlex, exporter: DrivenExporter) {
    this.plex = plex;
    this.exporter = exporter;
  }

  static async start({ settings, env, before, ...server }: ExporterBenchOptions = {}): Promise<ExporterBench> {
    const { plex, clock } = await simulatePlex(server);
    before?.(plex);
    const call = settings === undefined ? dropIn(plex) : daemon(plex, settings);
    const exporter = await DrivenExporter.start({
      args: call.args,
      env: { ...call.env, ...env?.(plex) },
      clock,
      held: () => plex.faults.held,
    });
    onTestFinished(async () => void (await exporter.stop()));
    return new ExporterBench(plex, exporter);
  }

  /** Turns the clock on, second by second. */
  advance(seconds: number): Promise<void> {
    return this.exporter.advance(
      seconds * 1000,
      () => this.plex.faults.held,
      () => this.plex.notifications.settled(),
    );
  }

  /** What is exported now. */
  async exposition(): Promise<Exposition> {
    return new Exposition(await this.exporter.scrape());
  }
}

/** The drop-in that watches a server. */
function dropIn(plex: SimulatedPlex): Call {
  return {
    args: ['plex', '--web.listen-address', '127.0.0.1:0', '--state.dir', testFolder()],
    env: { PLEX_SERVER: plex.url, PLEX_TOKEN: plex.token },
  };
}

/** The daemon whose configuration has a server alone, and shows all names. */
export function daemon(plex: SimulatedPlex, settings: object): Call {
  const folder = testFolder();
  const file = join(folder, 'media-exporter.yml');
  const source = { name: 'home', type: 'plex', url: plex.url, token: plex.token, ...settings };
  const privacy = { users: 'clear', titles: 'clear', addresses: 'clear' };
  // Whatever is JSON is YAML.
  writeFileSync(file, JSON.stringify({ web: { listen: ['127.0.0.1:0'] }, privacy, sources: [source] }));
  return { args: ['--config.file', file, '--state.dir', join(folder, 'state')], env: {} };
}
