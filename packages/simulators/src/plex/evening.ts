import { below, type Random, seededRandom } from '../mediasoup/random.ts';
import type { PlayOptions, SimulatedPlex } from './plex.ts';
import type { SimulatedSession } from './session.ts';

export interface EveningOptions {
  /** How many sessions begin. */
  readonly sessions?: number;
  /** The same seed gives the same evening. */
  readonly seed?: number;
  /** Whether the server is restarted once in the middle. */
  readonly restart?: boolean;
}

/** Something that happens. */
export interface EveningStep {
  /** Milliseconds from the beginning of the evening. */
  readonly at: number;
  readonly title: string;
  readonly run: () => void;
}

export interface Evening {
  /** In the order of their time. */
  readonly steps: readonly EveningStep[];
  /** After this many milliseconds nobody plays any longer, and the server has forgotten the killed ones. */
  readonly durationMs: number;
}

const SECOND = 1000;
const MINUTE = 60_000;

/** When sessions may begin, and how long the longest of them takes. */
const ARRIVALS_MS = 120 * MINUTE;
const LONGEST_MS = 58 * MINUTE;
const EVENING_MS = ARRIVALS_MS + LONGEST_MS + 5 * MINUTE;
const RESTART_AT_MS = 90 * MINUTE;
/** Nobody does anything from shortly before the restart until all are back. */
const QUIET_BEFORE_MS = 5 * SECOND;
const QUIET_AFTER_MS = 60 * SECOND;

type Who = Pick<PlayOptions, 'user' | 'player' | 'location'>;

/** What the script of one session is written with. */
interface Script {
  readonly random: Random;
  /** Begins the session. */
  play(options: Omit<PlayOptions, keyof Who>): void;
  /** Something that the person does after so many minutes, and up to a minute more. */
  later(minutes: number, title: string, act: (session: SimulatedSession) => void): void;
}

/** The kinds of evening that a session can have; each session takes the next. */
const SCRIPTS: Readonly<Record<string, (script: Script) => void>> = {
  'a film with a pause': (script) => {
    script.play({ item: '1001' });
    script.later(9, 'pause', (session) => session.pause());
    script.later(4, 'resume', (session) => session.resume());
    script.later(20, 'stop', (session) => session.stop());
  },
  'autoplay under the same key': (script) => {
    script.play({ item: '2001' });
    script.later(8, 'next episode', (session) => session.next('2002', { sameKey: true }));
    script.later(9, 'next episode', (session) => session.next('2003', { sameKey: true }));
    script.later(7, 'stop', (session) => session.stop());
  },
  'autoplay under new keys': (script) => {
    script.play({ item: '2002', transcode: { video: 'copy' } });
    script.later(12, 'next episode', (session) => session.next('2003'));
    script.later(11, 'next episode', (session) => session.next('2004'));
    script.later(5, 'stop', (session) => session.stop());
  },
  'live television': (script) => {
    script.play({
      item: '203216',
      transcode: { video: 'copy', audio: 'copy' },
      nestedTranscode: below(script.random, 2) === 0,
    });
    script.later(26, 'stop', (session) => session.stop());
  },
  'an album': (script) => {
    script.play({ item: '3001' });
    script.later(2, 'next track', (session) => session.next('3002'));
    script.later(2, 'next track', (session) => session.next('3003', { sameKey: true }));
    script.later(2, 'stop', (session) => session.stop());
  },
  photos: (script) => {
    script.play({ item: '4001' });
    script.later(3, 'stop', (session) => session.stop());
  },
  'a hardware transcode whose quality changes': (script) => {
    const hardware = { decoding: 'vaapi', encoding: 'vaapi' };
    script.play({ item: '1001', transcode: { bitrateKbps: 12_000, videoResolution: '1080p', hardware } });
    script.later(6, 'lower quality', (session) => session.setQuality({ bitrateKbps: 4000, videoResolution: '720p' }));
    script.later(8, 'lower quality', (session) => session.setQuality({ bitrateKbps: 1500, videoResolution: '480p' }));
    script.later(9, 'stop', (session) => session.stop());
  },
  'burned subtitles and a seek': (script) => {
    script.play({ item: '1002', transcode: { bitrateKbps: 8000, videoResolution: '1080p', subtitle: 'burn' } });
    script.later(5, 'seek', (session) => session.seek(40 * MINUTE));
    script.later(6, 'seek with a pause', (session) => session.seek(10 * MINUTE, 'paused'));
    script.later(9, 'stop', (session) => session.stop());
  },
  'direct play, transcode, direct play': (script) => {
    script.play({ item: '2003' });
    script.later(7, 'transcode', (session) => session.startTranscode({ bitrateKbps: 3000, videoResolution: '720p' }));
    script.later(8, 'direct play', (session) => session.endTranscode());
    script.later(6, 'stop', (session) => session.stop());
  },
  'a player that dies': (script) => {
    script.play({ item: '1003' });
    script.later(14, 'die', (session) => session.kill());
  },
  'a stop that no event tells of': (script) => {
    script.play({ item: '2004' });
    script.later(13, 'stop unheard', (session) => session.stop({ lost: true }));
  },
  'a stop under a new key': (script) => {
    script.play({ item: '1003', transcode: { video: 'copy', audio: 'copy' } });
    script.later(16, 'stop under a new key', (session) => session.stop({ underNewKey: true }));
  },
  'a pre-roll before the film': (script) => {
    script.play({ item: '203214' });
    script.later(0.05, 'the film', (session) => session.next('1003'));
    script.later(22, 'stop', (session) => session.stop());
  },
  'buffering and an error': (script) => {
    script.play({ item: '1002', bitrateKbps: 9000 });
    script.later(6, 'buffer', (session) => session.buffer());
    script.later(1, 'play on', (session) => session.resume());
    script.later(8, 'fail', (session) => session.fail());
  },
  'a home video to its end': (script) => {
    script.play({ item: '5001' });
    script.later(9, 'nothing more', (session) => session.stop());
  },
  'a slow start': (script) => {
    script.play({ item: '2001', appearsAfterMs: 1500, mediaAfterMs: 4000, transcode: { audio: 'copy' } });
    script.later(19, 'stop', (session) => session.stop());
  },
};

/**
 * A scripted evening of about three hours: sessions of all kinds by all users on all players, theme music and DLNA clients
 * that are no plays, a scan, a download and, unless told otherwise, a restart. It is run by the server's clock from now on;
 * the server's truth has the outcome. Wants the libraries, items, accounts and players that the server has by default.
 */
export function evening(plex: SimulatedPlex, options: EveningOptions = {}): Evening {
  const { sessions = 40, seed = 1, restart = true } = options;
  const random = seededRandom(seed);
  const kinds = Object.entries(SCRIPTS);
  const steps: EveningStep[] = [];
  const add = (at: number, title: string, run: () => void): void => {
    steps.push({ at: restart ? outsideOfRestart(at) : at, title, run });
  };
  for (let index = 0; index < sessions; index += 1) {
    const [title, write] = kinds[index % kinds.length] ?? [];
    const user = plex.accounts[index % plex.accounts.length]?.name;
    const player = plex.players[index % plex.players.length]?.title;
    if (title === undefined || write === undefined || user === undefined || player === undefined) continue;
    const who: Who = { user, player, location: index % 3 === 0 ? 'wan' : 'lan' };
    writeScript(plex, who, random, (at, step, run) => add(at, `session ${index + 1}, ${title}: ${step}`, run), write);
  }
  for (let at = 10; at < 120; at += 25) {
    const { user, player } = { user: plex.accounts[0]?.name ?? '', player: plex.players.at(-1)?.title ?? '' };
    add(at * MINUTE, 'a DLNA client browses', () => plex.browse({ item: '1003', user, player }));
    add((at + 3) * MINUTE, 'theme music', () => themeMusic(plex, user, player));
    add((at + 5) * MINUTE, 'a scan', () => plex.background.scan('2', 20 * SECOND, { episode: 3 }));
    add((at + 7) * MINUTE, 'a download', () => {
      plex.background.download('Low Tide', 2 * MINUTE);
      plex.transmit(250_000_000, { location: 'wan' });
    });
  }
  if (restart) steps.push({ at: RESTART_AT_MS, title: 'a restart', run: () => plex.restart() });
  steps.sort((a, b) => a.at - b.at);
  for (const { at, run } of steps) plex.after(at, run);
  return { steps, durationMs: EVENING_MS };
}

function writeScript(
  plex: SimulatedPlex,
  who: Who,
  random: Random,
  add: (at: number, title: string, run: () => void) => void,
  write: (script: Script) => void,
): void {
  // Not on whole seconds: neither the polls nor the rows of the server know of them.
  let at = below(random, ARRIVALS_MS);
  let session: SimulatedSession | undefined;
  write({
    random,
    play: (options) => {
      add(at, 'play', () => {
        session = plex.play({ ...options, ...who });
      });
    },
    later: (minutes, title, act) => {
      at += Math.round(minutes * MINUTE) + (minutes < 1 ? 0 : below(random, MINUTE));
      add(at, title, () => {
        if (session !== undefined && !session.ended) act(session);
      });
    },
  });
}

function themeMusic(plex: SimulatedPlex, user: string, player: string): void {
  const session = plex.play({ item: '203217', user, player });
  plex.after(20 * SECOND, () => session.stop());
}

/** Steps keep their order: all that would fall into the restart come after it, as far apart as they were. */
function outsideOfRestart(at: number): number {
  return at < RESTART_AT_MS - QUIET_BEFORE_MS ? at : at + QUIET_BEFORE_MS + QUIET_AFTER_MS;
}
