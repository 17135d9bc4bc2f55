import { type Family, renderText } from '@media-exporter/metrics';
import { ManualClock } from '@media-exporter/metrics/testing';
import { SimulatedPlex, type SimulatedPlexOptions } from '@media-exporter/simulators/plex';
import { Secret } from '../../../packages/exporter/src/config/secrets.ts';
import { plexSourceSchema } from '../../../packages/exporter/src/config/sources/plex.ts';
import { createLogger } from '../../../packages/exporter/src/log.ts';
import { PlexSource } from '../../../packages/exporter/src/sources/plex/index.ts';
import type { Privacy } from '../../../packages/exporter/src/sources/privacy.ts';
import type { RequestReport } from '../../../packages/exporter/src/sources/source.ts';
import { MemoryStore } from '../../../packages/exporter/src/state/memory.ts';
import type { StateStore } from '../../../packages/exporter/src/state/store.ts';
import { Quiet } from '../driven/quiet.ts';

export interface BenchOptions {
  readonly plex?: Omit<SimulatedPlexOptions, 'clock'>;
  readonly settings?: Record<string, unknown>;
  readonly privacy?: Partial<Privacy>;
  readonly token?: string;
  readonly random?: () => number;
  readonly renewSecret?: () => Promise<Secret | undefined>;
}

/** One for all: each listens to the whole process. */
const QUIET = new Quiet();

const CLEAR: Privacy = { users: 'clear', titles: 'clear', addresses: 'clear', key: new Secret('the key of the tests') };

/** A simulated Plex server and a source that follows it, both on one clock that is turned by hand. */
export class PlexBench {
  readonly clock: ManualClock;
  readonly plex: SimulatedPlex;
  readonly store: StateStore = new MemoryStore();
  readonly requests: RequestReport[] = [];
  readonly lines: string[] = [];
  reconnects = 0;
  source!: PlexSource;
  readonly #options: BenchOptions;
  readonly #quiet = QUIET;

  private constructor(options: BenchOptions) {
    this.#options = options;
    this.clock = new ManualClock();
    this.plex = new SimulatedPlex({ ...options.plex, clock: this.clock });
  }

  /** A server that listens, and a source that has not been started. */
  static async open(options: BenchOptions = {}): Promise<PlexBench> {
    const bench = new PlexBench(options);
    await bench.plex.listen();
    bench.renew();
    return bench;
  }

  /** The same, started and with its first round done. */
  static async start(options: BenchOptions = {}): Promise<PlexBench> {
    const bench = await PlexBench.open(options);
    await bench.begin();
    return bench;
  }

  /** Another source in the place of the one before, which knows only what that kept. */
  renew(more: Record<string, unknown> = {}): void {
    const { settings, privacy, token, random = () => 0.5, renewSecret } = this.#options;
    this.source = new PlexSource(
      plexSourceSchema.parse({ name: 'home', type: 'plex', url: this.plex.url, ...settings, ...more }),
      new Secret(token ?? this.plex.token),
      { ...CLEAR, ...privacy },
      {
        clock: this.clock,
        random,
        log: createLogger({
          level: 'debug',
          format: 'logfmt',
          write: (line) => this.lines.push(line),
          date: () => this.clock.date(),
        }),
        state: this.store.scope('plex/home'),
        onRequest: (report) => this.requests.push(report),
        onReconnect: () => {
          this.reconnects += 1;
        },
        ...(renewSecret === undefined ? {} : { renewSecret }),
      },
    );
  }

  async begin(): Promise<void> {
    await this.source.start();
    await this.#quiet.settled();
  }

  /** Turns the clock on by seconds, and lets everything happen that each of them brings. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      this.clock.advance(1000);
      await this.#quiet.settled();
    }
  }

  async close(): Promise<void> {
    await this.source.stop();
    await this.plex.close();
  }

  get families(): readonly Family[] {
    const { families, unified } = this.source.snapshot();
    return [...families, ...unified];
  }

  get text(): string {
    return renderText(this.families);
  }

  /** The sum of a metric over its series that have these labels; `undefined` when there is none. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const found = this.families.find(({ metric }) => metric.name === name);
    if (found === undefined) return undefined;
    const wanted = Object.entries(labels).map(([label, value]) => [found.metric.labelNames.indexOf(label), value]);
    const values = [...found.samples].flatMap((sample) =>
      wanted.every(([index, value]) => sample.labels[index as number] === value) ? [Number(sample.value)] : [],
    );
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
  }

  /** How often an endpoint was asked. */
  asked(endpoint: string): number {
    return this.requests.filter((request) => request.endpoint === endpoint).length;
  }
}
