import { packetsOf, type RtpStat, retransmittedOf } from './rtp.ts';
import type { Aggregated, Direction, MediaKind } from './state.ts';
import { Sampled } from './statistics.ts';

/** What one poll saw, for the numbers that the original exporter made of all streams together. */
export class Round {
  readonly #bitrates = {
    receive: { audio: new Sampled(), video: new Sampled() },
    send: { audio: new Sampled(), video: new Sampled() },
  };
  readonly #scoresIn = { audio: new Sampled(), video: new Sampled() };
  readonly #streams = { receive: { audio: 0, video: 0 }, send: { audio: 0, video: 0 } };
  readonly #packetCountsIn = new Sampled();
  readonly #packetLostsIn = new Sampled();
  readonly #packetsRetransmittedIn = new Sampled();
  readonly #spatialLayersOut = new Sampled();
  readonly #temporalLayersOut = new Sampled();
  readonly #roundTripTimesOut = new Sampled();

  addStream(direction: Direction, kind: MediaKind, stat: RtpStat): void {
    this.#streams[direction][kind]++;
    this.#bitrates[direction][kind].add(stat.bitrate);
    if (direction === 'send') {
      this.#roundTripTimesOut.add(stat.roundTrip);
      return;
    }
    this.#scoresIn[kind].add(stat.score);
    this.#packetCountsIn.add(packetsOf(stat));
    this.#packetLostsIn.add(stat.lost);
    this.#packetsRetransmittedIn.add(retransmittedOf(stat));
  }

  addLayers(spatial: number | undefined, temporal: number | undefined): void {
    this.#spatialLayersOut.add(spatial);
    this.#temporalLayersOut.add(temporal);
  }

  aggregated(): Aggregated {
    const { receive, send } = this.#bitrates;
    return omitUnknown({
      audioIn: this.#streams.receive.audio,
      videoIn: this.#streams.receive.video,
      audioOut: this.#streams.send.audio,
      videoOut: this.#streams.send.video,
      audioBitratesIn: receive.audio.statistics(),
      videoBitratesIn: receive.video.statistics(),
      audioBitratesOut: send.audio.statistics(),
      videoBitratesOut: send.video.statistics(),
      audioScoresIn: this.#scoresIn.audio.statistics(),
      videoScoresIn: this.#scoresIn.video.statistics(),
      packetCountsIn: this.#packetCountsIn.statistics(),
      packetLostsIn: this.#packetLostsIn.statistics(),
      packetsRetransmittedIn: this.#packetsRetransmittedIn.statistics(),
      spatialLayersOut: this.#spatialLayersOut.statistics(),
      temporalLayersOut: this.#temporalLayersOut.statistics(),
      roundTripTimesOut: this.#roundTripTimesOut.statistics(),
    });
  }
}

/** The same without what is undefined, which JSON would leave out and a comparison would not. */
export function omitUnknown<T extends object>(record: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}
