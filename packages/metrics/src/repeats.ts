import { MetricsError } from './errors.ts';
import type { Sample } from './family.ts';
import type { GatherRules } from './gather.ts';
import type { Metric } from './metric.ts';
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
  let replaced: Sample[][] | undefined;
  let slot = 0;
  for (const [index, samples] of lists.entries()) {
    const part = parts[index] as Part;
    for (let i = 0; i < samples.length; i++, slot++) {
      const sample = samples[i] as Sample;
      const hash = hashLabels(part.constants, sample.labels);
      hashes[slot] = hash;
      const twin = table.find(hash, (other) => {
        const [otherIndex, at] = placeOf(lists, other);
        return sameSeries(part, sample, parts[otherIndex] as Part, lists[otherIndex]?.[at] as Sample);
      });
      if (twin < 0) table.add(hash, slot);
      else {
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
  return { ...part, samples: samples.filter((sample) => sample !== GONE), limit: Number.POSITIVE_INFINITY };
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

/** FNV-1a over the UTF-16 units of the values, with a mark between them. */
function hashLabels(constants: readonly string[], labels: readonly string[]): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < constants.length; i++) hash = hashText(hash, constants[i] as string);
  for (let i = 0; i < labels.length; i++) hash = hashText(hash, labels[i] as string);
  return hash >>> 0;
}

function hashText(seed: number, text: string): number {
  let hash = Math.imul(seed ^ 0x1ff, 0x01000193);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

function sameSeries(a: Part, sampleA: Sample, b: Part, sampleB: Sample): boolean {
  return same(sampleA.labels, sampleB.labels) && same(a.constants, b.constants) && same(a.labelNames, b.labelNames);
}

function same(a: readonly string[], b: readonly string[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
