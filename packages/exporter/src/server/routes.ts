import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, type Family, sendExposition } from '@media-exporter/metrics';
import { type CollectorFilter, parseCollectorFilter } from '../collector-filter.ts';
import type { Secret } from '../config/secrets.ts';
import { describeProblem, type Problem } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { ScrapeOutcome } from '../self.ts';
import { prefersHtml } from './accept.ts';
import { checkMetrics, checkReload, type Verdict } from './access.ts';
import { type DeadlineSettings, scrapeSeconds } from './deadline.ts';
import { LANDING_HEADERS, type LandingSource, renderLanding } from './landing.ts';
import type { Handler } from './listener.ts';
import { respond, respondJson } from './respond.ts';

/** What the routes serve. Everything is asked for anew with each request, since a reload may change it. */
export interface Application {
  readonly version: string;
  readonly web: WebSettings;
  /** What a request must pass first. */
  readonly guard: Guarding | undefined;
  readonly sources: readonly LandingSource[];
  /** `undefined` when it is ready to be scraped, else why not. */
  readonly unready: string | undefined;
  /** The collectors that a view shows, by each name that they may be asked for. */
  collectors(view: View): ReadonlyMap<string, string>;
  /** Collects what a scrape serves. */
  scrape(view: View, filter: CollectorFilter | undefined, signal: AbortSignal): Promise<Scraped>;
  /** A scrape begins; the function is told how it ended. */
  begin(): (outcome: ScrapeOutcome) => void;
  /** All that is wrong with the new configuration; empty when it is in use now. */
  reload(): Promise<readonly Problem[]>;
}

/** Gives a request to `next` if it may pass, and answers it otherwise. */
export interface Guarding {
  /** Whether it is known of everybody who passes who they are. */
  readonly knowsUsers: boolean;
  handle(request: IncomingMessage, response: ServerResponse, next: Answer): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface WebSettings extends DeadlineSettings {
  readonly telemetryPath: string;
  /** Whether everybody may read the metrics. */
  readonly open: boolean;
  readonly token: Secret | undefined;
  /** Whether `/` answers with the seed's metrics, unless a browser asks. */
  readonly seedAtRoot: boolean;
}

/** What is asked for: everything, one source, or only what the seed served at `/`. */
export type View = { readonly source: string } | 'all' | 'seed';

export interface Scraped {
  readonly families: readonly Family[];
  /** Whether every source gave its state in time. */
  readonly complete: boolean;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
}

interface Route {
  readonly methods: readonly string[];
  run(exchange: Exchange): void | Promise<void>;
}

const READ = ['GET', 'HEAD'];

/** The handler of all requests. */
export function createHandler(app: Application, clock: Clock, log: Logger): Handler {
  const scrape = async ({ request, response }: Exchange, view: View, filter?: CollectorFilter): Promise<void> => {
    const end = app.begin();
    const gone = new AbortController();
    const late = new AbortController();
    response.once('close', () => gone.abort());
    const seconds = scrapeSeconds(request.headers['x-prometheus-scrape-timeout-seconds'], app.web);
    const cancel = clock.after(seconds * 1000, () => late.abort());
    let outcome: ScrapeOutcome = 'aborted';
    try {
      const scraped = await app.scrape(view, filter, AbortSignal.any([gone.signal, late.signal]));
      if (gone.signal.aborted) return;
      response.setHeader('cache-control', 'no-store');
      await sendExposition(scraped, request, response, { clock });
      if (response.destroyed && !response.writableFinished) return;
      outcome = scraped.complete ? 'complete' : 'partial';
    } finally {
      cancel();
      end(outcome);
    }
  };

  const metrics: Route = {
    methods: READ,
    async run(exchange) {
      if (!pass(exchange.response, checkMetrics(exchange.request, app.web.open, app.web.token))) return;
      const [name, ...more] = exchange.query.getAll('source');
      if (more.length > 0) return respond(exchange.response, 400, 'The parameter "source" may be given once only.');
      const known = app.sources.map((source) => source.name);
      if (name !== undefined && !known.includes(name)) {
        const text = `There is no source of that name. The sources are: ${known.join(', ')}`;
        return respond(exchange.response, 404, text);
      }
      const view = name === undefined ? 'all' : { source: name };
      const filter = parseCollectorFilter(exchange.query, app.collectors(view));
      if (filter !== undefined && 'problem' in filter) return respond(exchange.response, 400, filter.problem);
      await scrape(exchange, view, filter);
    },
  };

  const root: Route = {
    methods: READ,
    async run(exchange) {
      const { request, response } = exchange;
      const verdict = checkMetrics(request, app.web.open, app.web.token);
      if (app.web.seedAtRoot) {
        response.setHeader('vary', 'accept');
        if (!prefersHtml(request.headers.accept)) {
          if (pass(response, verdict)) await scrape(exchange, 'seed');
          return;
        }
      }
      const { version, sources } = app;
      const { telemetryPath, seedAtRoot } = app.web;
      const shown = verdict.allowed ? sources : undefined;
      const page = renderLanding({ version, telemetryPath, seedAtRoot, sources: shown });
      respond(response, 200, page, LANDING_HEADERS);
    },
  };

  const routes: Readonly<Record<string, Route>> = {
    '/health': { methods: READ, run: ({ response }) => respondJson(response, 200, { status: 'ok' }) },
    '/-/healthy': { methods: READ, run: ({ response }) => respond(response, 200, 'media-exporter is healthy.') },
    '/-/ready': {
      methods: READ,
      run({ response }) {
        const { unready } = app;
        respond(response, unready === undefined ? 200 : 503, unready ?? 'media-exporter is ready.');
      },
    },
    '/-/reload': {
      methods: ['POST'],
      async run({ request, response }) {
        if (!pass(response, checkReload(request, app.web.token, app.guard?.knowsUsers))) return;
        const problems = await app.reload();
        if (problems.length === 0) return respond(response, 200, 'The configuration was loaded.');
        const lines = ['The configuration was refused; the old one stays.', ...problems.map(describeProblem)];
        respond(response, 500, lines.join('\n'));
      },
    },
  };

  const find = (path: string): Route | undefined => {
    if (path === app.web.telemetryPath) return metrics;
    if (path === '/') return root;
    return Object.hasOwn(routes, path) ? routes[path] : undefined;
  };

  const answer: Answer = async (request, response) => {
    const target = parseTarget(request.url);
    if (target === undefined) return respond(response, 400, 'The path cannot be read.');
    const route = find(target.path);
    if (route === undefined) {
      return respond(response, 404, `There is nothing here. The metrics are at ${app.web.telemetryPath}`);
    }
    if (!route.methods.includes(request.method ?? '')) {
      const allow = route.methods.join(', ');
      return respond(response, 405, `The method is not allowed here. Allowed: ${allow}`, { allow });
    }
    await route.run({ request, response, query: target.query });
  };

  return (request, response) => {
    response.setHeader('x-content-type-options', 'nosniff');
    // No route reads a body; what is sent anyway must not fill the connection.
    request.resume();
    const { guard } = app;
    const answered = guard === undefined ? answer(request, response) : guard.handle(request, response, answer);
    answered.catch((error: unknown) => {
      log.error({ err: error }, 'a request failed');
      if (response.headersSent) response.destroy();
      else respond(response, 500, 'Something failed; the log says what.');
    });
  };
}

/**
 * The path and query of a request target, in origin form or absolute form (RFC 9112 section 3.2). It is taken apart by
 * hand: to the URL parser `//x` would be a host.
 */
function parseTarget(target = ''): { path: string; query: URLSearchParams } | undefined {
  const origin = target.replace(/^https?:\/\/[^/?#]+/i, '');
  if (!origin.startsWith('/')) return undefined;
  const [path = '', ...after] = origin.split('?');
  return { path, query: new URLSearchParams(after.join('?')) };
}

/** Lets an allowed request pass, and answers one that is not. */
function pass(response: ServerResponse, verdict: Verdict): boolean {
  if (verdict.allowed) return true;
  const { status, challenge, reason } = verdict;
  respond(response, status, reason, challenge === undefined ? {} : { 'www-authenticate': challenge });
  return false;
}
