import type {
  DataChannelCount,
  LayerCount,
  ObjectKind,
  ObjectTotals,
  StreamCount,
  TransportCount,
  TransportTroubles,
} from './state.ts';
import { Tally } from './tally.ts';

const OBJECTS: readonly ObjectKind[] = [
  'worker',
  'webrtc_server',
  'router',
  'transport',
  'producer',
  'consumer',
  'data_producer',
  'data_consumer',
];

/** Counts the objects of an SFU by what their events say. */
export class Census {
  readonly transports: Tally<Omit<TransportCount, 'count'>> = new Tally();
  readonly producers: Tally<Omit<StreamCount, 'count'>> = new Tally();
  readonly consumers: Tally<Omit<StreamCount, 'count'>> = new Tally();
  readonly layers: Tally<Omit<LayerCount, 'count'>> = new Tally();
  readonly dataChannels: Tally<Omit<DataChannelCount, 'count'>> = new Tally();
  readonly troubles: { -readonly [K in keyof TransportTroubles]: number } = { iceDisconnected: 0, dtlsFailed: 0 };
  deaths = 0;
  readonly #objects = new Map(OBJECTS.map((object) => [object, { created: 0, closed: 0 }]));

  created(object: ObjectKind): void {
    (this.#objects.get(object) as { created: number }).created++;
  }

  closed(object: ObjectKind): void {
    (this.#objects.get(object) as { closed: number }).closed++;
  }

  objects(): ObjectTotals[] {
    return Array.from(this.#objects, ([object, totals]) => ({ object, ...totals }));
  }
}
