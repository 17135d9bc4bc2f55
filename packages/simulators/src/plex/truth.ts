export type MediaType = 'movie' | 'episode' | 'track' | 'live' | 'photo' | 'video' | 'other';

/** `direct_stream`: the container is changed, the streams are not. `transcode`: video or audio is encoded anew. */
export type Delivery = 'direct_play' | 'direct_stream' | 'transcode';

export type Location = 'lan' | 'wan';

/** Only a `play` counts as one; a `ghost` is a session without anybody who watches. */
export type TruthKind = 'play' | 'preroll' | 'theme' | 'ghost';

/** What was played by whom and how. A play whose delivery changes on the way has a record for each. */
export interface TruthIdentity {
  /** Counts up from 1: one person plays one item once, under however many session keys. */
  readonly play: number;
  readonly kind: TruthKind;
  readonly user: string;
  /** The title of the player. */
  readonly player: string;
  /** The title of the library, '' for what is in none. */
  readonly library: string;
  readonly ratingKey: string;
  readonly title: string;
  readonly mediaType: MediaType;
  readonly delivery: Delivery;
  readonly location: Location;
}

export interface TruthTotal {
  readonly plays: number;
  /** Seconds in which the player really played. */
  readonly seconds: number;
  /** Those seconds times the bitrate of the stream. */
  readonly bytes: number;
}

/** What one play earned under one delivery. It outlives the session. */
export class TruthRecord {
  readonly identity: TruthIdentity;
  /** 1 where the play began; 0 where only its delivery changed, and for what is no play. */
  plays = 0;
  milliseconds = 0;
  bytes = 0;

  constructor(identity: TruthIdentity) {
    this.identity = identity;
  }

  get seconds(): number {
    return this.milliseconds / 1000;
  }

  add(milliseconds: number, kbps: number): void {
    this.milliseconds += milliseconds;
    this.bytes += (milliseconds * kbps) / 8;
  }
}

/** The ground truth of a simulated Plex server, taken from what its players do and not from what they report. */
export class Truth {
  readonly #records = new Map<string, TruthRecord>();
  /** All bytes that /statistics/bandwidth told of, or would have told of, by where they went. */
  readonly transmittedBytes: Record<Location, number> = { lan: 0, wan: 0 };

  /** In the order in which they began. */
  get records(): readonly TruthRecord[] {
    return [...this.#records.values()];
  }

  /** The record of this identity, made when there is none. */
  record(identity: TruthIdentity): TruthRecord {
    const key = `${identity.play} ${identity.delivery} ${identity.location}`;
    const record = this.#records.get(key) ?? new TruthRecord(identity);
    this.#records.set(key, record);
    return record;
  }

  /** Of all records whose identity has these properties; of all there are without any. */
  total(properties: Partial<TruthIdentity> = {}): TruthTotal {
    return sum(this.records.filter((record) => matches(record.identity, properties)));
  }

  /** Totals by the values of some properties, which are joined by a comma: `by('mediaType', 'delivery')`. */
  by(...names: readonly (keyof TruthIdentity)[]): ReadonlyMap<string, TruthTotal> {
    const keyOf = ({ identity }: TruthRecord): string => names.map((name) => identity[name]).join(',');
    const groups = Map.groupBy(this.records, keyOf);
    return new Map([...groups].map(([key, records]) => [key, sum(records)]));
  }
}

function matches(identity: TruthIdentity, properties: Partial<TruthIdentity>): boolean {
  const values: Record<string, unknown> = { ...identity };
  return Object.entries(properties).every(([name, value]) => values[name] === value);
}

function sum(records: readonly TruthRecord[]): TruthTotal {
  let plays = 0;
  let milliseconds = 0;
  let bytes = 0;
  for (const record of records) {
    plays += record.plays;
    milliseconds += record.milliseconds;
    bytes += record.bytes;
  }
  return { plays, seconds: milliseconds / 1000, bytes };
}
