import type { Family, Metric } from '@media-exporter/metrics';
import { ExporterError } from '../../../errors.ts';
import { ENDPOINTS } from '../endpoints.ts';
import { SYSTEM_CATALOGUE, systemFamilies } from '../families/system.ts';
import { parseEncoding, parsePlugins, parseSystemInfo } from '../parse/system.ts';
import { parseVersion } from '../parse/version.ts';
import type {
  EncodingConfiguration,
  JellyfinPlugin,
  JellyfinState,
  SystemInfo,
  SystemState,
  UpReason,
} from '../state.ts';
import type { CollectorContext, JellyfinCollector } from './collector.ts';

/** How soon the server is looked at again when it was left alone, so that its return is not missed for long. */
const PAUSED_INTERVAL = 2_000;

/** What a look at the server has told, and the error that did. */
interface Finding {
  readonly reason: UpReason;
  readonly info?: SystemInfo;
  readonly error?: unknown;
}

/** Whether the server is up and why not, what it is, and what it is set to. Runs for every source. */
export class SystemCollector implements JellyfinCollector {
  readonly name = 'system';
  readonly line = 'fast';
  readonly keeps = true;
  readonly catalogue: readonly Metric[] = SYSTEM_CATALOGUE;
  readonly #context: CollectorContext;
  #state: SystemState | undefined;
  #plugins: JellyfinPlugin[] | undefined;
  #encoding: EncodingConfiguration | undefined;
  #detailDue = Number.NEGATIVE_INFINITY;
  /** Whether the server was left alone at the last look. */
  #paused = false;

  constructor(context: CollectorContext) {
    this.#context = context;
  }

  interval(): number {
    return this.#paused ? PAUSED_INTERVAL : this.#context.settings.interval * 1000;
  }

  /** Rejects when the server is not up, with what says why; what is known is told by the families all the same. */
  async run(): Promise<void> {
    const found = await this.#look();
    // Being left alone for a while tells nothing new.
    this.#paused = found === undefined;
    if (found === undefined) return;
    const { reason, info, error } = found;
    this.#state = info === undefined ? { reason } : { reason, info };
    const { shared } = this.#context;
    shared.up = reason === 'ok' || reason === 'error';
    if (reason === 'unreachable' || reason === 'starting' || reason === 'setup_server') shared.outages += 1;
    if (info !== undefined) {
      shared.version = parseVersion(info.version);
      shared.jellyfin = isJellyfin(info);
    }
    if (reason !== 'ok') {
      this.#plugins = undefined;
      this.#encoding = undefined;
      this.#detailDue = Number.NEGATIVE_INFINITY;
      throw error ?? notUp(reason);
    }
    await this.#lookCloser();
  }

  families(): readonly Family[] {
    if (this.#state === undefined) return [];
    return systemFamilies(this.#state, {
      ...(this.#plugins === undefined ? {} : { plugins: this.#plugins }),
      ...(this.#encoding === undefined ? {} : { encoding: this.#encoding }),
    });
  }

  state(): Partial<JellyfinState> {
    return this.#state === undefined ? {} : { system: this.#state };
  }

  async #look(): Promise<Finding | undefined> {
    let odd = false;
    let noHealth = false;
    try {
      const health = await this.#context.client.text(ENDPOINTS.health, { accepts: [503] });
      this.#context.shared.serverClock.tell(health.date);
      const { text, type, headers } = health.value;
      if (health.status === 503) {
        const loading = type.startsWith('text/html') || text === '';
        if (!loading) odd = true;
        else return { reason: headers['retry-after'] === undefined ? 'starting' : 'setup_server' };
      } else if (text.trim() === 'Degraded') {
        return { reason: 'setup_server' };
      } else if (text.trim() !== 'Healthy') {
        odd = true;
      }
    } catch (error) {
      if (!(error instanceof ExporterError)) throw error;
      if (error.code === 'MX_UPSTREAM_PAUSED') return undefined;
      if (error.status === undefined && error.code !== 'MX_UPSTREAM_ANSWER') return { reason: 'unreachable', error };
      // An older dialect has no /health.
      if (error.status === 404) noHealth = true;
      else odd = true;
    }
    const found = await this.#lookInside();
    if (found?.reason !== 'ok') return found;
    const healthy = !odd && !(noHealth && found.info !== undefined && isJellyfin(found.info));
    return healthy ? found : { ...found, reason: 'error' };
  }

  async #lookInside(): Promise<Finding | undefined> {
    try {
      const answer = await this.#context.client.text(ENDPOINTS.system_info, { accepts: [503] });
      const { text, headers } = answer.value;
      if (answer.status === 503) return { reason: headers['retry-after'] === undefined ? 'starting' : 'setup_server' };
      const parsed = parseSystemInfo(readJson(text));
      if (!parsed.ok) {
        const detail = `${ENDPOINTS.system_info.path}: ${parsed.problem}`;
        return { reason: 'error', error: new ExporterError({ code: 'MX_UPSTREAM_ANSWER', detail }) };
      }
      const info = parsed.value;
      return { reason: info.wizardCompleted === false ? 'wizard' : 'ok', info };
    } catch (error) {
      if (!(error instanceof ExporterError)) throw error;
      if (error.code === 'MX_UPSTREAM_PAUSED') return undefined;
      if (error.status === 401) return { reason: 'unauthorized', error };
      const answered = error.status !== undefined || error.code === 'MX_UPSTREAM_ANSWER';
      return { reason: answered ? 'error' : 'unreachable', error };
    }
  }

  /** What changes seldom, and what a server may refuse to tell: none of it says that the server is not up. */
  async #lookCloser(): Promise<void> {
    const { client, clock, settings } = this.#context;
    if (clock.now() < this.#detailDue) return;
    this.#detailDue = clock.now() + settings.library_interval * 1000;
    this.#plugins = await orUnknown(client.json(ENDPOINTS.plugins, parsePlugins));
    this.#encoding = await orUnknown(client.json(ENDPOINTS.encoding, parseEncoding));
  }
}

export function create(context: CollectorContext): JellyfinCollector {
  return new SystemCollector(context);
}

/** Emby speaks an older dialect of the same API, under another name or none. */
function isJellyfin({ product }: SystemInfo): boolean {
  return product === 'Jellyfin Server';
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function orUnknown<T>(answer: Promise<{ readonly value: T }>): Promise<T | undefined> {
  try {
    return (await answer).value;
  } catch (error) {
    if (error instanceof ExporterError) return undefined;
    throw error;
  }
}

function notUp(reason: UpReason): ExporterError {
  switch (reason) {
    case 'starting':
    case 'setup_server':
      return new ExporterError({ code: 'MX_UPSTREAM_STARTING', detail: 'the server is starting', status: 503 });
    case 'wizard':
      return new ExporterError({ code: 'MX_UPSTREAM_WIZARD', detail: 'its startup wizard has not been finished' });
    default:
      return new ExporterError({ code: 'MX_UPSTREAM_STATUS', detail: `${ENDPOINTS.health.path}: it is not healthy` });
  }
}
