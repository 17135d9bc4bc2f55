import type { Family, Metric } from '@media-exporter/metrics';
import { ExporterError } from '../../../errors.ts';
import { ChangedValues } from '../changed-values.ts';
import { transcodeJobsFamilies } from '../families/transcode-jobs.ts';
import { TRANSCODE_LOGS_CATALOGUE, transcodeLogsFamilies } from '../families/transcode-logs.ts';
import { FolderLogs } from '../ffmpeg/folder.ts';
import type { LogList } from '../ffmpeg/list.ts';
import { FfmpegLogReader } from '../ffmpeg/log.ts';
import { ApiLogs, type Logs } from '../ffmpeg/logs.ts';
import { isJellyfinLog } from '../ffmpeg/name.ts';
import { parseSavedJobs } from '../ffmpeg/saved-jobs.ts';
import { parseSavedServerLog } from '../ffmpeg/saved-server-log.ts';
import { ServerLog } from '../ffmpeg/server-log.ts';
import { type LogRequest, type OpenJob, TranscodeJobs } from '../ffmpeg/transcode-jobs.ts';
import type { SessionsPoll } from '../shared.ts';
import type { JellyfinState, LoggedTranscode } from '../state.ts';
import { type TranscodeSpeed, transcodeSpeeds } from '../transcodes/speeds.ts';
import { type CollectorContext, type JellyfinCollector, STALE_INTERVALS } from './collector.ts';

/** The rest is read the next time. */
const LOGS_AT_ONCE = 50;
/** The like where so many cannot be read. */
const FAILURES_AT_ONCE = 3;

/** Sessions that were told longer ago do not say who plays now, ms. */
const LATEST_MS = 90_000;

/** What tells of one log; other errors are those of all. */
const OF_ONE_LOG: ReadonlySet<string> = new Set([
  'MX_LOCAL_READ',
  'MX_UPSTREAM_ANSWER',
  'MX_UPSTREAM_NOT_FOUND',
  'MX_UPSTREAM_STATUS',
  'MX_UPSTREAM_TIMEOUT',
  'MX_UPSTREAM_TOO_LARGE',
]);

/** A Jellyfin always has a log of its own: a folder in which there is none is more likely another one. */
const NO_LOGS = 'the folder of the logs has no log of a Jellyfin in it: is it the right one?';

/**
 * Starts, ends, speed and hardware of ffmpeg by the logs that are written for each, of the API or in a folder; there the
 * server's own log is followed too.
 */
export class TranscodeLogsCollector implements JellyfinCollector {
  readonly name = 'transcode_logs';
  readonly line = 'fast';
  readonly staysVisible = true;
  readonly catalogue: readonly Metric[] = TRANSCODE_LOGS_CATALOGUE;
  readonly #context: CollectorContext;
  readonly #source: 'logfile' | 'api';
  readonly #logs: Logs;
  #serverLog: ServerLog | undefined;
  #jobs: TranscodeJobs;
  /** When the logs were last listed: by the clock that dates them, and by the own. */
  #at = 0;
  #listedAt = Number.NEGATIVE_INFINITY;
  readonly #saved: ChangedValues;
  /** Whether there was ever a log: without one nothing is known of any. */
  #found = false;
  #warned = false;
  #poll: SessionsPoll | undefined;
  #speeds: ReadonlyMap<string, TranscodeSpeed> = new Map();

  constructor(context: CollectorContext) {
    this.#context = context;
    this.#saved = new ChangedValues(context.saved);
    const { settings, client, shared, clock } = context;
    const folder =
      settings.log_directory === undefined ? undefined : new FolderLogs(settings.log_directory, () => clock.date());
    this.#source = folder === undefined ? 'api' : 'logfile';
    this.#logs = folder ?? new ApiLogs(client, () => shared.serverClock.now());
    this.#serverLog = folder && new ServerLog(folder);
    this.#jobs = new TranscodeJobs(this.#failuresFromLogs);
    shared.onSessions((poll) => {
      this.#speeds = this.#poll === undefined ? new Map() : transcodeSpeeds(this.#poll, poll);
      this.#poll = poll;
    });
  }

  interval(): number {
    return this.#context.settings.logs_interval * 1000;
  }

  restore(saved: ReadonlyMap<string, unknown>): void {
    const jobs = parseSavedJobs(saved.get('jobs'));
    if (jobs !== undefined) this.#jobs = new TranscodeJobs(this.#failuresFromLogs, jobs);
    this.#found = jobs !== undefined && jobs.seen.length > 0;
    const serverLog = parseSavedServerLog(saved.get('server_log'));
    if (this.#logs instanceof FolderLogs) this.#serverLog = new ServerLog(this.#logs, serverLog);
  }

  async run(): Promise<void> {
    const { shared } = this.#context;
    // While the server scans, only what must not wait is asked of it; jobs are counted after.
    if (this.#source === 'api' && shared.scanRunning === true && this.#jobs.primed) return;
    const list = await this.#logs.list();
    this.#at = list.at;
    this.#listedAt = this.#context.clock.now();
    this.#find(list);
    const requests = this.#jobs.list(list.files, list.at).slice(0, LOGS_AT_ONCE);
    try {
      await this.#serverLog?.read(list, (code, exitedAt) => this.#jobs.exit(code, exitedAt));
    } finally {
      await this.#readAll(requests, list).finally(() => this.#keep());
    }
  }

  families(): readonly Family[] {
    if (!this.#jobs.primed || !this.#found) return transcodeJobsFamilies(undefined, this.#source);
    return transcodeLogsFamilies({
      source: this.#source,
      totals: this.#jobs.totals.save(),
      running: this.#running(),
      exitCodes: this.#serverLog?.found === true,
      messages: this.#serverLog?.messages,
    });
  }

  state(): Partial<JellyfinState> {
    const transcodes = this.#running()
      ?.map((job) => this.#transcode(job))
      .filter((transcode) => transcode !== undefined);
    return transcodes === undefined ? {} : { transcodes };
  }

  #find({ files }: LogList): void {
    this.#found ||= this.#source === 'api' || files.some(({ name }) => isJellyfinLog(name));
    if (this.#found || this.#warned) return;
    this.#warned = true;
    this.#context.log.warn({ collector: this.name }, NO_LOGS);
  }

  /** What runs now; not known when the logs were not seen for a while. */
  #running(): readonly OpenJob[] | undefined {
    const { clock, shared } = this.#context;
    if (shared.up === false || !this.#found || clock.now() - this.#listedAt > STALE_INTERVALS * this.interval())
      return undefined;
    return this.#jobs.running(this.#at, this.#played());
  }

  /** The items that somebody plays, where that was told lately. */
  #played(): ReadonlySet<string> | undefined {
    if (this.#poll === undefined) return undefined;
    if (this.#context.shared.serverClock.now() - this.#poll.at > LATEST_MS) return undefined;
    return new Set(this.#poll.sessions.flatMap(({ item }) => (item === undefined ? [] : [item.id])));
  }

  readonly #failuresFromLogs = (): boolean => this.#serverLog?.found !== true;

  /** What one log cannot tell is no reason to leave out the others; the first error is thrown after them. */
  async #readAll(requests: readonly LogRequest[], list: LogList): Promise<void> {
    const errors: ExporterError[] = [];
    for (const request of requests) {
      try {
        await this.#read(request, list);
      } catch (error) {
        if (!(error instanceof ExporterError) || !OF_ONE_LOG.has(error.code)) throw error;
        this.#jobs.fail(request.key);
        // The server may have removed it, or not let go of it: the next list tells.
        if (error.status === 404 || error.code === 'MX_LOCAL_READ') continue;
        errors.push(error);
        if (errors.length === FAILURES_AT_ONCE) break;
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  async #read({ key, name }: LogRequest, { at }: LogList): Promise<void> {
    const reader = new FfmpegLogReader();
    await this.#logs.read(name, (chunk) => reader.push(chunk));
    this.#jobs.read(key, reader.end(), at);
  }

  /** A job that encodes something; what it does is told by its log. */
  #transcode({ log, mediaSourceId }: OpenJob): LoggedTranscode | undefined {
    if (log?.kind === undefined) return undefined;
    const speeds = [...this.#speeds.values()].filter(({ itemId }) => itemId === mediaSourceId);
    const speedRatio = speeds.length === 1 ? speeds[0]?.ratio : undefined;
    return {
      mediaSourceId,
      kind: log.kind,
      ...(log.hardware === undefined ? {} : { hardware: log.hardware }),
      ...(speedRatio === undefined ? {} : { speedRatio }),
    };
  }

  #keep(): void {
    this.#saved.put('jobs', this.#jobs.save());
    this.#saved.put('server_log', this.#serverLog?.save());
  }
}

export function create(context: CollectorContext): JellyfinCollector {
  return new TranscodeLogsCollector(context);
}
