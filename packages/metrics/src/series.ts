import { worstBytes, writeLabelValue, writeUtf8 } from './bytes.ts';
import { MetricsError } from './errors.ts';
import { labelValues, type Sample } from './family.ts';
import { cleanLabelValue, LABEL_VALUE_BYTES } from './hygiene.ts';
import { LEGACY_LABEL_NAME, LEGACY_METRIC_NAME, type Metric } from './metric.ts';
import { SlotTable } from './slots.ts';

/** How many series share one block of memory; also the unit in which a scrape copies them. */
export const CHUNK_SERIES = 256;

/** A block of series. All arrays are indexed by the series' place in the block. */
export class SeriesChunk {
  /** The rendered line heads, `name{labels} `, one after the other, with gaps where a series was removed. */
  lines: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  used = 0;
  dead = 0;
  live = 0;
  readonly starts: Uint32Array = new Uint32Array(CHUNK_SERIES);
  /** 0 marks a free place. */
  readonly lengths: Uint32Array = new Uint32Array(CHUNK_SERIES);
  readonly values: Float64Array = new Float64Array(CHUNK_SERIES);
  readonly hashes: Uint32Array = new Uint32Array(CHUNK_SERIES);
  /** Grows when a place changes hands, so that an old handle can no longer touch it. */
  readonly generations: Uint32Array = new Uint32Array(CHUNK_SERIES);

  put(place: number, line: Uint8Array, hash: number): void {
    if (this.used + line.length > this.lines.length) this.#make(line.length);
    this.lines.set(line, this.used);
    this.starts[place] = this.used;
    this.lengths[place] = line.length;
    this.hashes[place] = hash;
    this.values[place] = 0;
    this.used += line.length;
    this.live++;
    // A full block is seldom added to again: give back what doubling left over.
    if (this.live === CHUNK_SERIES && this.lines.length > this.used) this.#resize(this.used);
  }

  free(place: number): void {
    this.dead += this.lengths[place] as number;
    this.lengths[place] = 0;
    this.generations[place] = (this.generations[place] as number) + 1;
    this.live--;
    if (this.live === 0) {
      this.lines = new Uint8Array(0);
      this.used = 0;
      this.dead = 0;
    }
  }

  /** Makes room for a line, by closing the gaps where that is enough. */
  #make(length: number): void {
    const needed = this.used - this.dead + length;
    this.#resize(needed <= this.lines.length / 2 ? this.lines.length : Math.max(needed, 2 * this.lines.length, 1024));
  }

  #resize(capacity: number): void {
    const lines = new Uint8Array(capacity);
    let used = 0;
    for (let place = 0; place < CHUNK_SERIES; place++) {
      const length = this.lengths[place] as number;
      if (length === 0) continue;
      const start = this.starts[place] as number;
      lines.set(this.lines.subarray(start, start + length), used);
      this.starts[place] = used;
      used += length;
    }
    this.lines = lines;
    this.used = used;
    this.dead = 0;
  }
}

/** A handle on one series of a {@link SeriesSet}. After `remove`, or once another took its labels, it does nothing. */
export class Series {
  readonly #set: SeriesSet;
  readonly #chunk: SeriesChunk;
  readonly #slot: number;
  readonly #generation: number;

  /** @internal */
  constructor(set: SeriesSet, chunk: SeriesChunk, slot: number) {
    this.#set = set;
    this.#chunk = chunk;
    this.#slot = slot;
    this.#generation = chunk.generations[slot % CHUNK_SERIES] as number;
  }

  /** Whether the series is still exported through this handle. */
  get alive(): boolean {
    return this.#chunk.generations[this.#slot % CHUNK_SERIES] === this.#generation;
  }

  /** NaN once the series is gone. */
  get value(): number {
    return this.alive ? (this.#chunk.values[this.#slot % CHUNK_SERIES] as number) : Number.NaN;
  }

  set(value: number): void {
    if (this.alive) this.#chunk.values[this.#slot % CHUNK_SERIES] = value;
  }

  inc(by = 1): void {
    if (this.alive) this.set(this.value + by);
  }

  remove(): void {
    if (this.alive) this.#set.release(this.#slot);
  }
}

export interface SeriesSetOptions {
  /** The limit of a label value in bytes of UTF-8. Defaults to 256. */
  readonly labelValueLimit?: number;
  /** `throw` makes adding labels that are there already an error; by default the new handle takes the series over. */
  readonly duplicates?: 'last' | 'throw';
}

/**
 * The series of a large, long-lived set, such as an SFU's consumers. Each keeps its rendered label block, so adding,
 * setting and removing one is O(1), and a scrape is little more than a copy. Values are read when they are written out.
 */
export class SeriesSet {
  readonly metric: Metric;
  readonly chunks: SeriesChunk[] = [];
  readonly #free: number[] = [];
  readonly #table: SlotTable;
  readonly #limit: number;
  readonly #throws: boolean;
  #scratch = new Uint8Array(1024);
  #next = 0;
  #size = 0;
  #replaced = 0;

  /** @throws MetricsError `MX_METRIC_NAME`, `MX_LABEL_NAME` or `MX_VALUE` for a name or a type that has no plain line. */
  constructor(metric: Metric, options: SeriesSetOptions = {}) {
    if (!LEGACY_METRIC_NAME.test(metric.name)) throw new MetricsError('MX_METRIC_NAME', metric.name);
    for (const label of metric.labelNames) {
      if (!LEGACY_LABEL_NAME.test(label)) throw new MetricsError('MX_LABEL_NAME', `${metric.name}: ${label}`);
    }
    if (metric.type === 'histogram' || metric.type === 'summary') {
      throw new MetricsError('MX_VALUE', `${metric.name}: series handles hold one number, not a ${metric.type}`);
    }
    this.metric = metric;
    this.#limit = options.labelValueLimit ?? LABEL_VALUE_BYTES;
    this.#throws = options.duplicates === 'throw';
    this.#table = new SlotTable((slot) => this.#chunkOf(slot).hashes[slot % CHUNK_SERIES] as number);
  }

  get size(): number {
    return this.#size;
  }

  /** How often a series was taken over by another handle with the same labels. */
  get replaced(): number {
    return this.#replaced;
  }

  /** Adds a series. @throws MetricsError `MX_LABEL_SET`, and `MX_DUPLICATE_SERIES` when the set was told to throw. */
  add(labels: Readonly<Record<string, string>>, value = 0): Series {
    return this.addValues(labelValues(this.metric, labels), value);
  }

  /** {@link SeriesSet.add} with the label values in the order of the metric, for hot code. */
  addValues(values: readonly string[], value = 0): Series {
    const line = this.#render(values);
    const hash = hashBytes(line);
    const twin = this.#table.find(hash, (slot) => this.#isLine(slot, line));
    if (twin >= 0) return this.#takeOver(twin, value);
    const slot = this.#free.pop() ?? this.#next++;
    const chunk = this.#chunkOf(slot);
    chunk.put(slot % CHUNK_SERIES, line, hash);
    chunk.values[slot % CHUNK_SERIES] = value;
    this.#table.add(hash, slot);
    this.#size++;
    return new Series(this, chunk, slot);
  }

  /** @internal */
  release(slot: number): void {
    const chunk = this.#chunkOf(slot);
    this.#table.delete(chunk.hashes[slot % CHUNK_SERIES] as number, slot);
    chunk.free(slot % CHUNK_SERIES);
    this.#free.push(slot);
    this.#size--;
  }

  /** The series as samples, decoded from their lines. For formats other than text, and for tests. */
  *[Symbol.iterator](): Generator<Sample> {
    for (const chunk of this.chunks) {
      for (let place = 0; place < CHUNK_SERIES; place++) {
        const length = chunk.lengths[place] as number;
        if (length === 0) continue;
        const start = chunk.starts[place] as number;
        yield {
          labels: readLabelValues(chunk.lines, start, start + length, this.metric.labelNames.length),
          value: chunk.values[place] as number,
        };
      }
    }
  }

  #takeOver(slot: number, value: number): Series {
    if (this.#throws) throw new MetricsError('MX_DUPLICATE_SERIES', this.metric.name);
    const chunk = this.#chunkOf(slot);
    const place = slot % CHUNK_SERIES;
    chunk.generations[place] = (chunk.generations[place] as number) + 1;
    chunk.values[place] = value;
    this.#replaced++;
    return new Series(this, chunk, slot);
  }

  #chunkOf(slot: number): SeriesChunk {
    const index = (slot / CHUNK_SERIES) | 0;
    let chunk = this.chunks[index];
    if (chunk === undefined) {
      chunk = new SeriesChunk();
      this.chunks.push(chunk);
    }
    return chunk;
  }

  #isLine(slot: number, line: Uint8Array): boolean {
    const chunk = this.#chunkOf(slot);
    const place = slot % CHUNK_SERIES;
    if (chunk.lengths[place] !== line.length) return false;
    const start = chunk.starts[place] as number;
    for (let i = 0; i < line.length; i++) if (chunk.lines[start + i] !== line[i]) return false;
    return true;
  }

  #render(values: readonly string[]): Uint8Array {
    const { name, labelNames, privacy } = this.metric;
    if (values.length !== labelNames.length) {
      throw new MetricsError('MX_LABEL_SET', `${name}: ${values.length} values for ${labelNames.length} labels`);
    }
    let worst = name.length + 3;
    for (let i = 0; i < values.length; i++) {
      worst += (labelNames[i] as string).length + 4 + worstBytes((values[i] as string).length);
    }
    if (worst > this.#scratch.length) this.#scratch = new Uint8Array(2 * worst);
    const bytes = this.#scratch;
    let at = writeUtf8(bytes, 0, name);
    for (let i = 0; i < values.length; i++) {
      const label = labelNames[i] as string;
      const value = privacy[label] === 'secret' ? '' : cleanLabelValue(values[i] as string, this.#limit);
      bytes[at++] = i === 0 ? 0x7b : 0x2c;
      at = writeUtf8(bytes, at, label);
      bytes[at++] = 0x3d;
      bytes[at++] = 0x22;
      at = writeLabelValue(bytes, at, value);
      bytes[at++] = 0x22;
    }
    if (values.length > 0) bytes[at++] = 0x7d;
    bytes[at++] = 0x20;
    return bytes.subarray(0, at);
  }
}

/** FNV-1a. */
function hashBytes(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash >>> 0;
}

const decoder = new TextDecoder();

/** Reads the label values back from a rendered line head. */
function readLabelValues(bytes: Uint8Array, start: number, end: number, count: number): string[] {
  const values: string[] = [];
  let at = start;
  while (values.length < count && at < end) {
    at = bytes.indexOf(0x22, at) + 1;
    const from = at;
    let escaped = false;
    while (bytes[at] !== 0x22) {
      if (bytes[at] === 0x5c) {
        escaped = true;
        at++;
      }
      at++;
    }
    const raw = decoder.decode(bytes.subarray(from, at));
    values.push(escaped ? raw.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c)) : raw);
    at++;
  }
  return values;
}
