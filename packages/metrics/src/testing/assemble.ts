import type { Bucket, Exemplar, SampleValue } from '../family.ts';
import type { OpenFamily, ParsedSample } from './parsed.ts';
import type { PlainFamily, PlainSample } from './plain.ts';
import type { LineScanner } from './scanner.ts';

/** Puts the lines of a family together into samples, and objects to what no observation could have given. */
export function assemble(family: OpenFamily, name: string): PlainFamily {
  const type = family.type ?? 'unknown';
  const samples =
    type === 'histogram'
      ? grouped(family.samples, 'le').map(histogram)
      : type === 'summary'
        ? grouped(family.samples, 'quantile').map(summary)
        : simple(family.samples, type);
  return {
    name,
    type,
    help: family.help ?? '',
    ...(family.unit === undefined ? {} : { unit: family.unit }),
    samples,
  };
}

function simple(lines: readonly ParsedSample[], type: string): PlainSample[] {
  const seen = new Set<string>();
  return lines.map(({ labels, value, exemplar, scanner }) => {
    const key = keyOf(labels);
    if (seen.has(key)) scanner.fail('a second sample with the same labels');
    seen.add(key);
    if (type === 'counter' && !(value >= 0)) scanner.fail('a negative counter');
    if (type === 'info' && value !== 1) scanner.fail('an info must be 1');
    if (type === 'stateset' && value !== 0 && value !== 1) scanner.fail('a state must be 0 or 1');
    return { labels, value, ...(exemplar === undefined ? {} : { exemplar }) };
  });
}

/** Lines that agree in all labels but one belong to one sample. */
function grouped(lines: readonly ParsedSample[], bound: string): (readonly ParsedSample[])[] {
  const groups = new Map<string, ParsedSample[]>();
  let current: string | undefined;
  for (const line of lines) {
    const { [bound]: _, ...labels } = line.labels;
    const key = keyOf(labels);
    if (key !== current && groups.has(key)) line.scanner.fail('the lines of a sample are not in one piece');
    current = key;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [line]);
    else group.push(line);
  }
  return [...groups.values()];
}

function histogram(lines: readonly ParsedSample[]): PlainSample {
  const { sum, count, scanner, labels } = totals(lines, 'le');
  const buckets: Bucket[] = [];
  let infinite: ParsedSample | undefined;
  let previous = Number.NEGATIVE_INFINITY;
  let below = 0;
  for (const line of lines.filter(({ suffix }) => suffix === '_bucket')) {
    const upperBound = numberOf(line, 'le');
    if (upperBound <= previous) line.scanner.fail('bounds must ascend');
    if (line.value < below) line.scanner.fail('buckets must be cumulative');
    if (!Number.isSafeInteger(line.value)) line.scanner.fail('a count must be a whole number');
    previous = upperBound;
    below = line.value;
    if (upperBound === Number.POSITIVE_INFINITY) infinite = line;
    else buckets.push({ upperBound, count: line.value, ...exemplarOf(line) });
  }
  if (infinite === undefined) return scanner.fail('a histogram needs the bucket +Inf');
  if (infinite.value !== count) infinite.scanner.fail('the bucket +Inf must equal the count');
  const value: SampleValue = { count, sum, buckets };
  return { labels, value, ...exemplarOf(infinite) };
}

function summary(lines: readonly ParsedSample[]): PlainSample {
  const { sum, count, labels } = totals(lines, 'quantile');
  const seen = new Set<number>();
  const quantiles = lines
    .filter(({ suffix }) => suffix === '')
    .map((line) => {
      const quantile = numberOf(line, 'quantile');
      if (!(quantile >= 0 && quantile <= 1)) line.scanner.fail('a quantile must be from 0 to 1');
      if (seen.has(quantile)) line.scanner.fail('a quantile twice');
      seen.add(quantile);
      return [quantile, line.value] as const;
    });
  return { labels, value: { count, sum, quantiles } };
}

function totals(
  lines: readonly ParsedSample[],
  bound: string,
): { sum: number; count: number; scanner: LineScanner; labels: Record<string, string> } {
  const [first] = lines as [ParsedSample, ...ParsedSample[]];
  const only = (suffix: string): number => {
    const found = lines.filter((line) => line.suffix === suffix);
    if (found.length !== 1) first.scanner.fail(`expected one ${suffix}, found ${found.length}`);
    return (found[0] as ParsedSample).value;
  };
  const { [bound]: _, ...labels } = first.labels;
  return { sum: only('_sum'), count: only('_count'), scanner: first.scanner, labels };
}

function numberOf({ labels, scanner }: ParsedSample, label: string): number {
  const text = labels[label];
  const value = text === '+Inf' ? Number.POSITIVE_INFINITY : text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
  if (text === undefined || text === '' || Number.isNaN(value)) scanner.fail(`${label} must be a number`);
  return value;
}

function exemplarOf({ exemplar }: ParsedSample): { exemplar?: Exemplar } {
  return exemplar === undefined ? {} : { exemplar };
}

function keyOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
