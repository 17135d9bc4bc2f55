import type { Answer } from '../../faults/index.ts';
import { sessionJson } from '../plays/session.ts';
import type { ServerState } from '../state.ts';
import { type ApiRequest, BadParameter, empty, json, problem, text } from './answer.ts';
import { itemCounts, items } from './items.ts';
import { activity, logFile, logs } from './journal.ts';
import { devices, users } from './people.ts';
import { reportsPlayback, userActivity } from './playback-reporting.ts';
import { encoding, info, metrics, plugins, publicInfo, storage, virtualFolders } from './system.ts';

/** Who may ask: everybody, who has a token, or administrators; an API key is one. */
type Access = 'public' | 'any' | 'admin';

interface Route {
  readonly access: Access;
  answer(state: ServerState, request: ApiRequest): Answer;
}

const ROUTES: Readonly<Record<string, Route>> = {
  '/health': { access: 'public', answer: () => text('Healthy') },
  '/System/Ping': { access: 'public', answer: (_, request) => json(request, 'Jellyfin Server') },
  '/System/Info/Public': { access: 'public', answer: (state, request) => json(request, publicInfo(state)) },
  '/metrics': { access: 'public', answer: metrics },
  '/System/Info': { access: 'any', answer: info },
  '/System/Info/Storage': { access: 'admin', answer: storage },
  '/System/Endpoint': { access: 'any', answer: (_, request) => json(request, { IsLocal: true, IsInNetwork: true }) },
  '/Sessions': { access: 'any', answer: sessions },
  '/Items/Counts': { access: 'any', answer: itemCounts },
  '/Items': { access: 'any', answer: items },
  '/Library/VirtualFolders': { access: 'admin', answer: virtualFolders },
  '/Users': { access: 'any', answer: users },
  '/Devices': { access: 'admin', answer: devices },
  '/ScheduledTasks': { access: 'admin', answer: ({ tasks }, request) => json(request, tasks.json()) },
  '/System/ActivityLog/Entries': { access: 'admin', answer: activity },
  '/System/Logs': { access: 'admin', answer: logs },
  '/System/Logs/Log': { access: 'admin', answer: logFile },
  '/System/Configuration/encoding': { access: 'any', answer: encoding },
  '/Plugins': { access: 'admin', answer: plugins },
  '/user_usage_stats/user_activity': { access: 'admin', answer: userActivity },
};

const BY_LOWER_CASE = new Map(Object.keys(ROUTES).map((path) => [path.toLowerCase(), path]));

/** The name of the endpoint that a path leads to, in any case and with or without a slash at the end. */
export function endpointOf(path: string): string | undefined {
  return BY_LOWER_CASE.get(path.toLowerCase().replace(/(?<=.)\/$/, ''));
}

/** The answer of the real server, once it is ready or while it loads. */
export function answer(
  state: ServerState,
  path: string,
  request: ApiRequest & { readonly method: string },
  ready: boolean,
): Answer {
  const endpoint = endpointOf(path);
  const missing = endpoint === '/user_usage_stats/user_activity' && !reportsPlayback(state);
  const route = endpoint === undefined || missing ? undefined : ROUTES[endpoint];
  if (endpoint === '/System/Info/Storage' && state.dialect.storage === 'none') return empty(404);
  if (path === '/') return empty(302, { location: 'web/' });
  if (route === undefined) return ready ? empty(404) : loading();
  if (request.method !== 'GET') return empty(405, { allow: 'GET' });
  const refusal = refuse(route.access, state, request, endpoint);
  if (refusal !== undefined && (ready || refusal === 401)) return empty(refusal);
  if (!ready && endpoint !== '/System/Ping') return loading();
  try {
    return route.answer(state, request);
  } catch (error) {
    if (error instanceof BadParameter) return problem(error.message);
    throw error;
  }
}

/** What the real server says of itself while it loads: without Retry-After. */
function loading(): Answer {
  const headers = { 'content-type': 'text/html' };
  return { status: 503, headers, body: 'Jellyfin Server is loading. Please try again shortly.' };
}

function refuse(
  access: Access,
  { settings }: ServerState,
  { caller }: ApiRequest,
  endpoint: string | undefined,
): number | undefined {
  if (access === 'public') return undefined;
  if (endpoint === '/System/Info' && !settings.wizardCompleted) return undefined;
  if (caller.kind === 'none') return 401;
  const admin = caller.kind === 'key' || caller.user.admin;
  return access === 'admin' && !admin ? 403 : undefined;
}

/** Administrators see all sessions, others their own and those of nobody; 10.8 showed all to everybody. */
function sessions(state: ServerState, request: ApiRequest): Answer {
  const { caller } = request;
  let list = state.sessions.list;
  if (caller.kind === 'user' && !caller.user.admin) {
    // Whoever else asks changes what all see, until ffmpeg's next line.
    if (state.dialect.since1010) {
      for (const { transcoding } of list) if (transcoding !== undefined) transcoding.hardware = 'none';
    }
    if (state.dialect.since109) list = list.filter(({ user }) => user === undefined || user === caller.user);
  }
  return json(
    request,
    list.map((session) => sessionJson(session, state)),
  );
}
