import type { Clock } from '@media-exporter/metrics';
import { ExporterError } from '../../../errors.ts';
import type { PlexClient } from '../client.ts';
import type { LibraryContent, LibraryKind, PlexLibrary } from '../state.ts';
import { Pace } from './pace.ts';
import type { KnownLibrary } from './server.ts';

/** Plex's numbers of the types that a library has items of; without a number, what it shows at its top level. */
const TYPES: Readonly<Record<LibraryKind, readonly (readonly [LibraryContent, number | undefined])[]>> = {
  movie: [['movies', 1]],
  show: [
    ['shows', 2],
    ['seasons', 3],
    ['episodes', 4],
  ],
  artist: [
    ['artists', 8],
    ['albums', 9],
    ['tracks', 10],
  ],
  photo: [
    ['photos', 13],
    ['items', undefined],
  ],
  other_video: [['items', undefined]],
};

/** On servers with very many libraries all are counted less often: one question in so many ms on average. */
const SPACING = 20_000;

/** Of a server with more libraries than that, the rest is not counted. */
const MOST = 256;

/** What any household has is counted at once. */
const PACE = { atOnce: 40, pause: 1_000 };

type Counts = Readonly<Partial<Record<LibraryContent, number>>>;

export interface LibraryOptions {
  readonly client: PlexClient;
  readonly clock: Clock;
  readonly libraries: () => readonly KnownLibrary[] | undefined;
  /** Milliseconds after which all are counted again, at the earliest. */
  readonly least: number;
  /** Takes what the log shall tell. */
  readonly warn: (message: string) => void;
}

/**
 * How many items each library has: counted by the server, one question after another, rarely or when a library has
 * changed. A count that fails leaves the old one in its place.
 */
export class LibraryCollector {
  readonly #options: LibraryOptions;
  readonly #pace: Pace;
  readonly #counts = new Map<string, Counts>();
  readonly #changed = new Set<string>();
  /** Whether something changed in a library that was not named. */
  #unnamed = false;
  #allAt = Number.NEGATIVE_INFINITY;
  #warned = false;

  constructor(options: LibraryOptions) {
    this.#options = options;
    this.#pace = new Pace({ ...PACE, clock: options.clock });
  }

  /** Milliseconds after which all are counted again. */
  get interval(): number {
    const questions = (this.#libraries() ?? []).reduce((sum, { kind }) => sum + TYPES[kind].length, 0);
    return Math.max(this.#options.least, questions * SPACING);
  }

  /** Told that items came to libraries or went; to which is not known where there is none. */
  expectChange(sections: readonly string[]): void {
    if (sections.length === 0) this.#unnamed = true;
    for (const section of sections) this.#changed.add(section);
  }

  /** The libraries with what was counted of them. */
  counted(libraries: readonly KnownLibrary[]): readonly PlexLibrary[] {
    return libraries.map((library) => ({ ...library, counts: this.#counts.get(library.id) ?? {} }));
  }

  /** Whether there is a library of which nothing has been counted. */
  get incomplete(): boolean {
    return this.#libraries()?.some(({ id }) => !this.#counts.has(id)) ?? false;
  }

  /** Nothing is asked after this. */
  stop(): void {
    this.#pace.stop();
  }

  async collect(): Promise<void> {
    const { clock } = this.#options;
    const libraries = this.#libraries();
    if (libraries === undefined) {
      throw new ExporterError({ code: 'MX_UPSTREAM_CONNECT', detail: 'the libraries are not known yet' });
    }
    this.#warn();
    const ids = new Set(libraries.map(({ id }) => id));
    for (const id of this.#counts.keys()) if (!ids.has(id)) this.#counts.delete(id);
    // A run that comes a little early for its interval counts all too. What is not named is mostly what was named before.
    const turn = clock.now() - this.#allAt >= this.interval * 0.9;
    const all = turn || (this.#unnamed && this.#changed.size === 0);
    const due = libraries.filter(({ id }) => all || this.#changed.has(id) || !this.#counts.has(id));
    if (all) this.#allAt = clock.now();
    this.#changed.clear();
    this.#unnamed = false;
    this.#pace.begin();
    let problem: unknown;
    for (const library of due) problem = (await this.#count(library)) ?? problem;
    if (problem !== undefined) throw problem;
  }

  #libraries(): readonly KnownLibrary[] | undefined {
    return this.#options.libraries()?.slice(0, MOST);
  }

  #warn(): void {
    const all = this.#options.libraries()?.length ?? 0;
    if (all > MOST && !this.#warned) this.#options.warn(`only ${MOST} of ${all} libraries are counted`);
    this.#warned ||= all > MOST;
  }

  /** Answers the error that a later run may not have. */
  async #count({ id, kind }: KnownLibrary): Promise<unknown> {
    try {
      const counts: Record<string, number> = {};
      for (const [content, type] of TYPES[kind]) {
        await this.#pace.next();
        counts[content] = await this.#options.client.count(id, type);
      }
      this.#counts.set(id, counts);
      return undefined;
    } catch (error) {
      const status = error instanceof ExporterError ? error.status : undefined;
      // A library that is gone, or not for this account: the others count on, and so does its next turn.
      if (status === 403 || status === 404) {
        if (!this.#counts.has(id)) this.#counts.set(id, {});
        return undefined;
      }
      this.#changed.add(id);
      // Of a server that does not answer, nothing more is asked now.
      if (status === undefined && isUnreachable(error)) throw error;
      return error;
    }
  }
}

function isUnreachable(error: unknown): boolean {
  if (!(error instanceof ExporterError)) return true;
  return ['MX_UPSTREAM_CONNECT', 'MX_UPSTREAM_TLS', 'MX_UPSTREAM_TIMEOUT', 'MX_UPSTREAM_PAUSED'].includes(error.code);
}
