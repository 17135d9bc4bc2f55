import { type PlainFamily, type PlainSample, parseText } from '@media-exporter/metrics/testing';

type Labels = Readonly<Record<string, string>>;

/** A parsed exposition. */
export class Exposition {
  readonly text: string;
  readonly families: readonly PlainFamily[];

  constructor(text: string) {
    this.text = text;
    this.families = parseText(text);
  }

  family(name: string): PlainFamily | undefined {
    return this.families.find((family) => family.name === name);
  }

  /** The series of a metric that have these labels. */
  series(name: string, labels: Labels = {}): readonly PlainSample[] {
    const samples = this.family(name)?.samples ?? [];
    return samples.filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value));
  }

  /** The value of the only series with these labels; `undefined` when there is none. */
  value(name: string, labels: Labels = {}): number | undefined {
    const found = this.series(name, labels);
    if (found.length > 1) throw new Error(`${name} has ${found.length} such series`);
    return found[0]?.value as number | undefined;
  }

  sum(name: string, labels: Labels = {}): number {
    return this.series(name, labels).reduce((sum, { value }) => sum + (value as number), 0);
  }
}
