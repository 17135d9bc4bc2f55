import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActivityEntry, SimulatedJellyfin, Truth } from '../../../../../simulators/src/jellyfin/index.ts';
import { TranscodeLogsCollector } from '../collectors/transcode-logs.ts';
import { restoreTally } from '../plays/saved-playback.ts';
import { answering } from './answering.testing.ts';
import { testContext, values } from './context.testing.ts';
import { Household, type Turn } from './household.testing.ts';
import type { RandomEvening, RandomTrouble } from './random-evening.testing.ts';
import { openSimulated } from './simulated.testing.ts';

/** From the end of an evening and its troubles until all that the server tells of it must have been read. */
const AFTERWARDS_S = 150;
/** The numbers are looked at after each poll, and when this has passed. */
const LOOK_S = 5;

/** What one evening came to, by the exporter and in truth. Times are milliseconds by the clock of the test. */
export interface Outcome {
  readonly truth: Truth;
  /** Of the server, with the names of the users. */
  readonly starts: readonly { readonly user: string; readonly at: number; readonly itemId: string }[];
  readonly turns: readonly Turn[];
  /** When the sessions were polled well. */
  readonly polls: readonly number[];
  /** When the server was seen to be away. */
  readonly away: readonly number[];
  /** By user. */
  readonly plays: Readonly<Record<string, number>>;
  readonly watched: Readonly<Record<string, number>>;
  readonly gains: readonly Gain[];
  readonly active: readonly Active[];
  /** Counters that went back. */
  readonly back: readonly string[];
  /** By the source of the logs; by name. */
  readonly transcodes: Readonly<Record<'api' | 'folder', Readonly<Record<string, number>>>>;
}

/** Time that a user was given, and when he, or one whom he watches along with, last really played. */
export interface Gain {
  readonly user: string;
  readonly at: number;
  readonly playedAt: number;
}

/** A session that was called active, and when its client last told of it. */
export interface Active {
  readonly session: string;
  readonly count: number;
  readonly at: number;
  readonly toldAt: number;
  readonly paused: boolean;
}

/** Plays an evening to a source, and to a second reader of the logs that has their folder. */
export async function followEvening(evening: RandomEvening): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'jellyfin-evening-'));
  const { version, clockAheadMs, users } = evening;
  const accounts = Household.namesOf(users).map((name, index) => ({ name, admin: index === 0 }));
  const { clock, server, read, turn, families, state, answers, stop, startAnew, close } = await openSimulated({
    ...{ version, clockAheadMs, accounts },
    logDirectory: folder,
  });
  try {
    const date = (): number => server.date;
    const local = { now: () => clock.now(), date, after: clock.after.bind(clock) };
    const inFolder = new TranscodeLogsCollector(
      testContext(
        answering(() => 404),
        local,
        { log_directory: folder },
      ),
    );
    const house = new Household(server, evening, () => clock.now());
    const away: number[] = [];
    const counters = new Map<string, number>();
    const back: string[] = [];
    const gains: Gain[] = [];
    const active: Active[] = [];

    const look = (): void => {
      for (const { metric, samples } of families()) {
        // Those of the exporter itself begin anew with it.
        if (metric.type !== 'counter' || metric.name.startsWith('jellyfin_exporter_')) continue;
        for (const { labels, value } of samples) {
          const [user = ''] = labels;
          const name = `${metric.name}{${labels.join(',')}}`;
          const before = counters.get(name) ?? 0;
          const now = value as number;
          if (now < before) back.push(`${name} at ${clock.now()}`);
          if (now > before && metric.name === 'jellyfin_user_watch_time_seconds')
            gains.push({ user, at: clock.now(), playedAt: house.playedAt(user) });
          counters.set(name, now);
        }
      }
      for (const [session, count] of Object.entries(read('jellyfin_sessions_active'))) {
        const [user, client] = session.split(',');
        const sign = house.signs.find((one) => one.user === user && one.client === client);
        const { at: toldAt = Number.NEGATIVE_INFINITY, paused = false } = sign ?? {};
        active.push({ session, count, at: clock.now(), toldAt, paused });
      }
    };

    await turn(3);
    await inFolder.run();
    for (const trouble of evening.troubles) cause(server, trouble);
    const calmAt = Math.max(evening.exporterAway?.to ?? 0, ...evening.troubles.map(endOf));
    house.begin();
    let seen = 0;
    for (let second = 0, left = AFTERWARDS_S; left > 0; second += 1) {
      house.note();
      if (second === evening.exporterAway?.from) await stop();
      if (second === evening.exporterAway?.to) await startAnew();
      await turn(1);
      house.note();
      if (server.phase !== 'ready') away.push(clock.now());
      if (answers.length > seen || second % LOOK_S === 0) look();
      seen = answers.length;
      if (second % 60 === 0) await inFolder.run();
      if (house.over && second > calmAt) left -= 1;
    }
    await inFolder.run();
    look();

    const nameOf = (id: string | undefined): string => server.people.accounts.find((one) => one.id === id)?.name ?? '';
    const kept = [...(await state.load())].flatMap(([key, value]) =>
      key.startsWith('playback ') ? [[key.slice('playback '.length), value] as const] : [],
    );
    const plays: Record<string, number> = {};
    for (const { labels, amounts } of restoreTally(new Map(kept)).tally.rows()) {
      const user = nameOf(labels[0]);
      plays[user] = (plays[user] ?? 0) + amounts.plays;
    }
    const started = ({ type }: ActivityEntry): boolean => type === 'VideoPlayback' || type === 'AudioPlayback';
    const polls = answers.filter(({ endpoint, whole }) => endpoint === '/Sessions' && whole);
    const inLogs = (find: (name: string) => Readonly<Record<string, number>>): Record<string, number> => {
      const names = ['jellyfin_transcode_total', 'jellyfin_transcode_failures_total'];
      return Object.fromEntries(names.map((name) => [name, find(name)[''] ?? Number.NaN]));
    };
    return {
      ...{ plays, gains, active, back, away, turns: house.turns, truth: server.truth },
      starts: server.activity.entries.filter(started).map(({ userId, itemId = '', date }) => {
        return { user: nameOf(userId), itemId, at: date - server.date + clock.now() };
      }),
      polls: polls.map(({ at }) => at),
      watched: read('jellyfin_user_watch_time_seconds'),
      transcodes: { api: inLogs(read), folder: inLogs((name) => values(inFolder.families(), name)) },
    };
  } finally {
    await close();
    await rm(folder, { recursive: true });
  }
}

/** In seconds. */
function endOf({ at, does }: RandomTrouble): number {
  if ('forMs' in does) return (at + does.forMs) / 1_000;
  const { downMs = 0, loadingMs = 0 } = does.restart;
  return (at + downMs + loadingMs) / 1_000;
}

function cause(server: SimulatedJellyfin, { at, does }: RandomTrouble): void {
  server.after(at, () => {
    if ('restart' in does) return server.restart(does.restart);
    const { fault, endpoint, forMs } = does;
    const handle = server.faults.switchOn(fault, endpoint === undefined ? {} : { endpoint });
    server.after(forMs, () => handle.end());
  });
}
