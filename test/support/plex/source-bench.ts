import { type Family, renderText } from '@media-exporter/metrics';
import type { ManualClock } from '@media-exporter/metrics/testing';
import type { SimulatedPlex, SimulatedPlexOptions } from '@media-exporter/simulators/plex';
import { onTestFinished } from 'vitest';
import { Secret } from '../../../packages/exporter/src/config/secrets.ts';
import { plexSourceSchema } from '../../../packages/exporter/src/config/sources/plex.ts';
import { createLogger } from '../../../packages/exporter/src/log.ts';
import { PlexSource } from '../../../packages/exporter/src/sources/plex/index.ts';
import type { Privacy } from '../../../packages/exporter/src/sources/privacy.ts';
import type { RequestReport } from '../../../packages/exporter/src/sources/source.ts';
import { MemoryStore } from '../../../packages/exporter/src/state/memory.ts';
import type { StateScope } from '../../../packages/exporter/src/state/store.ts';
import { Quiet } from '../driven/quiet.ts';
import { Exposition } from '../exposition.ts';
import { simulatePlex } from './simulated.ts';

export interface SourceBenchOptions {
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

/** A simulated Plex server and a source that follows it, both on one clock that is turned by hand, until the test is over. */
export class SourceBench {
  readonly clock: ManualClock;
  readonly plex: SimulatedPlex;
  readonly requests: RequestReport[] = [];
  readonly lines: string[] = [];
  reconnects = 0;
  source: PlexSource;
  readonly #options: SourceBenchOptions;
  readonly #store = new MemoryStore();

  private constructor(options: SourceBenchOptions, plex: SimulatedPlex, clock: ManualClock) {
    this.#options = options;
    this.plex = plex;
    this.clock = clock;
    this.source = this.#make();
    onTestFinished(() => this.source.stop());
  }

  /** A server that listens, and a source that has not been started. */
  static async open(options: SourceBenchOptions = {}): Promise<SourceBench> {
    const { plex, clock } = await simulatePlex(options.plex);
    return new SourceBench(options, plex, clock);
  }

  /** The same, started and with its first round done. */
  static async start(options: SourceBenchOptions = {}): Promise<SourceBench> {
    const bench = await SourceBench.open(options);
    await bench.begin();
    return bench;
  }

  /** Starts another source in the place of the one before, which knows only what that kept. */
  renew(more: Record<string, unknown> = {}): Promise<void> {
    this.source = this.#make(more);
    return this.begin();
  }

  /** Starts the source, and lets its first round be done. */
  async begin(): Promise<void> {
    await this.source.start();
    await QUIET.settled();
  }

  /** Turns the clock on by seconds, and lets everything happen that each of them brings. */
  async advance(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      this.clock.advance(1000);
      await QUIET.settled();
    }
  }

  get families(): readonly Family[] {
    const { families, unified } = this.source.snapshot();
    return [...families, ...unified];
  }

  /** What the source keeps over restarts. */
  get state(): StateScope {
    return this.#store.scope('plex/home');
  }

  /** The same as text. */
  async kept(): Promise<string> {
    return JSON.stringify([...(await this.state.load())]);
  }

  /** All that is exported now, native families and unified ones. */
  get text(): string {
    return renderText(this.families);
  }

  exposition(): Exposition {
    return new Exposition(this.text);
  }

  /** The collectors that failed, with the codes of their problems. */
  get failures(): readonly (readonly [name: string, code: string | undefined])[] {
    const { collectors } = this.source.snapshot();
    return collectors.flatMap(({ name, success, problem }) => (success ? [] : [[name, problem?.code] as const]));
  }

  /** The sum of a metric over its series that have these labels; `undefined` when there is none. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const series = this.exposition().series(name, labels);
    return series.length === 0 ? undefined : series.reduce((sum, { value }) => sum + Number(value), 0);
  }

  /** How often an endpoint was asked. */
  asked(endpoint: string): number {
    return this.requests.filter((request) => request.endpoint === endpoint).length;
  }

  #make(more: Record<string, unknown> = {}): PlexSource {
    const { settings, privacy, token, random = () => 0.5, renewSecret } = this.#options;
    return new PlexSource(
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
        state: this.state,
        onRequest: (report) => this.requests.push(report),
        onReconnect: () => {
          this.reconnects += 1;
        },
        ...(renewSecret === undefined ? {} : { renewSecret }),
      },
    );
  }
}
