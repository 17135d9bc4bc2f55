import { EventEmitter, once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { ManualClock } from '@media-exporter/metrics/testing';
import type { Environment } from '../../../packages/exporter/src/cli/process/environment.ts';
import { realEnvironment } from '../../../packages/exporter/src/cli/process/real.ts';
import { execute } from '../../../packages/exporter/src/cli/program.ts';
import { seededRandom } from '../../../packages/simulators/src/random.ts';
import { Quiet } from './quiet.ts';

/** Milliseconds that the clock is turned at a time. */
const STEP = 1_000;

export interface DrivenOptions {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly clock: ManualClock;
  /** How many requests the other side keeps without an answer on purpose. */
  readonly held?: () => number;
  /** Of the jitter; 1 by default, so that a run which fails can be repeated. */
  readonly seed?: number;
}

/** The whole exporter, from its command line to its sockets, on a clock that is turned by hand. */
export class DrivenExporter {
  readonly clock: ManualClock;
  readonly #quiet: Quiet;
  readonly #signals: EventEmitter;
  readonly #ended: Promise<number>;
  readonly #log: string[];
  readonly #told: () => number;
  readonly base: string;

  private constructor(parts: {
    clock: ManualClock;
    quiet: Quiet;
    signals: EventEmitter;
    ended: Promise<number>;
    log: string[];
    told: () => number;
    base: string;
  }) {
    this.clock = parts.clock;
    this.#quiet = parts.quiet;
    this.#signals = parts.signals;
    this.#ended = parts.ended;
    this.#log = parts.log;
    this.#told = parts.told;
    this.base = parts.base;
  }

  /** Starts it, and waits until it listens and has asked what it asks at its start. */
  static async start({ args, env = {}, clock, held, seed = 1 }: DrivenOptions): Promise<DrivenExporter> {
    const quiet = new Quiet();
    const signals = new EventEmitter();
    const log: string[] = [];
    let told = 0;
    const listening = Promise.withResolvers<string>();
    const write = (text: string): void => {
      log.push(text);
      if (text.includes(' msg="asked a media server" ')) told += 1;
      const address = /msg=listening address=(\S+)/.exec(text)?.[1];
      if (address !== undefined) listening.resolve(`http://${address.replace(/^\[::\]/, '127.0.0.1')}`);
    };
    const real = realEnvironment();
    const environment: Environment = {
      ...real,
      env,
      clock,
      random: seededRandom(seed),
      signals,
      places: { ...real.places, env },
      stdout: write,
      stderr: write,
      exit: () => {},
    };
    const ended = execute(args, environment);
    void ended.then((code) => listening.reject(new Error(`it ended with ${code}:\n${log.join('')}`)));
    const base = await listening.promise;
    await quiet.settled(held);
    return new DrivenExporter({ clock, quiet, signals, ended, log, told: () => told, base });
  }

  /** All that it has said so far. */
  get log(): string {
    return this.#log.join('');
  }

  /**
   * Turns the clock on, step by step, and lets everything happen that a step began.
   *
   * @param held how many requests the other side keeps without an answer on purpose
   * @param taken resolves when what the other side has sent by itself has come
   */
  async advance(milliseconds: number, held?: () => number, taken?: () => Promise<void>): Promise<void> {
    for (let left = milliseconds; left > 0; left -= STEP) {
      this.clock.advance(Math.min(STEP, left));
      await taken?.();
      await this.#quiet.settled(held);
    }
  }

  /**
   * Waits until all answers that came have been read: compressed ones are in other threads for a while, and what is asked
   * because of them is asked then. Wants `--log.level=debug`, which tells of each request at its end.
   */
  async answersRead(): Promise<void> {
    await this.#quiet.until(() => this.#quiet.ended === this.#told());
  }

  /** Not by fetch, which is undici too: it would be waited for. */
  async scrape(path = '/metrics'): Promise<string> {
    const asked = get(`${this.base}${path}`, { agent: false });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return text(response);
  }

  /** Asks it to stop, and answers its exit code. */
  async stop(): Promise<number> {
    this.#signals.emit('SIGTERM');
    const code = await this.#ended;
    this.#quiet.close();
    return code;
  }
}
