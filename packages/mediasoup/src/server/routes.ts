import type { IncomingMessage, ServerResponse } from 'node:http';
import { BufferPool, type Clock, type Registry, sendExposition, writePieces } from '@media-exporter/metrics';
import { encodeState } from '../json.ts';
import { toSeconds } from '../seconds.ts';
import { SFU_STATE_VERSION, type SfuState } from '../state.ts';
import type { guard } from './access.ts';

export interface RouteContext {
  readonly clock: Clock;
  readonly registry: Registry;
  readonly admit: ReturnType<typeof guard>;
  /** Starts a poll when one is due, and waits for the first there ever is, but not beyond the end of `signal`. */
  readonly refresh: (signal: AbortSignal) => Promise<void>;
  /** @param whole false leaves out the aggregated numbers, which are work to make. */
  readonly state: (whole: boolean) => SfuState;
}

type Route = (context: RouteContext, request: IncomingMessage, response: ServerResponse) => Promise<void>;

const ROUTES: Readonly<Record<string, Route>> = {
  '/': async (_, request, response) => {
    sendText(request, response, 200, `mediasoup metrics\n\n${Object.keys(ROUTES).slice(1).join('\n')}\n`);
  },
  '/metrics': async (context, request, response) => {
    await context.refresh(deadlineOf(context.clock, request, response));
    await sendExposition(await context.registry.gather(), request, response, { clock: context.clock });
  },
  '/health': async (context, request, response) => {
    await context.refresh(AbortSignal.abort());
    const { status, body } = judgeHealth(context.state(false));
    sendJson(request, response, status, body);
  },
  '/rooms': async (context, request, response) => {
    await context.refresh(deadlineOf(context.clock, request, response));
    const state = context.state(false);
    const { rooms } = state.detail;
    sendJson(request, response, 200, { version: SFU_STATE_VERSION, count: state.rooms, ...(rooms && { rooms }) });
  },
  '/peers': async (context, request, response) => {
    await context.refresh(deadlineOf(context.clock, request, response));
    const state = context.state(false);
    const { peers } = state.detail;
    sendJson(request, response, 200, { version: SFU_STATE_VERSION, count: state.peers, ...(peers && { peers }) });
  },
  '/stats': async (context, request, response) => {
    await context.refresh(deadlineOf(context.clock, request, response));
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
    if (request.method !== 'HEAD') {
      await writePieces(encodeState(context.state(true)), response, new BufferPool(), context.clock);
    }
    response.end();
  },
};

/** Answers a request. Never rejects. */
export async function handle(context: RouteContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('cache-control', 'no-store');
  response.setHeader('x-content-type-options', 'nosniff');
  try {
    const refusal = context.admit(request.headers.authorization);
    if (refusal !== undefined) {
      response.setHeader('www-authenticate', refusal.challenge);
      sendText(request, response, refusal.status, `${refusal.reason}\n`);
      return;
    }
    const path = (request.url ?? '/').replace(/\?.*$/s, '');
    const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
    if (route === undefined) {
      sendText(request, response, 404, `There is nothing here. Try one of\n${Object.keys(ROUTES).join('\n')}\n`);
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      sendText(request, response, 405, 'Everything here is read only.\n');
    } else await route(context, request, response);
  } catch {
    if (!response.headersSent) sendText(request, response, 500, 'Something went wrong here.\n');
    else response.destroy();
  }
}

/** A worker that answers, or none made yet, is health; workers of which none answers, or all gone, is not. */
function judgeHealth({ poll, time, workers }: SfuState): { status: number; body: object } {
  const alive = workers.filter((worker) => worker.alive);
  const stuck = alive.filter((worker) => worker.stuck).length;
  const healthy = workers.length === 0 || stuck < alive.length;
  const age = poll.completed === undefined ? undefined : Math.max(0, toSeconds((time - poll.completed) * 1000));
  const body = { status: healthy ? 'ok' : 'unhealthy', workers: alive.length, stuck, lastPollAgeSeconds: age };
  return { status: healthy ? 200 : 503, body };
}

/** How long before the scraper's own deadline an answer should be under way, in seconds. */
const MARGIN_S = 0.5;
/** When the client says nothing: Prometheus waits 10 s by default. */
const DEFAULT_S = 10;
const LONGEST_S = 120;

/** Aborts when the client is gone, or shortly before it gives up. */
function deadlineOf(clock: Clock, request: IncomingMessage, response: ServerResponse): AbortSignal {
  const header = Number(request.headers['x-prometheus-scrape-timeout-seconds']);
  const seconds = header > 0 ? Math.min(header, LONGEST_S) : DEFAULT_S;
  const controller = new AbortController();
  const cancel = clock.after(Math.max(seconds - MARGIN_S, seconds / 2) * 1000, () => controller.abort());
  response.once('close', () => {
    cancel();
    controller.abort();
  });
  return controller.signal;
}

function sendText(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  send(request, response, status, 'text/plain; charset=utf-8', text);
}

function sendJson(request: IncomingMessage, response: ServerResponse, status: number, body: object): void {
  send(request, response, status, 'application/json; charset=utf-8', `${JSON.stringify(body)}\n`);
}

function send(request: IncomingMessage, response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(request.method === 'HEAD' ? undefined : text);
}
