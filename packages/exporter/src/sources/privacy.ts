import { createHmac } from 'node:crypto';
import type { PrivacyPolicy } from '../config/schema.ts';
import type { Secret } from '../config/secrets.ts';

export interface Privacy {
  readonly users: PrivacyPolicy;
  readonly titles: PrivacyPolicy;
  readonly addresses: PrivacyPolicy;
  /** The key of the pseudonyms: with the same key the same value has the same pseudonym, here and elsewhere. */
  readonly key: Secret;
}

/** How many pseudonyms are kept, so that not every scrape has to hash them again. */
const KEPT = 50_000;

/** Hex digits: 64 bits, so that even a million people have no two alike. */
const LENGTH = 16;

/** Shows values that tell of a person as the privacy policy wants them: one for each source. */
export class PrivacyFilter {
  readonly #privacy: Privacy;
  readonly #pseudonyms = new Map<string, string>();

  constructor(privacy: Privacy) {
    this.#privacy = privacy;
  }

  /** True when nothing has to be changed. */
  get clear(): boolean {
    const { users, titles, addresses } = this.#privacy;
    return users === 'clear' && titles === 'clear' && addresses === 'clear';
  }

  /** A name, an id of a person, or what their device says of itself. */
  user(value: string): string {
    return this.#show(value, this.#privacy.users);
  }

  /** What somebody watches or listens to. */
  title(value: string): string {
    return this.#show(value, this.#privacy.titles);
  }

  /**
   * `host:port`. The port says nothing of a person, and tells connections apart. IPv6 loses its brackets, so that its
   * pseudonym is the one that the SFU itself would give with the same key.
   */
  address(value: string): string {
    const { addresses } = this.#privacy;
    if (addresses !== 'pseudonym') return this.#show(value, addresses);
    const [, host = value, port = ''] = /^\[?(.*?)\]?(:\d{1,5})$/.exec(value) ?? [];
    return `${this.#pseudonym(host)}${port}`;
  }

  /** An address without a port, IPv6 without brackets: its pseudonym is the one that {@link address} has before the port. */
  host(value: string): string {
    return this.#show(value, this.#privacy.addresses);
  }

  /** Where an address is, nearer than its country: a pseudonym of a place would tell nothing. */
  place(value: string): string {
    return this.#privacy.addresses === 'clear' ? value : '';
  }

  #show(value: string, policy: PrivacyPolicy): string {
    if (policy === 'clear') return value;
    return policy === 'drop' ? '' : this.#pseudonym(value);
  }

  #pseudonym(value: string): string {
    if (value === '') return '';
    let pseudonym = this.#pseudonyms.get(value);
    if (pseudonym === undefined) {
      if (this.#pseudonyms.size >= KEPT) this.#pseudonyms.clear();
      pseudonym = createHmac('sha256', this.#privacy.key.reveal()).update(value).digest('hex').slice(0, LENGTH);
      this.#pseudonyms.set(value, pseudonym);
    }
    return pseudonym;
  }
}
