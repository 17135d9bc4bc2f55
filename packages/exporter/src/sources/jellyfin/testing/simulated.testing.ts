import { ManualClock } from '@media-exporter/metrics/testing';
import { SimulatedJellyfin, type SimulatedJellyfinOptions } from '../../../../../simulators/src/jellyfin/index.ts';
import { Secret } from '../../../config/secrets.ts';
import { createLogger } from '../../../log.ts';
import { MemoryStore } from '../../../state/memory.ts';
import { JellyfinSource } from '../index.ts';
import { JELLYFIN_DEFAULTS } from '../settings.ts';
import { Calm } from './calm.testing.ts';
import { values } from './context.testing.ts';

/** A source that follows a simulated server from now on, by a clock that is turned second by second. */
export async function openSimulated(options: Omit<SimulatedJellyfinOptions, 'clock'>) {
  const clock = new ManualClock(Date.UTC(2026, 10, 21, 18));
  const server = new SimulatedJellyfin({ ...options, clock });
  const calm = new Calm(
    () => server.requests.count(),
    () => server.requests.held(),
  );
  const answers: Answer[] = [];
  await server.listen();
  const state = new MemoryStore().scope('jellyfin/attic');
  const create = (): Promise<JellyfinSource> =>
    JellyfinSource.create(
      {
        ...JELLYFIN_DEFAULTS,
        name: 'attic',
        url: server.url,
        collectors: ['sessions', 'playback', 'activity', 'transcode_logs'],
      },
      new Secret(server.token),
      { users: 'clear', titles: 'clear', addresses: 'clear', key: new Secret('the key of the tests') },
      {
        clock,
        random: () => 0.5,
        log: createLogger({ level: 'error', format: 'logfmt', write: () => {}, date: () => 0 }),
        state,
        onRequest(request) {
          const { endpoint, status, outcome } = request;
          answers.push({ endpoint, status, whole: outcome === 'success', at: clock.now() });
          calm.report(request);
        },
        onReconnect: () => {},
      },
    );
  let source = await create();
  await source.start();
  await calm.settled();
  return {
    clock,
    server,
    state,
    families: () => source.snapshot().families,
    stop: () => source.stop(),
    /** Another one, with what the one before has kept. */
    async startAnew() {
      source = await create();
      await source.start();
      await calm.settled();
    },
    /** How each request was answered; without a status it was not. */
    answers,
    async turn(seconds: number) {
      for (let left = seconds; left > 0; left -= 1) {
        clock.advance(1_000);
        await server.settled;
        await calm.settled();
      }
    },
    read: (name: string) => values(source.snapshot().families, name),
    async close() {
      calm.close();
      await source.stop();
      await server.close();
    },
  };
}

export interface Answer {
  readonly endpoint: string;
  readonly status: number | undefined;
  /** Not broken off. */
  readonly whole: boolean;
  /** By the clock of the test. */
  readonly at: number;
}
