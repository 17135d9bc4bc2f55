import { below, type Random } from '../random.ts';
import type { PlayOptions } from './options.ts';
import type { Account, Player } from './people.ts';
import type { SimulatedSession } from './session.ts';

const MINUTE = 60_000;

/** @internal What the demo needs of its server. */
export interface DemoHost {
  readonly accounts: readonly Account[];
  readonly players: readonly Player[];
  /** False while it restarts. */
  readonly up: boolean;
  play(options: PlayOptions): SimulatedSession;
  after(delay: number, task: () => void): void;
}

/** How long a player waits before it tries a server again that is down. */
const RETRY_MS = 5_000;

/** What each of the five likes: each list is played in turn. */
const HABITS: readonly (readonly PlayOptions[])[] = [
  [{ item: '1001' }, { item: '1003', transcode: { video: 'copy', audio: 'copy' } }],
  [{ item: '2001' }, { item: '2002' }, { item: '2003' }],
  [{ item: '3001' }, { item: '3002' }, { item: '3003' }, { item: '4001' }],
  [
    {
      item: '1002',
      location: 'wan',
      transcode: {
        bitrateKbps: 4000,
        videoResolution: '720p',
        subtitle: 'burn',
        hardware: { decoding: 'vaapi', encoding: 'vaapi' },
      },
    },
    { item: '2004', location: 'wan', transcode: { video: 'copy', audio: 'transcode' } },
  ],
  [
    { item: '203216', transcode: { video: 'copy', audio: 'copy' } },
    { item: '5001', location: 'wan' },
  ],
];

/** A household without an end: each player plays, pauses now and then, stops, rests and plays something else. */
export function runDemo(plex: DemoHost, random: Random): void {
  for (const [index, habits] of HABITS.entries()) {
    const user = plex.accounts[index % plex.accounts.length]?.name;
    const player = plex.players[index % plex.players.length]?.title;
    if (user === undefined || player === undefined) continue;
    const turn = (number: number): void => {
      const habit = habits[number % habits.length];
      if (habit === undefined) return;
      if (!plex.up) {
        plex.after(RETRY_MS, () => turn(number));
        return;
      }
      const session = plex.play({ ...habit, user, player });
      interrupt(plex, session, random);
      plex.after((3 + below(random, 12)) * MINUTE, () => {
        session.stop();
        plex.after((5 + below(random, 40)) * 1000, () => turn(number + 1));
      });
    };
    // Two are there from the start, so that there is something to see at once.
    plex.after(index < 2 ? 0 : index * 10_000, () => turn(0));
  }
}

function interrupt(plex: DemoHost, session: SimulatedSession, random: Random): void {
  plex.after((60 + below(random, 60)) * 1000, () => {
    if (session.ended) return;
    session.pause();
    plex.after((5 + below(random, 20)) * 1000, () => {
      if (!session.ended) session.resume();
    });
  });
}
