import { CLOCKS_DIFFER_MS, type LogFile } from './list.ts';
import type { FfmpegLog } from './log.ts';
import { type JobName, parseJobName } from './name.ts';
import { JobTotals, type SavedTotals } from './totals.ts';

/** A log that is to be read. */
export interface LogRequest {
  readonly key: string;
  readonly name: string;
}

/** A job whose end is not known yet. */
export interface OpenJob extends JobName {
  readonly name: string;
  /** Whether its start was counted: of one that ran already when the first list was seen, neither start nor end is. */
  readonly counted: boolean;
  readonly bytes: number;
  readonly modified: number;
  /** Of the log when it was last read. */
  readonly readBytes?: number;
  readonly log?: FfmpegLog;
  /** When the server's log says that an ffmpeg has ended which wrote its last then, milliseconds since the epoch. */
  readonly exitedAt?: number;
  /** How often it could not be read since it was so large. */
  readonly failed?: { readonly bytes: number; readonly times: number };
}

/** What survives a restart. */
export interface SavedJobs {
  /** When the first list was seen, by the clock that dates the logs, milliseconds since the epoch. */
  readonly since: number;
  /** Keys of all jobs that were listed, the newest first, so that none is counted twice. */
  readonly seen: readonly string[];
  /** Keys of those whose end is not known yet. */
  readonly open: readonly string[];
  readonly totals: SavedTotals;
}

/** Nothing was written for so long: ffmpeg writes twice a second, so it has ended, or the server holds it back. */
const QUIET_MS = 5_000;
/** What has written nothing for so long is not counted as running. */
const RUNNING_MS = 600_000;
/** The like for one without any progress that nobody plays. */
const ABANDONED_MS = 30_000;
/** An ffmpeg writes its last so close to its end, by the clocks of both logs. */
const LAST_WORDS_MS = 1_000;
/** What runs on has written something after so long, unless it is held back: only then is an end its own. */
const SETTLED_MS = 2_000;
/** More ends do not wait to be matched. */
const MOST_EXITS = 300;
/** Longer lists are cut: the newest come first. */
const MOST = 20_000;
/** A log that is larger is not read: its end stays unknown. */
const MOST_BYTES = 16 * 1024 * 1024;
/** A log that could not be read so often is given up until it grows. */
const MOST_TRIES = 3;

/**
 * Knows the starts of ffmpeg by the logs that the server writes, one for each, and counts each once: the list of logs
 * tells the starts, their text how they ended. Pure: what to read is told, and told what was read.
 */
export class TranscodeJobs {
  readonly totals: JobTotals;
  #since: number;
  #seen: ReadonlySet<string> | undefined;
  #open = new Map<string, OpenJob>();
  /** Keys of those that were counted and are not listed now: where they are again, their end is counted too. */
  readonly #reopen: Set<string>;
  #at = 0;
  /** Ends that are not matched yet, milliseconds since the epoch. */
  #exits: readonly number[] = [];

  /** @param failuresFromLogs false where the exit codes tell the failures. */
  constructor(failuresFromLogs: () => boolean, saved?: SavedJobs) {
    this.totals = new JobTotals(failuresFromLogs, saved?.totals);
    this.#since = saved?.since ?? Number.POSITIVE_INFINITY;
    this.#seen = saved && new Set(saved.seen);
    this.#reopen = new Set(saved?.open);
  }

  /** Whether a list was seen: before, nothing is known, and nothing counted. */
  get primed(): boolean {
    return this.#seen !== undefined;
  }

  /**
   * Takes a list of logs, the newest first, and answers those that must be read, which failed ones are the last of. What is
   * in the first list is not counted, nor what could have been in it: it was last written before. (When a job was started
   * cannot be compared: its name tells the local time of the server.)
   *
   * @param at the time of the list by the clock that dates the logs, milliseconds since the epoch.
   */
  list(files: readonly LogFile[], at: number): LogRequest[] {
    const before = this.#seen;
    // A clock may be set back.
    this.#since = Math.min(this.#since, at);
    const seen = new Set<string>();
    const open = new Map<string, OpenJob>();
    for (const file of files.slice(0, MOST)) {
      const job = parseJobName(file.name);
      if (job === undefined || seen.has(job.key)) continue;
      seen.add(job.key);
      const unseen = before?.has(job.key) !== true;
      const isNew = unseen && before !== undefined && file.modified >= this.#since - CLOCKS_DIFFER_MS;
      if (isNew) this.totals.start(job.kind);
      const known = this.#open.get(job.key);
      const running = unseen && at - file.modified < RUNNING_MS;
      const counted = isNew || (known?.counted ?? this.#reopen.has(job.key));
      if (counted || running || known !== undefined) open.set(job.key, { ...known, ...job, ...file, counted });
    }
    // A list may be short once: what was counted must not be new again.
    this.#seen = new Set([...seen, ...(before ?? [])].slice(0, MOST));
    this.#setOpen(open);
    this.#at = at;
    this.#matchExits();
    const unread = [...open.values()].filter((job) => mustRead(job, at)).sort((a, b) => failures(a) - failures(b));
    return unread.map(({ key, name }) => ({ key, name }));
  }

  /** Takes what the log of a job says. */
  read(key: string, log: FfmpegLog, at: number): void {
    const job = this.#open.get(key);
    if (job === undefined) return;
    const ending = log.ending ?? (log.stuck && isQuiet(job, at) ? 'failure' : undefined);
    if (ending === undefined) {
      this.#open.set(key, { ...job, log, readBytes: job.bytes });
      return;
    }
    this.#open.delete(key);
    this.#reopen.delete(key);
    if (job.counted) this.totals.end(job.kind, ending, log);
  }

  /**
   * Takes an exit code, as the server's log tells it, and when, which tells whose it is.
   *
   * @param exitedAt milliseconds since the epoch; absent where it is not told.
   */
  exit(code: number, exitedAt: number | undefined): void {
    this.totals.exit(code, exitedAt === undefined || this.#nearest(exitedAt)?.counted !== false);
    if (exitedAt === undefined) return;
    this.#exits = [...this.#exits, exitedAt].slice(-MOST_EXITS);
    this.#matchExits();
  }

  /** Takes that the log of a job could not be read. */
  fail(key: string): void {
    const job = this.#open.get(key);
    if (job !== undefined) this.#open.set(key, { ...job, failed: { bytes: job.bytes, times: failures(job) + 1 } });
  }

  /**
   * Jobs that run, as far as their logs say.
   *
   * @param played the items that somebody plays; absent where that is not known.
   */
  running(at: number, played?: ReadonlySet<string>): OpenJob[] {
    return [...this.#open.values()].filter((job) => {
      if (job.exitedAt !== undefined && job.modified <= job.exitedAt + LAST_WORDS_MS) return false;
      const hopeless = job.log?.speedRatio === undefined && played?.has(job.mediaSourceId) === false;
      return at - job.modified < (hopeless ? ABANDONED_MS : RUNNING_MS);
    });
  }

  save(): SavedJobs {
    const open = [...this.#open.values()].filter(({ counted }) => counted).map(({ key }) => key);
    const seen = [...(this.#seen ?? [])];
    return { since: this.#since, seen, open: [...open, ...this.#reopen], totals: this.totals.save() };
  }

  /** An end is that of the job which wrote its last closest to it; of one that is closed already it tells nothing. */
  #matchExits(): void {
    const settled = this.#exits.filter((exitedAt) => this.#at - exitedAt >= SETTLED_MS);
    this.#exits = this.#exits.filter((exitedAt) => this.#at - exitedAt < SETTLED_MS);
    for (const exitedAt of settled) {
      const job = this.#nearest(exitedAt);
      if (job !== undefined) this.#open.set(job.key, { ...job, exitedAt });
    }
  }

  #nearest(exitedAt: number): OpenJob | undefined {
    const distance = (job: OpenJob): number => Math.abs(job.modified - exitedAt);
    const near = [...this.#open.values()].filter((job) => job.exitedAt === undefined && distance(job) <= LAST_WORDS_MS);
    return near.sort((a, b) => distance(a) - distance(b))[0];
  }

  #setOpen(open: Map<string, OpenJob>): void {
    for (const { key, counted } of this.#open.values()) if (counted) this.#reopen.add(key);
    for (const key of this.#reopen) if (open.has(key) || this.#seen?.has(key) !== true) this.#reopen.delete(key);
    this.#open = open;
  }
}

/**
 * A log is read when it is new, since its head tells what the job does, and when the job seems to have ended. One that
 * the server holds back and lets go again is read each time it falls silent.
 */
function mustRead(job: OpenJob, at: number): boolean {
  if (job.bytes > MOST_BYTES || failures(job) >= MOST_TRIES) return false;
  if (job.log === undefined) return true;
  if (job.log.stuck) return true;
  return isQuiet(job, at) && job.bytes !== job.readBytes;
}

function failures({ bytes, failed }: OpenJob): number {
  return failed?.bytes === bytes ? failed.times : 0;
}

function isQuiet(job: OpenJob, at: number): boolean {
  return at - job.modified >= QUIET_MS;
}
