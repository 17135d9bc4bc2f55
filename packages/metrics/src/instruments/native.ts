import { MetricsError } from '../errors.ts';
import type { BucketSpan, NativeBuckets } from '../family.ts';

export interface NativeOptions {
  /** The resolution to begin with, -4 to 8: a bucket is at most 2^(2^-schema) wide. Defaults to 3, which is 9 %. */
  readonly schema?: number;
  /** Beyond so many buckets the resolution is halved. Defaults to 160. */
  readonly maxBuckets?: number;
  /** Observations at most so far from 0 count as 0. Defaults to 2^-128. */
  readonly zeroThreshold?: number;
}

const MIN_SCHEMA = -4;
const MAX_SCHEMA = 8;

/** The sparse buckets of Prometheus native histograms (specs/native_histograms.md, standard schemas). */
export class NativeHistogram {
  readonly #maxBuckets: number;
  readonly #zeroThreshold: number;
  #schema: number;
  #zeroCount = 0;
  #positive = new Map<number, number>();
  #negative = new Map<number, number>();

  /** @throws MetricsError `MX_BUCKETS` for options out of range. */
  constructor({ schema = 3, maxBuckets = 160, zeroThreshold = 2 ** -128 }: NativeOptions) {
    if (!Number.isInteger(schema) || schema < MIN_SCHEMA || schema > MAX_SCHEMA) {
      throw new MetricsError('MX_BUCKETS', `schema ${schema} is not from ${MIN_SCHEMA} to ${MAX_SCHEMA}`);
    }
    if (!(maxBuckets >= 1) || !(zeroThreshold >= 0)) {
      throw new MetricsError('MX_BUCKETS', `maxBuckets ${maxBuckets}, zeroThreshold ${zeroThreshold}`);
    }
    this.#schema = schema;
    this.#maxBuckets = maxBuckets;
    this.#zeroThreshold = zeroThreshold;
  }

  observe(value: number): void {
    const magnitude = Math.abs(value);
    if (magnitude <= this.#zeroThreshold) {
      this.#zeroCount++;
      return;
    }
    const buckets = value > 0 ? this.#positive : this.#negative;
    const index = bucketIndex(magnitude, this.#schema);
    buckets.set(index, (buckets.get(index) ?? 0) + 1);
    while (this.#positive.size + this.#negative.size > this.#maxBuckets && this.#schema > MIN_SCHEMA) this.#halve();
  }

  buckets(): NativeBuckets {
    return {
      schema: this.#schema,
      zeroThreshold: this.#zeroThreshold,
      zeroCount: this.#zeroCount,
      positive: spans(this.#positive),
      negative: spans(this.#negative),
    };
  }

  #halve(): void {
    this.#schema--;
    this.#positive = merged(this.#positive);
    this.#negative = merged(this.#negative);
  }
}

/**
 * The bucket of a magnitude: the smallest index with magnitude ≤ 2^(index · 2^-schema). Infinity has the one above the
 * greatest finite number's.
 */
export function bucketIndex(magnitude: number, schema: number): number {
  if (magnitude === Number.POSITIVE_INFINITY) return bucketIndex(Number.MAX_VALUE, schema) + 1;
  const { fraction, exponent } = split(magnitude);
  if (schema <= 0) {
    // fraction 0.5 is a power of two, and bounds belong to the bucket below them.
    const power = fraction === 0.5 ? exponent - 1 : exponent;
    // Adding 0 makes -0 0.
    return Math.ceil(power / 2 ** -schema) + 0;
  }
  const perOctave = 2 ** schema;
  let within = Math.ceil((Math.log2(fraction) + 1) * perOctave);
  // The logarithm is rounded: settle at the bound itself.
  while (within > 0 && fraction <= bound(within - 1, perOctave)) within--;
  while (fraction > bound(within, perOctave)) within++;
  return within + (exponent - 1) * perOctave;
}

/** The upper bound of a bucket within the octave (0.5, 1]. */
function bound(within: number, perOctave: number): number {
  return 2 ** (within / perOctave - 1);
}

/** magnitude = fraction · 2^exponent with fraction in [0.5, 1). */
function split(magnitude: number): { fraction: number; exponent: number } {
  const bits = new DataView(new ArrayBuffer(8));
  // Subnormal numbers are brought into the normal range first.
  const subnormal = magnitude < 2 ** -1022;
  bits.setFloat64(0, subnormal ? magnitude * 2 ** 54 : magnitude);
  const high = bits.getUint32(0);
  const exponent = ((high >>> 20) & 0x7ff) - 1022 - (subnormal ? 54 : 0);
  bits.setUint32(0, (high & 0x800fffff) | (1022 << 20));
  return { fraction: bits.getFloat64(0), exponent };
}

/** Buckets of half the resolution: two become one. */
function merged(buckets: ReadonlyMap<number, number>): Map<number, number> {
  const half = new Map<number, number>();
  for (const [index, count] of buckets) {
    const target = Math.ceil(index / 2);
    half.set(target, (half.get(target) ?? 0) + count);
  }
  return half;
}

/** Runs of consecutive buckets; a gap of one or two is cheaper filled with zeros than begun anew. */
function spans(buckets: ReadonlyMap<number, number>): BucketSpan[] {
  const result: { offset: number; counts: number[] }[] = [];
  let next = 0;
  for (const index of [...buckets.keys()].sort((a, b) => a - b)) {
    const count = buckets.get(index) as number;
    const last = result.at(-1);
    const gap = index - next;
    if (last !== undefined && gap <= 2) last.counts.push(...new Array<number>(gap).fill(0), count);
    else result.push({ offset: gap, counts: [count] });
    next = index + 1;
  }
  return result;
}
