import { type Answer, statusPage } from '../../faults/index.ts';
import type { PlexState } from '../state.ts';
import { inDialect } from './dialect.ts';
import * as housekeeping from './housekeeping.ts';
import { type Page, sectionItems, sections } from './libraries.ts';
import { type Container, identity, providers, root } from './server.ts';
import { metadata, sessions, transcodes } from './sessions.ts';
import { bandwidth, resources } from './statistics.ts';
import { xml } from './xml.ts';

/** A request as far as the API looks at it. */
export interface ApiRequest {
  readonly path: string;
  /** As it was sent, without the question mark. */
  readonly query: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

interface Route {
  readonly pattern: RegExp;
  /** Whose token is asked for. */
  readonly access: 'anyone' | 'user' | 'owner';
  /** Not there without. */
  readonly plexPass?: boolean;
  /** The name of the outermost object. */
  readonly root?: string;
  /** Undefined is a 404. `id` is the part of the path that varies. */
  readonly answer: (state: PlexState, request: ApiRequest, id: string) => Container | undefined;
}

const ROUTES: Readonly<Record<string, Route>> = {
  '/': { pattern: /^\/$/, access: 'owner', answer: root },
  '/identity': { pattern: /^\/identity$/, access: 'anyone', answer: identity },
  '/media/providers': {
    pattern: /^\/media\/providers$/,
    access: 'user',
    answer: (state, { parameters }) => providers(state, parameters.get('includeStorage') === '1'),
  },
  '/library/sections': { pattern: /^\/library\/sections$/, access: 'user', answer: sections },
  '/library/sections/{id}/all': {
    pattern: /^\/library\/sections\/(\d+)\/all$/,
    access: 'user',
    answer: (state, request, id) => {
      const library = state.library(id);
      return library === undefined ? undefined : sectionItems(library, request.parameters, pageOf(request));
    },
  },
  '/library/metadata/{id}': {
    pattern: /^\/library\/metadata\/([^/]+)$/,
    access: 'user',
    answer: (state, _request, id) => metadata(state, id),
  },
  '/status/sessions': { pattern: /^\/status\/sessions$/, access: 'owner', answer: sessions },
  '/status/sessions/background': {
    pattern: /^\/status\/sessions\/background$/,
    access: 'owner',
    answer: housekeeping.backgroundJobs,
  },
  '/transcode/sessions': { pattern: /^\/transcode\/sessions$/, access: 'owner', answer: transcodes },
  '/statistics/resources': {
    pattern: /^\/statistics\/resources$/,
    access: 'owner',
    plexPass: true,
    answer: resources,
  },
  '/statistics/bandwidth': {
    pattern: /^\/statistics\/bandwidth$/,
    access: 'owner',
    plexPass: true,
    answer: (state, { query }) => bandwidth(state, query),
  },
  '/activities': { pattern: /^\/activities$/, access: 'user', answer: housekeeping.activities },
  '/updater/status': { pattern: /^\/updater\/status$/, access: 'owner', answer: housekeeping.updater },
  '/accounts': { pattern: /^\/accounts$/, access: 'owner', answer: housekeeping.accounts },
  '/myplex/account': {
    pattern: /^\/myplex\/account$/,
    access: 'owner',
    root: 'MyPlex',
    answer: housekeeping.myPlex,
  },
};

/** The name of the endpoint that a path belongs to; for an unknown one the path itself. */
export function endpointOf(path: string): string {
  return Object.entries(ROUTES).find(([, { pattern }]) => pattern.test(path))?.[0] ?? path;
}

/** What the server answers. */
export function answer(state: PlexState, request: ApiRequest): Answer {
  const route = ROUTES[endpointOf(request.path)];
  const access = accessOf(state, request);
  if (route?.access !== 'anyone' && access === undefined) return statusPage(401);
  if (route === undefined || (route.plexPass === true && !state.settings.plexPass)) return statusPage(404);
  if (route.access === 'owner' && access !== 'owner') return statusPage(403);
  state.settle();
  const container = route.answer(state, request, decode(route.pattern.exec(request.path)?.[1] ?? ''));
  if (container === undefined) return statusPage(404);
  const name = route.root ?? 'MediaContainer';
  const page = pageOf(request);
  const headers = {
    'x-plex-protocol': '1.0',
    'cache-control': 'no-cache',
    ...(page === undefined || container.totalSize === undefined
      ? {}
      : {
          'x-plex-container-start': String(page.start),
          'x-plex-container-total-size': String(container.totalSize),
        }),
  };
  if (!String(request.headers.accept).includes('application/json')) {
    return {
      status: 200,
      headers: { ...headers, 'content-type': 'text/xml;charset=utf-8' },
      body: xml(name, container),
    };
  }
  const body = JSON.stringify({ [name]: inDialect(state.settings.dialect, container) });
  return { status: 200, headers: { ...headers, 'content-type': 'application/json' }, body };
}

/** Whose token came, in the header or in the query. Undefined: nobody's. */
export function accessOf(
  state: PlexState,
  { headers, parameters }: Pick<ApiRequest, 'headers' | 'parameters'>,
): 'owner' | 'user' | undefined {
  const token = headers['x-plex-token'] ?? parameters.get('X-Plex-Token');
  if (token === state.token) return 'owner';
  return token !== undefined && state.accounts.some((account) => account.token === token) ? 'user' : undefined;
}

/** Splits a request's target, which may be no URL. */
export function parseTarget(target: string): Pick<ApiRequest, 'path' | 'query' | 'parameters'> {
  const [path = '/', ...rest] = target.split('?');
  const query = rest.join('?');
  const pairs = query.split('&').map((parameter): [string, string] => {
    const [name = '', ...value] = parameter.split('=');
    return [decode(name), decode(value.join('='))];
  });
  return { path, query, parameters: new Map(pairs) };
}

/** Both may come as headers or in the query; only with a size is it a page. */
function pageOf({ headers, parameters }: ApiRequest): Page | undefined {
  const start = headers['x-plex-container-start'] ?? parameters.get('X-Plex-Container-Start');
  const size = headers['x-plex-container-size'] ?? parameters.get('X-Plex-Container-Size');
  return size === undefined ? undefined : { start: Number(start ?? 0), size: Number(size) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
