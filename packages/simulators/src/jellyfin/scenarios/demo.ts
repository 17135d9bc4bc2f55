import { below, type Random } from '../../random.ts';
import type { Item } from '../library/item.ts';
import type { LogFiles } from '../logs/log-files.ts';
import type { PlayOptions } from '../options.ts';
import type { People } from '../people.ts';
import type { SimulatedPlay } from '../plays/play.ts';
import type { Tasks } from '../tasks.ts';

const MINUTE = 60_000;

/** @internal What the demo needs of its server. */
export interface DemoHost {
  readonly people: People;
  readonly tasks: Tasks;
  readonly logs: LogFiles;
  /** The server's date, milliseconds since the epoch. */
  readonly date: number;
  item(library: string, number: number): Item;
  play(options: PlayOptions): SimulatedPlay;
  after(delay: number, task: () => void): void;
}

/** What each of the five likes: each list is played in turn. */
function habits(jellyfin: DemoHost): readonly (readonly PlayOptions[])[] {
  const of = (library: string, ...numbers: readonly number[]): PlayOptions[] =>
    numbers.map((number) => ({ item: jellyfin.item(library, number) }));
  const encoded: PlayOptions['transcode'] = { speed: 2.2, hardware: 'vaapi', reasons: ['VideoCodecNotSupported'] };
  return [
    of('Movies', 0, 3, 5),
    of('Shows', 0, 1, 2),
    of('Music', 0, 1, 2, 3),
    of('Movies', 2, 6).map((play) => ({ ...play, transcode: encoded, address: '203.0.113.7' })),
    of('Shows', 9, 10).map((play) => ({ ...play, transcode: { kind: 'remux' } })),
  ];
}

const DEVICES = ['Living room', 'Phone', 'Kitchen radio', 'Tablet', 'Bedroom'];

/** A household without an end: each plays, pauses now and then, stops, rests and plays something else. */
export function runDemo(jellyfin: DemoHost, random: Random): void {
  const users = jellyfin.people.accounts.filter(({ disabled }) => !disabled);
  for (const [index, list] of habits(jellyfin).entries()) {
    const user = users[index % users.length]?.name;
    const device = DEVICES[index];
    if (user === undefined || device === undefined) continue;
    const turn = (number: number): void => {
      const play = jellyfin.play({ ...list[number % list.length], user, device });
      interrupt(jellyfin, play, random);
      jellyfin.after((3 + below(random, 12)) * MINUTE, () => {
        play.stop();
        jellyfin.after((5 + below(random, 40)) * 1000, () => turn(number + 1));
      });
    };
    // Two are there from the start, so that there is something to see at once.
    jellyfin.after(index < 2 ? 0 : index * 10_000, () => turn(0));
  }
  keepHouse(jellyfin);
}

function interrupt(jellyfin: DemoHost, play: SimulatedPlay, random: Random): void {
  jellyfin.after((60 + below(random, 60)) * 1000, () => {
    if (!play.playing) return;
    play.pause();
    jellyfin.after((5 + below(random, 20)) * 1000, () => {
      if (play.playing) play.resume();
    });
  });
}

function keepHouse(jellyfin: DemoHost): void {
  jellyfin.after(20 * MINUTE, () => {
    jellyfin.tasks.run('RefreshLibrary', { durationMs: 40_000 });
    jellyfin.logs.prune(jellyfin.date - 120 * MINUTE); // logs of ffmpeg are what would fill the memory
    keepHouse(jellyfin);
  });
}
