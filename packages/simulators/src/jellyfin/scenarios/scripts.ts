import type { SimulatedJellyfin } from '../jellyfin.ts';
import { channelAt } from '../library/generate.ts';
import type { Item } from '../library/item.ts';
import type { ClientOptions, PlayOptions } from '../options.ts';
import type { SimulatedPlay } from '../plays/play.ts';

/** What the script of one client is written with. */
export interface Script {
  readonly jellyfin: SimulatedJellyfin;
  /** Counts up from 1. */
  readonly number: number;
  /** The client begins, as itself or as another. */
  play(options: PlayOptions, other?: ClientOptions): void;
  /** Something that the person does after so many minutes, and up to a minute more. */
  later(minutes: number, title: string, act: (play: SimulatedPlay) => void): void;
}

function film({ jellyfin, number }: Script): Item {
  return jellyfin.item('Movies', number % 19); // the twentieth is empty
}

function episode({ jellyfin, number }: Script, next = 0): Item {
  return jellyfin.item('Shows', ((number % 8) + next) % 72);
}

function song({ jellyfin, number }: Script, next = 0): Item {
  return jellyfin.item('Music', ((number % 5) * 10 + next) % 60);
}

const SMALL = { width: 320, height: 180, reasons: ['VideoResolutionNotSupported'], audioCopied: true } as const;

/** The kinds of evening that a client can have; each client takes the next. */
export const SCRIPTS: Readonly<Record<string, (script: Script) => void>> = {
  'a film with a pause': (script) => {
    script.play({ item: film(script) });
    script.later(5, 'pause', (play) => play.pause());
    script.later(3, 'resume', (play) => play.resume());
    script.later(9, 'stop', (play) => play.stop());
  },
  'one episode after the other': (script) => {
    script.play({ item: episode(script) });
    script.later(6, 'next', (play) => play.next(episode(script, 1)));
    script.later(6, 'next', (play) => play.next(episode(script, 2)));
    script.later(5, 'stop', (play) => play.stop());
  },
  'episodes that are swapped in place': (script) => {
    script.play({ item: episode(script, 3) });
    script.later(7, 'next', (play) => play.next(episode(script, 4), { stopped: false }));
    script.later(7, 'stop', (play) => play.stop());
  },
  'an album': (script) => {
    script.play({ item: song(script), queue: [song(script), song(script, 1), song(script, 2)] });
    script.later(1, 'next', (play) => play.next(song(script, 1)));
    script.later(1, 'next', (play) => play.next(song(script, 2)));
    script.later(1, 'stop', (play) => play.stop());
  },
  'a transcode with seeks': (script) => {
    script.play({ item: film(script), transcode: { speed: 3, ...SMALL } });
    script.later(4, 'seek', (play) => play.seek(3000));
    script.later(3, 'seek', (play) => play.seek(600));
    script.later(6, 'stop', (play) => play.stop());
  },
  'a remux': (script) => {
    script.play({ item: film(script), transcode: { kind: 'remux' } });
    script.later(12, 'stop', (play) => play.stop());
  },
  'sound that is encoded': (script) => {
    script.play({ item: episode(script), transcode: { kind: 'audio', reasons: ['AudioCodecNotSupported'] } });
    script.later(10, 'stop', (play) => play.stop());
  },
  'another quality': (script) => {
    script.play({ item: film(script), transcode: { speed: 2.5, reasons: ['ContainerBitrateExceedsLimit'] } });
    script.later(4, 'remux', (play) => play.setQuality({ kind: 'remux' }));
    script.later(4, 'smaller', (play) => play.setQuality({ speed: 6, ...SMALL }));
    script.later(4, 'stop', (play) => play.stop());
  },
  'a device that is not there': (script) => {
    script.play({ item: film(script), transcode: { hardware: 'vaapi', failure: { kind: 'no-device' } } });
  },
  'a corrupt file that its client calls playing': (script) => {
    script.play({ item: film(script), transcode: { failure: { kind: 'corrupt-file' } }, startsThoughFailed: true });
    script.later(0.3, 'give up', (play) => play.stop());
  },
  'a disk that fills up': (script) => {
    script.play({ item: film(script), transcode: { failure: { kind: 'conversion', afterMs: 90_000 } } });
    script.later(3, 'stop', (play) => play.stop());
  },
  'a client that hides its transcode': (script) => {
    script.play({ item: film(script), transcode: { speed: 1.5, ...SMALL }, claim: 'DirectPlay' });
    script.later(8, 'stop', (play) => play.stop());
  },
  'a client that claims a transcode': (script) => {
    script.play({ item: film(script), claim: 'Transcode' });
    script.later(7, 'stop', (play) => play.stop());
  },
  'a client that claims a direct stream': (script) => {
    script.play({ item: episode(script), claim: 'DirectStream' });
    script.later(9, 'stop', (play) => play.stop());
  },
  'a player that dies': (script) => {
    script.play({ item: film(script), transcode: { speed: 2, ...SMALL } });
    script.later(6, 'die', (play) => play.kill());
  },
  'an end that nobody hears of': (script) => {
    script.play({ item: film(script) });
    script.later(8, 'stop unheard', (play) => play.stop({ lost: true }));
  },
  'a late report': (script) => {
    script.play({ item: episode(script) });
    script.later(7, 'stop, and a report overtaken by it', (play) => {
      play.stop();
      script.jellyfin.after(80, () => play.lateReport());
    });
  },
  'the first of a shared device': (script) => {
    script.play({ item: episode(script) }, { client: 'Jellyfin Web', deviceId: 'shared' });
    script.later(15, 'stop', (play) => play.stop());
  },
  'the second of a shared device': (script) => {
    script.play({ item: film(script), transcode: { speed: 1.2 } }, { client: 'Jellyfin MPV Shim', deviceId: 'shared' });
    script.later(15, 'stop', (play) => play.stop());
  },
  'a pause without an end': (script) => {
    script.play({ item: film(script) });
    script.later(2, 'pause', (play) => play.pause());
    script.later(25, 'stop', (play) => play.stop());
  },
  'two who watch together': (script) => {
    script.play({ item: film(script) });
    script.later(2, 'another joins', (play) => play.join(play.user.name === 'marta' ? 'jonas' : 'marta'));
    script.later(6, 'the other leaves', (play) => play.leave(play.user.name === 'marta' ? 'jonas' : 'marta'));
    script.later(3, 'stop', (play) => play.stop());
  },
  'a transcode that is throttled': (script) => {
    script.play({ item: film(script), transcode: { speed: 10, throttleAhead: 180, hardware: 'nvenc' } });
    script.later(11, 'stop', (play) => play.stop());
  },
  'a transcode slower than real time': (script) => {
    script.play({ item: film(script), transcode: { speed: 0.8, startupMs: 9000 }, startAfterMs: 13_000 });
    script.later(5, 'stop', (play) => play.stop());
  },
  'music that is encoded': (script) => {
    script.play({ item: song(script), transcode: { speed: 60 } });
    script.later(1, 'next', (play) => play.next(song(script, 1), { transcode: { speed: 60 } }));
    script.later(0.7, 'stop', (play) => play.stop());
  },
  'live television': (script) => {
    script.play({ item: channelAt(script.number), transcode: { kind: 'remux', speed: 1 } });
    script.later(14, 'stop', (play) => play.stop());
  },
};
