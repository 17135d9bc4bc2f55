import { packetsOf, type RtpStat, retransmittedOf } from './rtp.ts';
import type { Aggregated, Direction, MediaKind, Statistics } from './state.ts';
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

  /** @param pause lets the event loop turn between two of the sets, each of which has to be sorted */
  async aggregated(pause: () => Promise<void>): Promise<Aggregated> {
    const { receive, send } = this.#bitrates;
    const statisticsOf = async (sampled: Sampled): Promise<Statistics | undefined> => {
      await pause();
      return sampled.statistics();
    };
    return omitUnknown<Aggregated>({
      audioIn: this.#streams.receive.audio,
      videoIn: this.#streams.receive.video,
      audioOut: this.#streams.send.audio,
      videoOut: this.#streams.send.video,
      audioBitratesIn: await statisticsOf(receive.audio),
      videoBitratesIn: await statisticsOf(receive.video),
      audioBitratesOut: await statisticsOf(send.audio),
      videoBitratesOut: await statisticsOf(send.video),
      audioScoresIn: await statisticsOf(this.#scoresIn.audio),
      videoScoresIn: await statisticsOf(this.#scoresIn.video),
      packetCountsIn: await statisticsOf(this.#packetCountsIn),
      packetLostsIn: await statisticsOf(this.#packetLostsIn),
      packetsRetransmittedIn: await statisticsOf(this.#packetsRetransmittedIn),
      spatialLayersOut: await statisticsOf(this.#spatialLayersOut),
      temporalLayersOut: await statisticsOf(this.#temporalLayersOut),
      roundTripTimesOut: await statisticsOf(this.#roundTripTimesOut),
    });
  }
}

/** The same without what is undefined, which JSON would leave out and a comparison would not. */
export function omitUnknown<T extends object>(record: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}
