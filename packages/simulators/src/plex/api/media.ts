import type { Item, SourceMedia } from '../library.ts';
import type { SimulatedSession } from '../session.ts';
import { type Transcode, withoutUndefined } from '../transcode.ts';

type Fields = Record<string, unknown>;

/** A file with its parts and streams, taken apart so that a session can change each. */
interface File {
  readonly media: Fields;
  readonly part: Fields;
  readonly streams: readonly Fields[];
}

/** Media in /library/metadata: each file of the item, with numbers for ids. */
export function libraryMedia(item: Item): readonly Fields[] {
  return filesOf(item, Number).map(assemble);
}

/** Media in /status/sessions: what is sent has `selected` and the decisions. Ids are texts. */
export function sessionMedia(session: SimulatedSession, nested: Fields): readonly Fields[] {
  const { item, transcode } = session;
  const files = filesOf(item, String);
  return files.map((file, index) => {
    if (index < files.length - 1) return assemble(file);
    if (item.kind === 'live' && transcode !== undefined) return assemble(live(file, session, nested));
    return assemble(transcode === undefined ? direct(file, session) : transcoded(file, session, transcode, nested));
  });
}

function assemble({ media, part, streams }: File): Fields {
  return { ...media, Part: [{ ...part, Stream: streams }] };
}

function direct({ media, part, streams }: File, { bitrateKbps }: SimulatedSession): File {
  return {
    media: { ...media, bitrate: bitrateKbps, selected: true },
    part: { ...part, decision: 'directplay', selected: true },
    streams: streams.map((stream) => ({ ...stream, location: 'direct' })),
  };
}

/** The tuner's stream is told of; what becomes of it stands in the TranscodeSession alone. */
function live({ media, part, streams }: File, { bitrateKbps }: SimulatedSession, nested: Fields): File {
  return {
    media: { ...media, bitrate: bitrateKbps, selected: true, ...nested },
    part: { ...part, selected: true },
    streams,
  };
}

function transcoded(file: File, session: SimulatedSession, transcode: Transcode, nested: Fields): File {
  const { options, container, videoCodec, audioCodec, videoDecision, audioDecision, videoResolution } = transcode;
  const shape = withoutUndefined({
    bitrate: session.bitrateKbps,
    container,
    protocol: options.protocol ?? 'dash',
    ...transcode.dimensions,
    optimizedForStreaming: true,
    selected: true,
  });
  const decisions: Readonly<Record<number, Fields | undefined>> = {
    1: { codec: videoCodec, decision: videoDecision, location: 'segments-video' },
    2: { codec: audioCodec, decision: audioDecision, location: 'segments-audio', channels: 2 },
    3: options.subtitle && {
      decision: options.subtitle,
      location: options.subtitle === 'burn' ? 'embedded' : 'sidecar',
    },
  };
  const { file: _file, key: _key, size: _size, ...part } = file.part;
  const codecs = withoutUndefined({ audioChannels: 2, audioCodec, videoCodec, videoResolution });
  return {
    media: { ...file.media, ...shape, ...codecs, ...nested },
    // Also where nothing is encoded anew.
    part: { ...part, ...shape, decision: 'transcode' },
    streams: file.streams.flatMap((stream) => {
      const decision = decisions[stream.streamType as number];
      return decision === undefined ? [] : [{ ...stream, ...decision }];
    }),
  };
}

/** The file that is played comes last. */
function filesOf(item: Item, id: (digits: string) => string | number): readonly File[] {
  const files = item.media === undefined ? [] : [fileOf(item, item.media, '7', id)];
  return item.otherMedia === undefined ? files : [fileOf(item, item.otherMedia, '8', id), ...files];
}

function fileOf(item: Item, media: SourceMedia, suffix: string, id: (digits: string) => string | number): File {
  const { ratingKey, durationMs, kind } = item;
  const { bitrateKbps, subtitleCodec, container, ...codecs } = media;
  const { videoCodec, audioCodec, audioChannels: channels, width, height } = codecs;
  const number = `${/^\d+$/.test(ratingKey) ? ratingKey : '1'}${suffix}`;
  const duration = kind === 'live' ? {} : { duration: durationMs };
  const common = { selected: true, displayTitle: 'Unknown' };
  const streams: Fields[] = [];
  if (videoCodec !== undefined) {
    streams.push({ id: id(`${number}1`), streamType: 1, index: 0, codec: videoCodec, width, height, ...common });
  }
  if (audioCodec !== undefined) {
    streams.push({ id: id(`${number}2`), streamType: 2, index: 1, codec: audioCodec, channels, ...common });
  }
  if (subtitleCodec !== undefined) {
    streams.push({ id: id(`${number}3`), streamType: 3, index: 2, codec: subtitleCodec, ...common });
  }
  const video = videoCodec === undefined ? {} : { videoFrameRate: '24p', optimizedForStreaming: 0 };
  return {
    media: { id: id(number), ...duration, bitrate: bitrateKbps, container, ...codecs, ...video },
    part: {
      id: id(`${number}0`),
      key: `/library/parts/${number}0/1680454652/file.${container}`,
      ...duration,
      file: `/storage/${ratingKey}.${container}`,
      size: Math.round((durationMs * bitrateKbps) / 8),
      container,
    },
    streams,
  };
}
