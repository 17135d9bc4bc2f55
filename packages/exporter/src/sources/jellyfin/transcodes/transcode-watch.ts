import type { MediaType, TranscodeKind } from '@media-exporter/model';
import { digest } from '../digest.ts';
import { isEncoding, transcodingsOf } from '../sessions/watching.ts';
import type { ActiveTranscode, JellyfinSession, Transcoding } from '../state.ts';

/** A job that has told nothing for so long has failed, and waits for its client to give up. */
const QUEUED_MS = 30_000;

interface Seen {
  /** Absent while the player has not begun. */
  readonly item: string | undefined;
  /** When ffmpeg was first seen to be wanted for it. */
  readonly since: number;
  readonly progressed: boolean;
}

export interface TranscodeView {
  /** One for each device that something is encoded for. */
  readonly transcodes: readonly ActiveTranscode[];
  /** The like for streams that are only put into another container. */
  readonly remuxes: readonly ActiveTranscode[];
  /** Jobs that ffmpeg makes progress with. */
  readonly running: number;
  /** Jobs that were asked for and have told of no progress yet. */
  readonly queued: number;
  /** Those of `transcodes` and of `remuxes` that were not there before. */
  readonly begun: readonly ActiveTranscode[];
}

/**
 * Follows the transcodes from poll to poll. What the server tells of a transcode comes before the item, flickers while the
 * client claims something else, and sits on the wrong session of a shared device.
 */
export class TranscodeWatch {
  #active: ReadonlyMap<string, Kept> = new Map();
  /** What was told of as begun, while its session plays the same item. */
  #begun: ReadonlySet<string>;
  #jobs: ReadonlyMap<string, Seen> = new Map();

  /** @param before {@link names} of an earlier one. */
  constructor(before: Iterable<string> = []) {
    this.#begun = new Set(before);
  }

  /** What stands for the transcodes and remuxes that have begun; tells of no device. */
  get names(): readonly string[] {
    return [...this.#begun];
  }

  /** Takes the sessions of one poll; `at` is when they were asked, ms. */
  look(sessions: readonly JellyfinSession[], at: number): TranscodeView {
    const transcodings = transcodingsOf(sessions);
    const active = new Map<string, Kept>();
    const jobs = new Map<string, Seen>();
    let running = 0;
    let queued = 0;
    for (const session of sessions) {
      const info = transcodings.get(session);
      if (info === undefined) continue;
      const progress = info.framerate !== undefined || info.completionRatio !== undefined;
      const seen = this.#job(session, at);
      if (!jobs.has(session.deviceId)) {
        jobs.set(session.deviceId, { ...seen, progressed: seen.progressed || progress });
        if (progress) running += 1;
        else if (isEncoding(info) && !seen.progressed && at - seen.since < QUEUED_MS) queued += 1;
      }
      if (session.item !== undefined && !active.has(session.deviceId)) {
        active.set(session.deviceId, { ...entry(session, info), item: session.item.id, kept: false });
      }
    }
    this.#keepFlickering(sessions, active, jobs);
    this.#active = active;
    this.#jobs = jobs;
    const all = [...active.values()];
    const begun = this.#begin(sessions, active);
    return {
      transcodes: all.filter(({ transcoding }) => isEncoding(transcoding)),
      remuxes: all.filter(({ transcoding }) => !isEncoding(transcoding)),
      running,
      queued,
      begun,
    };
  }

  /** Those that are new. The others are remembered while their session plays the item, since they may be told of again. */
  #begin(sessions: readonly JellyfinSession[], active: ReadonlyMap<string, Kept>): readonly Kept[] {
    const names = new Map(
      Array.from(active.values(), (one) => [nameOf(one.session, isEncoding(one.transcoding)), one] as const),
    );
    const playing = sessions.filter(({ item }) => item !== undefined);
    const there = playing.flatMap((session) => [nameOf(session, true), nameOf(session, false)]);
    const before = this.#begun;
    this.#begun = new Set([...there.filter((name) => before.has(name)), ...names.keys()]);
    return [...names].filter(([name]) => !before.has(name)).map(([, one]) => one);
  }

  /** The job of a session: another one when it goes over to another item. */
  #job({ deviceId, item }: JellyfinSession, at: number): Seen {
    const known = this.#jobs.get(deviceId);
    const same = known !== undefined && (known.item === undefined || item === undefined || known.item === item.id);
    return same ? { ...known, item: item?.id ?? known.item } : { item: item?.id, since: at, progressed: false };
  }

  /** What vanished while its session plays on may be back at the next poll. */
  #keepFlickering(sessions: readonly JellyfinSession[], active: Map<string, Kept>, jobs: Map<string, Seen>): void {
    const byId = new Map(sessions.map((session) => [session.id, session]));
    for (const [device, known] of this.#active) {
      if (known.kept || active.has(device)) continue;
      const session = byId.get(known.session.id);
      if (session?.item?.id !== known.item) continue;
      active.set(device, { ...entry(session, known.transcoding), item: known.item, kept: true });
      const job = this.#jobs.get(device);
      if (job !== undefined) jobs.set(device, job);
    }
  }
}

interface Kept extends ActiveTranscode {
  readonly item: string;
  /** Whether it was not seen at the last poll. */
  readonly kept: boolean;
}

/** Another one when it goes over to another item, or from copying to encoding. */
function nameOf({ deviceId, item }: JellyfinSession, encoding: boolean): string {
  return digest(deviceId, item?.id ?? '', encoding ? 'encoded' : 'copied');
}

function entry(session: JellyfinSession, transcoding: Transcoding): ActiveTranscode {
  return { session, transcoding, kind: kindOf(transcoding, session.item?.mediaType) };
}

/** Music has no video, whatever is said of it. */
function kindOf({ videoDirect, audioDirect }: Transcoding, mediaType: MediaType | undefined): TranscodeKind {
  if (!videoDirect && mediaType !== 'track') return audioDirect ? 'video' : 'both';
  return audioDirect ? 'video' : 'audio';
}
