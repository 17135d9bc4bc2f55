import { type AddStep, type Evening, type EveningOptions, EveningPlan, visit } from '../evening.ts';
import { below, type Random, seededRandom } from '../random.ts';
import type { PlayOptions } from './options.ts';
import type { SimulatedPlex } from './plex.ts';
import type { SimulatedSession } from './session.ts';

const SECOND = 1000;
const MINUTE = 60_000;

/** When sessions may begin, and how long the longest of them takes. */
const ARRIVALS_MS = 120 * MINUTE;
const LONGEST_MS = 58 * MINUTE;
const EVENING_MS = ARRIVALS_MS + LONGEST_MS + 5 * MINUTE;
const RESTART = { at: 90 * MINUTE, quietBefore: 5 * SECOND, quietAfter: 60 * SECOND };

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
  const plan = new EveningPlan(restart ? { ...RESTART, run: () => plex.restart() } : undefined);
  const { add } = plan;
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
  const steps = plan.begin((ms, task) => plex.after(ms, task));
  return { steps, durationMs: EVENING_MS };
}

function writeScript(
  plex: SimulatedPlex,
  who: Who,
  random: Random,
  add: AddStep,
  write: (script: Script) => void,
): void {
  const { play, later } = visit<SimulatedSession>(random, ARRIVALS_MS, add);
  write({ random, play: (options) => play(() => plex.play({ ...options, ...who })), later });
}

function themeMusic(plex: SimulatedPlex, user: string, player: string): void {
  const session = plex.play({ item: '203217', user, player });
  plex.after(20 * SECOND, () => session.stop());
}
