/** What ffmpeg is started for. A remux only puts streams into another container; a direct stream encodes the sound alone. */
export type JobKind = 'transcode' | 'directstream' | 'remux';

/** The name of a log that the server writes for each start of ffmpeg. */
export interface JobName {
  readonly kind: JobKind;
  /** Tells the job from all others: when it began, in the server's local time, and a random part. */
  readonly key: string;
  readonly mediaSourceId: string;
}

const NAME =
  /^FFmpeg\.(Transcode|DirectStream|Remux)-(\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d)_([0-9A-Za-z-]{1,64})_([0-9a-f]{8})\.log$/i;

/** `undefined` for any other log. */
export function parseJobName(name: string): JobName | undefined {
  const [, kind, start, mediaSourceId, random] = NAME.exec(name) ?? [];
  if (kind === undefined || start === undefined || mediaSourceId === undefined || random === undefined)
    return undefined;
  return { kind: kind.toLowerCase() as JobKind, key: `${start}_${random.toLowerCase()}`, mediaSourceId };
}

/** Whether a log has the name of one that a Jellyfin writes: its own, or that of any work of ffmpeg. */
export function isJellyfinLog(name: string): boolean {
  return /^(?:log_|FFmpeg\.).*\.log$/.test(name);
}
