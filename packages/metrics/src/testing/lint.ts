import type { Metric } from '../metric.ts';

/** One complaint of {@link lint}. */
export interface LintProblem {
  readonly metric: string;
  readonly problem: string;
}

/** Base units by the units that should be given in them (prometheus/docs: practices/naming). */
const BASE_UNITS: Readonly<Record<string, string>> = {
  milliseconds: 'seconds',
  microseconds: 'seconds',
  nanoseconds: 'seconds',
  minutes: 'seconds',
  hours: 'seconds',
  days: 'seconds',
  weeks: 'seconds',
  kelvin: 'celsius',
  fahrenheit: 'celsius',
  kilobytes: 'bytes',
  megabytes: 'bytes',
  gigabytes: 'bytes',
  kibibytes: 'bytes',
  mebibytes: 'bytes',
  bits: 'bytes',
  kilobits: 'bytes',
  megabits: 'bytes',
  percent: 'ratio',
  percents: 'ratio',
};
const ABBREVIATIONS: readonly string[] = [
  's',
  'ms',
  'us',
  'ns',
  'sec',
  'b',
  'kb',
  'mb',
  'gb',
  'tb',
  'pb',
  'm',
  'h',
  'd',
];
const TYPE_WORDS: readonly string[] = ['gauge', 'counter', 'histogram', 'summary'];

/**
 * The name lint of `promtool check metrics`, and what the naming guide says beyond it: help there, `_total` on
 * counters and only there, no reserved suffixes, base units spelled out, snake case.
 */
export function lint(catalogue: Iterable<Metric>): LintProblem[] {
  const problems: LintProblem[] = [];
  for (const metric of catalogue) {
    for (const problem of problemsOf(metric)) problems.push({ metric: metric.name, problem });
  }
  return problems;
}

function* problemsOf({ name, type, help, unit, labelNames }: Metric): Generator<string> {
  const words = name.split('_');
  const distribution = type === 'histogram' || type === 'summary';
  if (help.trim() === '') yield 'has no help text';
  if (type === 'counter' && !name.endsWith('_total')) yield 'a counter should end in "_total"';
  if (type !== 'counter' && name.endsWith('_total')) yield 'only a counter should end in "_total"';
  if (type === 'info' && !name.endsWith('_info')) yield 'an info should end in "_info"';
  if (!distribution && /_(count|sum)$/.test(name))
    yield 'only a histogram or a summary should end in "_count" or "_sum"';
  if (type !== 'histogram' && name.endsWith('_bucket')) yield 'only a histogram should end in "_bucket"';
  if (type !== 'histogram' && (labelNames as readonly string[]).includes('le'))
    yield 'only a histogram has the label "le"';
  if (type !== 'summary' && (labelNames as readonly string[]).includes('quantile'))
    yield 'only a summary has the label "quantile"';
  if (name.includes(':')) yield 'colons are for recording rules';
  if (/[a-z][A-Z]/.test(name)) yield 'the name should be snake_case';
  for (const label of labelNames) if (/[a-z][A-Z]/.test(label)) yield `label "${label}" should be snake_case`;
  for (const word of words) {
    if (TYPE_WORDS.includes(word)) yield `the name should not say its type "${word}"`;
    const base = BASE_UNITS[word];
    if (base !== undefined && !(word === 'bits' && name.includes('_bits_per_second')))
      yield `use the base unit "${base}" instead of "${word}"`;
    if (ABBREVIATIONS.includes(word)) yield `spell the unit "${word}" out`;
  }
  if (
    unit !== undefined &&
    !words
      .join('_')
      .replace(/_(total|info)$/, '')
      .endsWith(`_${unit}`)
  ) {
    yield `the name should end in its unit "${unit}"`;
  }
}
