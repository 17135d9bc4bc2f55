import { omitUnknown } from './json.ts';
import { packetsOf, type RtpStat, retransmittedOf } from './rtp.ts';
import type { Aggregated, Direction, MediaKind } from './state.ts';
import { Sampled } from './statistics.ts';

/** What a stream last told of itself. */
export interface LastKnown {
  readonly direction: Direction;
  readonly kind: MediaKind;
  /** Part of a pipe, which carries what is counted elsewhere. */
  readonly piped: boolean;
  /** Of each of its encodings; empty until RTP was seen. */
  readonly stats: readonly RtpStat[];
  readonly layers: { readonly spatial: number | undefined; readonly temporal: number | undefined };
}

/** The numbers that the original exporter made of all streams together, from what those that live told last. */
export function aggregate(streams: Iterable<LastKnown>): Aggregated {
  const counts = { receive: { audio: 0, video: 0 }, send: { audio: 0, video: 0 } };
  const bitrates = {
    receive: { audio: new Sampled(), video: new Sampled() },
    send: { audio: new Sampled(), video: new Sampled() },
  };
  const scoresIn = { audio: new Sampled(), video: new Sampled() };
  const [packetCountsIn, packetLostsIn, packetsRetransmittedIn] = [new Sampled(), new Sampled(), new Sampled()];
  const [spatialLayersOut, temporalLayersOut, roundTripTimesOut] = [new Sampled(), new Sampled(), new Sampled()];
  for (const { direction, kind, layers, piped, stats } of streams) {
    if (piped || stats.length === 0) continue;
    spatialLayersOut.add(layers.spatial);
    temporalLayersOut.add(layers.temporal);
    for (const stat of stats) {
      counts[direction][kind]++;
      bitrates[direction][kind].add(stat.bitrate);
      if (direction === 'send') roundTripTimesOut.add(stat.roundTrip);
      else {
        scoresIn[kind].add(stat.score);
        packetCountsIn.add(packetsOf(stat));
        packetLostsIn.add(stat.lost);
        packetsRetransmittedIn.add(retransmittedOf(stat));
      }
    }
  }
  return omitUnknown<Aggregated>({
    audioIn: counts.receive.audio,
    videoIn: counts.receive.video,
    audioOut: counts.send.audio,
    videoOut: counts.send.video,
    audioBitratesIn: bitrates.receive.audio.statistics(),
    videoBitratesIn: bitrates.receive.video.statistics(),
    audioBitratesOut: bitrates.send.audio.statistics(),
    videoBitratesOut: bitrates.send.video.statistics(),
    audioScoresIn: scoresIn.audio.statistics(),
    videoScoresIn: scoresIn.video.statistics(),
    packetCountsIn: packetCountsIn.statistics(),
    packetLostsIn: packetLostsIn.statistics(),
    packetsRetransmittedIn: packetsRetransmittedIn.statistics(),
    spatialLayersOut: spatialLayersOut.statistics(),
    temporalLayersOut: temporalLayersOut.statistics(),
    roundTripTimesOut: roundTripTimesOut.statistics(),
  });
}
