import type { Burst, MediaKind, TransportType } from './stream.ts';

/** What a stream is, for those who look for it in the truth. */
export interface TruthIdentity {
  readonly object: 'producer' | 'consumer';
  readonly id: string;
  readonly kind: MediaKind;
  /** `opus`, `VP8` … */
  readonly codec: string;
  readonly transport: TransportType;
  /** '' where there is none, as on a pipe. */
  readonly room: string;
  readonly peer: string;
}

/** What really went through one producer or consumer, over all its encodings and SSRCs. It outlives the object. */
export class TruthRecord {
  readonly identity: TruthIdentity;
  packets = 0;
  /** RTP headers included. */
  bytes = 0;

  constructor(identity: TruthIdentity) {
    this.identity = identity;
  }

  add(burst: Burst): void {
    this.packets += burst.packets;
    this.bytes += burst.bytes;
  }
}

/** The ground truth of a simulated SFU, against which a monitor's totals can be held. */
export class Truth {
  readonly #records: TruthRecord[] = [];

  /** All that ever was, closed ones too, in the order of their birth. */
  get records(): readonly TruthRecord[] {
    return this.#records;
  }

  record(identity: TruthIdentity): TruthRecord {
    const record = new TruthRecord(identity);
    this.#records.push(record);
    return record;
  }

  /** Packets and bytes of all streams whose identity has these properties. */
  total(properties: Partial<TruthIdentity>): Burst {
    let packets = 0;
    let bytes = 0;
    for (const record of this.#records) {
      const identity: Record<string, string> = { ...record.identity };
      if (!Object.entries(properties).every(([name, value]) => identity[name] === value)) continue;
      packets += record.packets;
      bytes += record.bytes;
    }
    return { packets, bytes };
  }
}
