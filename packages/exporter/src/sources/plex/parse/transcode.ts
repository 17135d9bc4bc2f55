import { amount, filled, flag, type Json, known, text } from './json.ts';

/** A `TranscodeSession`, as the sessions, the socket and Live TV tell it. Decisions and codecs are raw, in lower case. */
export interface RawTranscode {
  /** The last segment of its key, which comes bare or as a path. */
  readonly id: string;
  readonly throttled?: boolean;
  readonly complete?: boolean;
  readonly error?: boolean;
  /** Percent. */
  readonly progress?: number;
  readonly speed?: number;
  readonly remaining?: number;
  readonly videoDecision?: string;
  readonly audioDecision?: string;
  readonly subtitleDecision?: string;
  readonly sourceVideoCodec?: string;
  readonly sourceAudioCodec?: string;
  readonly videoCodec?: string;
  readonly audioCodec?: string;
  readonly hardwareRequested?: boolean;
  readonly hardwareDecoding?: string;
  readonly hardwareEncoding?: string;
  readonly hardwareFullPipeline?: boolean;
}

export function readTranscode(json: Json | undefined): RawTranscode | undefined {
  const id = transcodeId(json?.key);
  if (json === undefined || id === undefined) return undefined;
  return known<RawTranscode>({
    id,
    throttled: flag(json.throttled),
    complete: flag(json.complete),
    error: flag(json.error),
    progress: amount(json.progress),
    speed: amount(json.speed),
    remaining: amount(json.remaining),
    videoDecision: word(json.videoDecision),
    audioDecision: word(json.audioDecision),
    subtitleDecision: word(json.subtitleDecision),
    sourceVideoCodec: word(json.sourceVideoCodec),
    sourceAudioCodec: word(json.sourceAudioCodec),
    videoCodec: word(json.videoCodec),
    audioCodec: word(json.audioCodec),
    hardwareRequested: flag(json.transcodeHwRequested),
    hardwareDecoding: filled(json.transcodeHwDecoding),
    hardwareEncoding: filled(json.transcodeHwEncoding),
    hardwareFullPipeline: flag(json.transcodeHwFullPipeline),
  });
}

/** The last segment of a key such as `/transcode/sessions/ID`: the whole of it is compared, never a part. */
export function transcodeId(key: unknown): string | undefined {
  return text(key)?.split('/').at(-1) || undefined;
}

/** A word of Plex's own, in lower case; an empty one is none. */
export function word(value: unknown): string | undefined {
  return filled(value)?.trim().toLowerCase() || undefined;
}
