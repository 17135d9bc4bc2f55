import { MetricsError } from './errors.ts';
import type { Family, HistogramValue, Sample, SummaryValue } from './family.ts';
import { cleanLabelValue, hashPlain, hashValues } from './hygiene.ts';
import { type Metric, type MetricType, RESERVED_LABELS } from './metric.ts';
import { withoutRepeats } from './repeats.ts';
import type { GatherRules } from './rules.ts';
import { SeriesSet } from './series.ts';
import { BATCH, type Slicer } from './slices.ts';
import { GatheredFamily, hasSamples, type Part } from './snapshot.ts';

/** What one collector gave. */
export interface Contribution {
  readonly families: readonly Family[];
  /** Constant labels, by name. */
  readonly labels: Readonly<Record<string, string>>;
  readonly budget: number;
}

type CleanSamples = Pick<Part, 'samples' | 'hashes'>;

/**
 * Cleans one collector's families and holds them to their budgets.
 *
 * @throws MetricsError `MX_LABEL_SET` or `MX_VALUE` when a sample does not fit its metric.
 */
export async function admit(given: Contribution, rules: GatherRules, slicer: Slicer): Promise<GatheredFamily[]> {
  const constants = Object.values(given.labels).map((value) => cleanLabelValue(value, rules.labelValueLimit));
  const names = Object.keys(given.labels);
  const admitted: GatheredFamily[] = [];
  for (const family of given.families) {
    if (family instanceof GatheredFamily) {
      const parts = family.parts.map((part) => relabel(family.metric, part, names, constants));
      admitted.push(new GatheredFamily(family.metric, parts));
      continue;
    }
    const { metric } = family;
    if (family.samples instanceof SeriesSet) rules.seen(family.samples);
    const clean =
      family.samples instanceof SeriesSet
        ? { samples: family.samples }
        : await cleanSamples(metric, family.samples, rules, slicer);
    const parts = limit(metric, clean, given, rules).map((part) => relabel(metric, part, names, constants));
    admitted.push(new GatheredFamily(metric, parts));
  }
  return admitted;
}

/** Puts families of the same name together. `conflict` is told of those that cannot be, which are left out. */
export async function merge(
  contributions: readonly (readonly GatheredFamily[])[],
  rules: GatherRules,
  slicer: Slicer,
  conflict: (contribution: number, error: MetricsError) => void,
): Promise<GatheredFamily[]> {
  const byName = new Map<string, { readonly metric: Metric; readonly parts: Part[] }>();
  for (const [index, families] of contributions.entries()) {
    for (const family of families) {
      const { metric } = family;
      const merged = byName.get(metric.name);
      if (merged === undefined) byName.set(metric.name, { metric, parts: [...family.parts] });
      else if (merged.metric.type === metric.type) merged.parts.push(...family.parts);
      else {
        conflict(
          index,
          new MetricsError('MX_TYPE_CONFLICT', `${metric.name}: ${merged.metric.type} and ${metric.type}`),
        );
      }
    }
  }
  const families: GatheredFamily[] = [];
  for (const { metric, parts } of byName.values()) {
    const filled = parts.filter(hasSamples);
    if (filled.length > 0)
      families.push(new GatheredFamily(metric, await withoutRepeats(metric, filled, rules, slicer)));
  }
  return families;
}

/**
 * Adds constant labels before those of a part; a label of the same name becomes `exported_…`, as in Prometheus.
 *
 * @throws MetricsError `MX_LABEL_NAME` for a constant label that the samples of the metric have themselves.
 */
function relabel({ name, type }: Metric, part: Part, names: readonly string[], values: readonly string[]): Part {
  if (names.length === 0) return part;
  const reserved = RESERVED_LABELS[type];
  if (reserved !== undefined && names.includes(reserved))
    throw new MetricsError('MX_LABEL_NAME', `${name}: ${reserved}`);
  const taken = new Set([...names, ...part.labelNames]);
  const own = part.labelNames.map((label) => (names.includes(label) ? exported(label, taken) : label));
  return { ...part, labelNames: [...names, ...own], constants: [...values, ...part.constants] };
}

function exported(label: string, taken: Set<string>): string {
  let renamed = label;
  while (taken.has(renamed)) renamed = `exported_${renamed}`;
  taken.add(renamed);
  return renamed;
}

async function cleanSamples(
  metric: Metric,
  given: Iterable<Sample>,
  rules: GatherRules,
  slicer: Slicer,
): Promise<CleanSamples> {
  const secret = metric.labelNames.map((name) => metric.privacy[name] === 'secret');
  const hidden = secret.includes(true);
  const isNumber = holdsNumber(metric.type);
  const list: readonly Sample[] = Array.isArray(given) ? given : await listed(given, slicer);
  const hashes = new Uint32Array(list.length);
  let cleaned: Sample[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const sample = list[i] as Sample;
    checkSample(metric, sample, isNumber);
    let hash = hidden ? -1 : hashPlain(sample.labels, rules.labelValueLimit);
    if (hash < 0) {
      const clean = cleanSample(sample, secret, rules.labelValueLimit);
      hash = hashValues(clean.labels);
      // The list is the collector's: it is copied only where something has to change.
      cleaned ??= list.slice();
      cleaned[i] = clean;
    }
    hashes[i] = hash;
    if (i % BATCH === BATCH - 1 && slicer.spent) await slicer.rest();
  }
  return { samples: cleaned ?? list, hashes };
}

async function listed(given: Iterable<Sample>, slicer: Slicer): Promise<Sample[]> {
  const list: Sample[] = [];
  for (const sample of given) {
    list.push(sample);
    if (list.length % BATCH === 0 && slicer.spent) await slicer.rest();
  }
  return list;
}

function checkSample({ name, type, labelNames }: Metric, { labels, value }: Sample, isNumber: boolean): void {
  if (labels.length !== labelNames.length) {
    throw new MetricsError('MX_LABEL_SET', `${name}: ${labels.length} values for ${labelNames.length} labels`);
  }
  if ((typeof value === 'number') !== isNumber) {
    throw new MetricsError('MX_VALUE', `${name}: ${typeof value} for a ${type}`);
  }
  if (typeof value !== 'number' && !countsOf(value).every(isCount)) {
    throw new MetricsError('MX_VALUE', `${name}: counts must be whole numbers from 0 on`);
  }
}

function cleanSample(sample: Sample, secret: readonly boolean[], limit: number): Sample {
  const labels = sample.labels.map((value, i) => (secret[i] === true ? '' : cleanLabelValue(String(value), limit)));
  return { ...sample, labels };
}

function holdsNumber(type: MetricType): boolean {
  return type !== 'histogram' && type !== 'summary';
}

function* countsOf(value: HistogramValue | SummaryValue): Generator<number> {
  yield value.count;
  if (!('buckets' in value)) return;
  for (const { count } of value.buckets) yield count;
  if (value.native === undefined) return;
  yield value.native.zeroCount;
  for (const { counts } of [...value.native.positive, ...value.native.negative]) yield* counts;
}

function isCount(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 0;
}

/** Of handles, too, what is within the budget is settled now: which series are folded must not change on the way out. */
function limit(metric: Metric, clean: CleanSamples, given: Contribution, rules: GatherRules): Part[] {
  const part = { labelNames: metric.labelNames, constants: [] };
  const count = clean.samples instanceof SeriesSet ? clean.samples.size : clean.samples.length;
  if (count <= given.budget) return [{ ...part, ...clean }];
  rules.dropped(metric.name, count - given.budget);
  const samples = [...clean.samples];
  const kept: Part = { ...part, ...clean, samples: samples.slice(0, given.budget) };
  const other = rules.fold(metric).fold(samples.slice(given.budget));
  return other === undefined ? [kept] : [kept, { ...part, samples: [other] }];
}
