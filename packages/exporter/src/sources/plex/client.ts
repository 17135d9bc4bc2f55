import type { HttpClient, HttpRequest } from '../http/http.ts';
import { fault } from '../http/request-error.ts';
import type { ItemsReader } from './parse/items.ts';
import {
  type ListedLibrary,
  type Providers,
  parseAccounts,
  parseProviders,
  parseRoot,
  parseSections,
  parseUpdater,
  readCount,
  type ServerFacts,
} from './parse/server.ts';
import { type RawSession, readFileResolutions, readSessions } from './parse/sessions.ts';
import {
  type Bandwidth,
  parseActivities,
  parseBackground,
  parseBandwidth,
  parseResources,
} from './parse/statistics.ts';
import type { PlexActivity, PlexBackgroundJob, PlexResources } from './state.ts';

/** Sent with every request and with the socket: who asks. */
export const IDENTITY: Readonly<Record<string, string>> = {
  'x-plex-client-identifier': 'media-exporter',
  'x-plex-product': 'media-exporter',
  'x-plex-device': 'server',
  'x-plex-platform': 'Node.js',
};

/** How a request and the socket carry the token: never in a URL, which is logged on its way. */
export function authorize(token: string): Record<string, string> {
  return { 'x-plex-token': token };
}

/** Seconds for the resolutions of files: what plays is told without it if need be. */
const LOOKUP_TIMEOUT = 2;

/**
 * What a Plex Media Server is asked for. Every method gives what was read, or throws an ExporterError with one of the
 * `MX_UPSTREAM_` codes and, where the server answered, its status.
 */
export class PlexClient {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  /** The server and its libraries in one. May take seconds on large servers. */
  providers(): Promise<Providers> {
    return this.#http.get({ endpoint: '/media/providers', path: '/media/providers?includeStorage=1' }, parseProviders);
  }

  root(): Promise<ServerFacts> {
    return this.#http.get('/', parseRoot);
  }

  sections(): Promise<readonly ListedLibrary[]> {
    return this.#http.get('/library/sections', parseSections);
  }

  /** How many items a library has: of one of Plex's type numbers, or at its top level. */
  count(library: string, type: number | undefined): Promise<number> {
    const query = type === undefined ? '' : `type=${type}&`;
    return this.#items(
      {
        endpoint: '/library/sections/{id}/all',
        path: `/library/sections/${encodeURIComponent(library)}/all?${query}includeCollections=0`,
        headers: { 'x-plex-container-start': '0', 'x-plex-container-size': '0' },
      },
      readCount,
    );
  }

  sessions(): Promise<readonly RawSession[]> {
    return this.#items({ endpoint: '/status/sessions' }, readSessions);
  }

  /** The resolutions of the files of items by rating key, raw; empty where one has none. Items that are not there are left out. */
  fileResolutions(ratingKeys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const path = `/library/metadata/${ratingKeys.map(encodeURIComponent).join(',')}`;
    return this.#items({ endpoint: '/library/metadata/{id}', path, timeout: LOOKUP_TIMEOUT }, readFileResolutions);
  }

  /** The newest row. `since`, in seconds of the server's clock, keeps the answer small. */
  resources(since: number | undefined): Promise<PlexResources> {
    const filter = since === undefined ? '' : `&at>=${since}`;
    const path = `/statistics/resources?timespan=6${filter}`;
    return this.#http.get({ endpoint: '/statistics/resources', path }, parseResources);
  }

  /** Rows from the second `since` on. The `>` is literal: some servers ignore it when it is encoded. */
  bandwidth(since: number): Promise<Bandwidth> {
    const path = `/statistics/bandwidth?timespan=6&at>=${since}`;
    return this.#http.get({ endpoint: '/statistics/bandwidth', path }, parseBandwidth);
  }

  activities(): Promise<readonly PlexActivity[]> {
    return this.#http.get('/activities', parseActivities);
  }

  backgroundJobs(): Promise<readonly PlexBackgroundJob[]> {
    return this.#http.get('/status/sessions/background', parseBackground);
  }

  /** The versions that the server offers to update to. */
  async releases(): Promise<readonly string[]> {
    return (await this.#http.get('/updater/status', parseUpdater)).versions;
  }

  accounts(): Promise<number> {
    return this.#http.get('/accounts', parseAccounts);
  }

  /** Parsed as they come: a list of megabytes at once would take ten times its size. */
  #items<T>(request: HttpRequest, begin: () => ItemsReader<T>): Promise<T> {
    return this.#http.stream(request, async ({ headers, body }) => {
      const reader = begin();
      for await (const chunk of body) reader.push(chunk);
      const parsed = reader.end(headers);
      if (!parsed.ok) throw fault('MX_UPSTREAM_ANSWER', `${request.endpoint}: ${parsed.problem}`);
      return parsed.value;
    });
  }
}
