import { createHmac } from 'node:crypto';
import type { Family, Metric, Sample } from '@media-exporter/metrics';
import type { PrivacyPolicy } from '../config/schema.ts';
import type { Secret } from '../config/secrets.ts';

/** What a label tells about a person; the policy is chosen for each. */
export type PersonalKind = 'users' | 'addresses';

export interface Privacy {
  readonly users: PrivacyPolicy;
  readonly addresses: PrivacyPolicy;
  /** The key of the pseudonyms: with the same key the same value has the same pseudonym, here and elsewhere. */
  readonly key: Secret;
}

/** How many pseudonyms are kept, so that not every scrape has to hash them again. */
const KEPT = 50_000;

/** Applies the privacy policy to families: one for each source. */
export class PrivacyFilter {
  readonly #privacy: Privacy;
  readonly #labels: Readonly<Record<string, PersonalKind>>;
  readonly #pseudonyms = new Map<string, string>();

  /** @param labels which labels name a person, and how. */
  constructor(privacy: Privacy, labels: Readonly<Record<string, PersonalKind>>) {
    this.#privacy = privacy;
    this.#labels = labels;
  }

  apply(families: readonly Family[]): Family[] {
    return families.map((family) => {
      const changes = this.#changes(family.metric);
      if (changes.length === 0 || !(Symbol.iterator in family.samples)) return family;
      const samples: Sample[] = [];
      for (const sample of family.samples) {
        const labels = [...sample.labels];
        for (const [index, change] of changes) labels[index] = change(labels[index] ?? '');
        samples.push({ ...sample, labels });
      }
      return { metric: family.metric, samples };
    });
  }

  #changes(metric: Metric): [index: number, change: (value: string) => string][] {
    return metric.labelNames.flatMap((name, index): [number, (value: string) => string][] => {
      const kind = Object.hasOwn(this.#labels, name) ? this.#labels[name] : undefined;
      const policy = kind === undefined ? 'clear' : this.#privacy[kind];
      if (policy === 'clear') return [];
      if (policy === 'drop') return [[index, () => '']];
      return [[index, (value) => (kind === 'addresses' ? this.#address(value) : this.#pseudonym(value))]];
    });
  }

  /**
   * The port says nothing of a person, and tells connections apart. IPv6 loses its brackets, so that its pseudonym is
   * the one that the SFU itself would give with the same key.
   */
  #address(value: string): string {
    const [, host = value, port = ''] = /^\[?(.*?)\]?(:\d{1,5})$/.exec(value) ?? [];
    return `${this.#pseudonym(host)}${port}`;
  }

  #pseudonym(value: string): string {
    if (value === '') return '';
    let pseudonym = this.#pseudonyms.get(value);
    if (pseudonym === undefined) {
      if (this.#pseudonyms.size >= KEPT) this.#pseudonyms.clear();
      pseudonym = createHmac('sha256', this.#privacy.key.reveal()).update(value).digest('hex').slice(0, 16);
      this.#pseudonyms.set(value, pseudonym);
    }
    return pseudonym;
  }
}
