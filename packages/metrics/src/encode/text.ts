import { worstBytes } from '../bytes.ts';
import type { HistogramValue, Sample, SummaryValue } from '../family.ts';
import { formatBound, formatNumber, NUMBER_BYTES, writeNumber } from '../number.ts';
import { CHUNK_SERIES, type SeriesChunk, SeriesSet } from '../series.ts';
import type { GatheredFamily, Part } from '../snapshot.ts';
import type { Dialect } from './dialect.ts';
import { compileLine, type LineShape, lineBound, writeLine } from './lines.ts';
import { type BufferPool, Output } from './output.ts';

const encoder = new TextEncoder();

/** Encodes families in one of the text formats. A piece must be read, or given back to the pool, by its taker. */
export function* encodeText(
  families: Iterable<GatheredFamily>,
  dialect: Dialect,
  pool: BufferPool,
): Generator<Uint8Array, void, undefined> {
  const output = new Output(pool);
  for (const family of families) {
    yield* writeText(output, dialect.header(family.metric));
    for (const part of family.parts) {
      if (part.samples instanceof SeriesSet && part.constants.length === 0) yield* writeSet(output, part.samples);
      else yield* writeSamples(output, family, part, dialect);
    }
  }
  yield* writeText(output, dialect.footer);
  yield output.cut(0);
}

function* writeText(output: Output, text: string): Generator<Uint8Array> {
  const bound = worstBytes(text.length);
  if (!output.fits(bound)) yield output.cut(bound);
  output.at += encoder.encodeInto(text, output.bytes.subarray(output.at)).written;
}

/** Copies the rendered lines of a set and puts the values between them. */
function* writeSet(output: Output, set: SeriesSet): Generator<Uint8Array> {
  for (const chunk of set.chunks) {
    // Series come and go while a piece is on its way: what was true of the chunk before is asked again.
    while (!output.fits(bytesToCopy(chunk))) yield output.cut(bytesToCopy(chunk));
    if (chunk.live > 0) copyChunk(output, chunk);
  }
}

/** Room for a chunk twice: its lines as they are, and before them the result. */
function bytesToCopy(chunk: SeriesChunk): number {
  return renderedBytes(chunk) + chunk.used;
}

function renderedBytes(chunk: SeriesChunk): number {
  return chunk.used + chunk.live * (NUMBER_BYTES + 1);
}

/**
 * The lines are laid behind the place of the result first: copying within one buffer costs a third of copying from
 * one to another, line by line.
 */
function copyChunk(output: Output, chunk: SeriesChunk): void {
  const { bytes } = output;
  const { starts, lengths, values } = chunk;
  const from = output.at + renderedBytes(chunk);
  bytes.set(chunk.used === chunk.lines.length ? chunk.lines : chunk.lines.subarray(0, chunk.used), from);
  let at = output.at;
  for (let place = 0; place < CHUNK_SERIES; place++) {
    const length = lengths[place] as number;
    if (length === 0) continue;
    const start = from + (starts[place] as number);
    bytes.copyWithin(at, start, start + length);
    at = writeNumber(bytes, at + length, values[place] as number);
    bytes[at++] = 0x0a;
  }
  output.at = at;
}

function* writeSamples(
  output: Output,
  { metric }: GatheredFamily,
  part: Part,
  dialect: Dialect,
): Generator<Uint8Array> {
  const shape = (suffix: string): LineShape =>
    compileLine(metric.name, suffix, part.labelNames, part.constants, dialect.escaping);
  const plain = metric.type === 'histogram' || metric.type === 'summary' ? undefined : shape('');
  const compound =
    plain === undefined
      ? { bucket: shape('_bucket'), sum: shape('_sum'), count: shape('_count'), quantile: shape('') }
      : undefined;
  for (const sample of part.samples) {
    if (plain !== undefined) {
      const after = sample.exemplar === undefined ? '' : dialect.exemplar(sample.exemplar, metric);
      const bound = lineBound(plain, sample.labels, after.length);
      if (!output.fits(bound)) yield output.cut(bound);
      writeLine(output, plain, sample.labels, sample.value as number, '', after);
    } else if (compound !== undefined) {
      const lines =
        metric.type === 'histogram'
          ? histogramLines(sample, compound, dialect)
          : summaryLines(sample, compound, dialect);
      for (const [line, value, label, after] of lines) {
        const bound = lineBound(line, sample.labels, label.length + after.length);
        if (!output.fits(bound)) yield output.cut(bound);
        writeLine(output, line, sample.labels, value, label, after);
      }
    }
  }
}

type Line = readonly [shape: LineShape, value: number, label: string, after: string];
type CompoundShapes = Readonly<Record<'bucket' | 'sum' | 'count' | 'quantile', LineShape>>;

function* histogramLines(sample: Sample, shapes: CompoundShapes, dialect: Dialect): Generator<Line> {
  const { buckets, count, sum } = sample.value as HistogramValue;
  for (const { upperBound, count: cumulative, exemplar } of buckets) {
    const after = exemplar === undefined ? '' : dialect.exemplar(exemplar, undefined);
    yield [shapes.bucket, cumulative, `le="${bound(upperBound, dialect)}"`, after];
  }
  const after = sample.exemplar === undefined ? '' : dialect.exemplar(sample.exemplar, undefined);
  yield [shapes.bucket, count, 'le="+Inf"', after];
  yield [shapes.sum, sum, '', ''];
  yield [shapes.count, count, '', ''];
}

function* summaryLines({ value }: Sample, shapes: CompoundShapes, dialect: Dialect): Generator<Line> {
  const { quantiles, sum, count } = value as SummaryValue;
  for (const [quantile, at] of quantiles) yield [shapes.quantile, at, `quantile="${bound(quantile, dialect)}"`, ''];
  yield [shapes.sum, sum, '', ''];
  yield [shapes.count, count, '', ''];
}

function bound(value: number, dialect: Dialect): string {
  return dialect.floatBounds ? formatBound(value) : formatNumber(value);
}
