import { MetricsError } from './errors.ts';
import type { Sample } from './family.ts';
import { hashValues } from './hygiene.ts';
import type { Metric } from './metric.ts';
import type { GatherRules } from './rules.ts';
import { SeriesSet } from './series.ts';
import { BATCH, type Slicer } from './slices.ts';
import { SlotTable } from './slots.ts';
import type { Part } from './snapshot.ts';

/** Takes the place of a sample that a later one with the same labels replaced. */
const GONE: Sample = Object.freeze({ labels: [], value: Number.NaN });

/**
 * Leaves each label set of a family once: the last one wins, and stands where the first one stood. A set of handles
 * has no repeats in itself, so a family that is just one is not read.
 *
 * @throws MetricsError `MX_DUPLICATE_SERIES` when the rules say so.
 */
export async function withoutRepeats(
  metric: Metric,
  parts: readonly Part[],
  rules: GatherRules,
  slicer: Slicer,
): Promise<readonly Part[]> {
  if (parts.length === 1 && parts[0]?.samples instanceof SeriesSet) return parts;
  const lists = parts.map((part) => listOf(part));
  const total = lists.reduce((sum, list) => sum + list.length, 0);
  const hashes = new Uint32Array(total);
  const table = new SlotTable((slot) => hashes[slot] as number, total);
  const twins = (a: number, b: number): boolean => sameSeries(lists, parts, a, b);
  let replaced: Sample[][] | undefined;
  let slot = 0;
  for (const [index, samples] of lists.entries()) {
    const part = parts[index] as Part;
    const seed = hashValues(part.constants);
    for (let i = 0; i < samples.length; i++, slot++) {
      const hash = (seed ^ (part.hashes?.[i] ?? hashValues((samples[i] as Sample).labels))) >>> 0;
      hashes[slot] = hash;
      const twin = table.addUnlessTwin(hash, slot, twins);
      if (twin >= 0) {
        const sample = samples[i] as Sample;
        if (rules.throwOnDuplicate) {
          throw new MetricsError('MX_DUPLICATE_SERIES', `${metric.name}{${[...part.constants, ...sample.labels]}}`);
        }
        rules.duplicated(metric.name, 1);
        replaced ??= lists.map((list) => [...list]);
        const [firstIndex, at] = placeOf(lists, twin);
        (replaced[firstIndex] as Sample[])[at] = sample;
        (replaced[index] as Sample[])[i] = GONE;
      }
      if (i % BATCH === BATCH - 1 && slicer.spent) await slicer.rest();
    }
  }
  return replaced === undefined ? parts : parts.map((part, index) => withSamples(part, replaced[index] as Sample[]));
}

function withSamples(part: Part, samples: readonly Sample[]): Part {
  const { labelNames, constants } = part;
  return {
    labelNames,
    constants,
    samples: samples.filter((sample) => sample !== GONE),
    limit: Number.POSITIVE_INFINITY,
  };
}

function listOf({ samples, limit }: Part): readonly Sample[] {
  const list = samples instanceof SeriesSet ? [...samples] : samples;
  return list.length > limit ? list.slice(0, limit) : list;
}

function placeOf(lists: readonly (readonly Sample[])[], slot: number): [list: number, sample: number] {
  let left = slot;
  let list = 0;
  while (left >= (lists[list] as readonly Sample[]).length) left -= (lists[list++] as readonly Sample[]).length;
  return [list, left];
}

function sameSeries(lists: readonly (readonly Sample[])[], parts: readonly Part[], a: number, b: number): boolean {
  const [listA, atA] = placeOf(lists, a);
  const [listB, atB] = placeOf(lists, b);
  const partA = parts[listA] as Part;
  const partB = parts[listB] as Part;
  return (
    same(labelsAt(lists, listA, atA), labelsAt(lists, listB, atB)) &&
    same(partA.constants, partB.constants) &&
    same(partA.labelNames, partB.labelNames)
  );
}

function labelsAt(lists: readonly (readonly Sample[])[], list: number, at: number): readonly string[] {
  return ((lists[list] as readonly Sample[])[at] as Sample).labels;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((text, i) => text === b[i]));
}
