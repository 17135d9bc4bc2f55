import { defineMetric, type Family, family, type Metric } from '@media-exporter/metrics';
import type { LevelCounts } from '../ffmpeg/server-log.ts';
import type { SavedTotals } from '../ffmpeg/totals.ts';
import type { OpenJob } from '../ffmpeg/transcode-jobs.ts';
import { LabelSums } from './rows.ts';
import { type FailuresSource, TRANSCODE_JOBS_CATALOGUE, transcodeJobsFamilies } from './transcode-jobs.ts';

const COST = '/System/Logs, and each log twice or so';

const FAILURES = defineMetric({
  name: 'jellyfin_transcode_failures_total',
  type: 'counter',
  help: "Starts of ffmpeg that failed. Log-derived: by the exit codes in the server's log where that can be read (all but 0, and those of an ffmpeg that was ended: 137, 143, 255), else by the end of ffmpeg's own logs.",
  cost: COST,
});
const EXITS = defineMetric({
  name: 'jellyfin_transcode_exits_total',
  type: 'counter',
  help: "Ends of ffmpeg by exit code, from the server's log: only where the folder of the logs can be read.",
  labels: { exit_code: 'public' },
  cost: 'none: local files',
});
const HARDWARE = defineMetric({
  name: 'jellyfin_transcode_hardware_jobs_total',
  type: 'counter',
  help: 'Ended transcodes by what ffmpeg was told to encode video with: vaapi, qsv, nvenc, …, or none for the processor. Those that failed at the start are among them. Log-derived.',
  labels: { hardware: 'public' },
  cost: COST,
});
const RUNNING = defineMetric({
  name: 'jellyfin_transcode_sessions',
  type: 'gauge',
  help: 'Running transcodes by what ffmpeg really encodes video with; unknown until its log tells. Log-derived, and as old as the last look at the logs.',
  labels: { hw: 'public' },
  cost: COST,
});
const LOG_SPEED = defineMetric({
  name: 'jellyfin_transcode_log_speed_ratio',
  type: 'gauge',
  unit: 'ratio',
  help: 'Speed of the slowest running transcode since its start, as ffmpeg itself last wrote it in its log: only where the folder of the logs can be read.',
  cost: 'none: local files',
  overflow: 'min',
});

const MESSAGES = defineMetric({
  name: 'jellyfin_log_messages_total',
  type: 'counter',
  help: "Messages in the server's own log since it was first looked at, by level: verbose (VRB in the log), debug (DBG), information (INF), warning (WRN), error (ERR), fatal (FTL). Which ones are written is a setting of the server. Log-derived: only where the folder of the logs can be read, and the log has Jellyfin's default form.",
  labels: { level: 'public' },
  cost: 'none: local files',
});

export const TRANSCODE_LOGS_CATALOGUE: readonly Metric[] = [
  ...TRANSCODE_JOBS_CATALOGUE,
  FAILURES,
  EXITS,
  HARDWARE,
  RUNNING,
  LOG_SPEED,
  MESSAGES,
];

export interface TranscodeLogsView {
  readonly source: FailuresSource;
  readonly totals: SavedTotals;
  /** Absent while it is not known. */
  readonly running: readonly OpenJob[] | undefined;
  /** Whether exit codes are read. */
  readonly exitCodes: boolean;
  /** Of the server's own log; absent while it is not known. */
  readonly messages: LevelCounts | undefined;
}

export function transcodeLogsFamilies(view: TranscodeLogsView): Family[] {
  const { source, totals, running, exitCodes, messages } = view;
  const { jobs, failures, exits, hardware } = totals;
  const byHardware = new LabelSums();
  const encoding = running?.filter(({ kind }) => kind === 'transcode');
  // One that is not known may be one of the processor.
  if (encoding?.every(({ log }) => log?.hardware !== undefined)) byHardware.add(['none'], 0);
  for (const { log } of encoding ?? []) byHardware.add([log?.hardware ?? 'unknown']);
  return [
    ...transcodeJobsFamilies(jobs, source),
    family(FAILURES, failures),
    family(EXITS, exitCodes ? Object.entries(exits).map(([code, value]) => [{ exit_code: code }, value]) : []),
    family(
      HARDWARE,
      Object.entries(hardware).map(([name, value]) => [{ hardware: name }, value]),
    ),
    byHardware.family(RUNNING),
    family(
      MESSAGES,
      Object.entries(messages ?? {}).map(([level, value]) => [{ level }, value]),
    ),
    family(LOG_SPEED, source === 'logfile' ? slowest(running ?? []) : undefined),
  ];
}

/** Of jobs that encode something: putting streams into another container goes as fast as the disk does. */
function slowest(running: readonly OpenJob[]): number | undefined {
  const speeds = running.flatMap(({ log }) =>
    log?.kind === undefined || log.speedRatio === undefined ? [] : [log.speedRatio],
  );
  return speeds.length === 0 ? undefined : Math.min(...speeds);
}
