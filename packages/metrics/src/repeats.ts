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
  const lists = parts.map(({ samples }) => (samples instanceof SeriesSet ? [...samples] : samples));
  const total = lists.reduce((sum, list) => sum + list.length, 0);
  const hashes = new Uint32Array(total);
  const table = new SlotTable((slot) => hashes[slot] as number, total);
  const identity = identityOf(parts, lists);
  let replaced: Sample[][] | undefined;
  let slot = 0;
  for (const [index, samples] of lists.entries()) {
    const part = parts[index] as Part;
    for (let i = 0; i < samples.length; i++, slot++) {
      const hash = identity.hash(index, i);
      hashes[slot] = hash;
      const twin = table.addUnlessTwin(hash, slot, identity.same);
      if (twin >= 0) {
        const sample = samples[i] as Sample;
        if (rules.throwOnDuplicate) {
          throw new MetricsError('MX_DUPLICATE_SERIES', `${metric.name}{${[...part.constants, ...sample.labels]}}`);
        }
        rules.duplicated(metric.name, 1);
        replaced ??= lists.map((list) => [...list]);
        const [firstIndex, at] = placeOf(lists, twin);
        // In the first one's place stand labels by the names of the first one's part.
        const { labels } = (lists[firstIndex] as readonly Sample[])[at] as Sample;
        (replaced[firstIndex] as Sample[])[at] = { ...sample, labels };
        (replaced[index] as Sample[])[i] = GONE;
      }
      if (i % BATCH === BATCH - 1 && slicer.spent) await slicer.rest();
    }
  }
  return replaced === undefined ? parts : parts.map((part, index) => withSamples(part, replaced[index] as Sample[]));
}

function withSamples(part: Part, samples: readonly Sample[]): Part {
  const { labelNames, constants } = part;
  return { labelNames, constants, samples: samples.filter((sample) => sample !== GONE) };
}

/** What makes two samples the same series. */
interface Identity {
  hash(list: number, at: number): number;
  same(slotA: number, slotB: number): boolean;
}

type Lists = readonly (readonly Sample[])[];

function identityOf(parts: readonly Part[], lists: Lists): Identity {
  const [first] = parts as [Part, ...Part[]];
  const alike = parts.every(
    (part) => equal(part.labelNames, first.labelNames) && equal(part.constants, first.constants),
  );
  const labelsAt = (slot: number): readonly string[] => {
    const [list, at] = placeOf(lists, slot);
    return labelsOf(lists, list, at);
  };
  if (alike) {
    return {
      hash: (list, at) => parts[list]?.hashes?.[at] ?? hashValues(labelsOf(lists, list, at)),
      same: (a, b) => equal(labelsAt(a), labelsAt(b)),
    };
  }
  const names = [...new Set(parts.flatMap((part) => part.labelNames))].sort();
  // To Prometheus neither the order of labels nor an empty one makes a difference.
  const valuesAt = (list: number, at: number): string[] => {
    const { labelNames, constants } = parts[list] as Part;
    const values = [...constants, ...labelsOf(lists, list, at)];
    return names.map((name) => values[labelNames.indexOf(name)] ?? '');
  };
  return {
    hash: (list, at) => hashValues(valuesAt(list, at)),
    same: (a, b) => equal(valuesAt(...placeOf(lists, a)), valuesAt(...placeOf(lists, b))),
  };
}

function placeOf(lists: Lists, slot: number): [list: number, at: number] {
  let left = slot;
  let list = 0;
  while (left >= (lists[list] as readonly Sample[]).length) left -= (lists[list++] as readonly Sample[]).length;
  return [list, left];
}

function labelsOf(lists: Lists, list: number, at: number): readonly string[] {
  return ((lists[list] as readonly Sample[])[at] as Sample).labels;
}

function equal(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((text, i) => text === b[i]));
}
