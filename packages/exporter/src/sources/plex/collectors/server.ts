import type { Clock } from '@media-exporter/metrics';
import { ExporterError } from '../../../errors.ts';
import type { PlexClient } from '../client.ts';
import { judgeUpdate, type ListedLibrary, type Providers, type ServerFacts } from '../parse/server.ts';
import type { LibraryKind, PlexServer, PlexUpdate } from '../state.ts';
import { OptionalEndpoint } from './endpoint.ts';

/** After so many failures in a row what was told of the moment is too old. */
const FAILURES = 2;

const ACCOUNTS_EVERY = 3_600_000;
const UPDATES_EVERY = 6 * 3_600_000;

/** A library whose kind is known. */
export type KnownLibrary = ListedLibrary & { readonly kind: LibraryKind };

/** What the server says of itself, and which libraries it has: one request, and more only of servers that tell less. */
export class ServerCollector {
  readonly #client: PlexClient;
  readonly #accounts: OptionalEndpoint<number>;
  readonly #releases: OptionalEndpoint<readonly string[]>;
  /** Of libraries whose kind `/media/providers` does not tell. */
  readonly #kinds = new Map<string, LibraryKind>();
  #server: PlexServer | undefined;
  #libraries: readonly KnownLibrary[] | undefined;
  /** What the socket told of the way in from outside; goes before what the server says when asked. */
  #reachable: boolean | undefined;
  #failures = 0;

  constructor(client: PlexClient, clock: Clock) {
    this.#client = client;
    this.#accounts = new OptionalEndpoint({
      clock,
      ask: () => client.accounts(),
      every: ACCOUNTS_EVERY,
      tolerant: true,
    });
    this.#releases = new OptionalEndpoint({
      clock,
      ask: () => client.releases(),
      every: UPDATES_EVERY,
      tolerant: true,
    });
  }

  get server(): PlexServer | undefined {
    if (this.#server === undefined || this.#reachable === undefined) return this.#server;
    return { ...this.#server, remoteAccess: this.#reachable };
  }

  get libraries(): readonly KnownLibrary[] | undefined {
    return this.#libraries;
  }

  get accounts(): number | undefined {
    return this.#accounts.value;
  }

  get update(): PlexUpdate | undefined {
    const versions = this.#releases.value;
    return versions === undefined || this.#server === undefined
      ? undefined
      : judgeUpdate(versions, this.#server.version);
  }

  /** Told that the server has something new about updates. */
  expectUpdate(): void {
    this.#releases.reset();
  }

  /** Takes what an event told of whether the server can be reached from outside. */
  reportReachable(reachable: boolean): void {
    this.#reachable = reachable;
  }

  /** Forgets what events told of the moment. */
  forgetReports(): void {
    this.#reachable = undefined;
  }

  async collect(): Promise<void> {
    try {
      await this.#look();
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      if (this.#failures >= FAILURES) this.#forgetMoment();
      throw error;
    }
    await this.#accounts.refresh();
    await this.#releases.refresh();
  }

  async #look(): Promise<void> {
    const { server, libraries } = await this.#providers();
    const whole = isWhole(server) ? server : { ...(await this.#client.root()), ...server };
    if (whole.id === undefined) {
      throw new ExporterError({ code: 'MX_UPSTREAM_ANSWER', detail: '/media/providers: tells no machineIdentifier' });
    }
    const named = await this.#nameKinds(libraries);
    this.#server = { name: '', version: '', platform: '', platformVersion: '', ...whole, id: whole.id };
    this.#libraries = named;
  }

  /** Who the server is and what it has stays; what goes on at it is not known any more. */
  #forgetMoment(): void {
    if (this.#server !== undefined) {
      const { remoteAccess: _, transcoderActiveVideoSessions: __, ...server } = this.#server;
      this.#server = server;
    }
    this.#libraries = this.#libraries?.map(({ refreshing: _, ...library }) => library);
  }

  async #providers(): Promise<Providers> {
    try {
      return await this.#client.providers();
    } catch (error) {
      if (!(error instanceof ExporterError) || error.status !== 404) throw error;
      // Servers from before there were providers.
      return { server: await this.#client.root(), libraries: await this.#client.sections() };
    }
  }

  /** Only agent and scanner tell Other Videos from movies; where they are missing, another answer has them. */
  async #nameKinds(libraries: readonly ListedLibrary[]): Promise<readonly KnownLibrary[]> {
    if (libraries.some(({ id, kind }) => kind === undefined && !this.#kinds.has(id))) {
      const sections = await this.#client.sections().catch(() => []);
      for (const { id, kind } of sections) if (kind !== undefined) this.#kinds.set(id, kind);
    }
    return libraries.map((library) => ({ ...library, kind: library.kind ?? this.#kinds.get(library.id) ?? 'movie' }));
  }
}

function isWhole({ id, name, version, platform }: ServerFacts): boolean {
  return id !== undefined && name !== undefined && version !== undefined && platform !== undefined;
}
