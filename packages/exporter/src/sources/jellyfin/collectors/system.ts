import type { Family, Metric } from '@media-exporter/metrics';
import { ExporterError } from '../../../errors.ts';
import { isPause } from '../../http/unanswered.ts';
import { Round } from '../../polling/round.ts';
import { ENDPOINTS } from '../endpoints.ts';
import { SYSTEM_CATALOGUE, systemFamilies, UP_CATALOGUE, upFamilies } from '../families/system.ts';
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
/** How long a server is not asked again, at most, that has refused the key: it writes each time to its log. */
const REFUSED_MS = 300_000;

/** What a look at the server has told, and the error that did. */
interface Finding {
  readonly reason: UpReason;
  readonly info?: SystemInfo;
  readonly error?: unknown;
}

/**
 * Whether the server is up and why not, which is looked at for every source; and, where `system` is collected, what the
 * server is and what it is set to.
 */
export class SystemCollector implements JellyfinCollector {
  readonly name = 'system';
  readonly line = 'fast';
  readonly staysVisible = true;
  readonly catalogue: readonly Metric[];
  readonly #context: CollectorContext;
  /** Whether more is asked for and told than whether the server is up. */
  readonly #collected: boolean;
  #state: SystemState | undefined;
  #plugins: JellyfinPlugin[] | undefined;
  #encoding: EncodingConfiguration | undefined;
  /** What the last look rejected with, if it did. */
  #error: unknown;
  /** That the key was refused so often in a row, and until when it is not tried again. */
  #refused: { readonly times: number; readonly until: number; readonly error: ExporterError } | undefined;
  #detailDue = Number.NEGATIVE_INFINITY;
  /** Whether the server was left alone at the last look. */
  #paused = false;
  readonly #details: Round;
  #aside: Promise<void> = Promise.resolve();

  constructor(context: CollectorContext) {
    this.#context = context;
    this.#collected = context.settings.collectors.includes('system');
    this.catalogue = this.#collected ? [...UP_CATALOGUE, ...SYSTEM_CATALOGUE] : UP_CATALOGUE;
    this.#details = new Round('details', context.clock, () => this.#lookCloser());
  }

  interval(): number {
    return this.#paused ? PAUSED_INTERVAL : this.#context.settings.interval * 1000;
  }

  /**
   * Rejects when the server is not up, with what says why; what is known is told by the families all the same. Being left
   * alone for a while tells nothing new: then it rejects with what it did before, or with the pause.
   */
  async run(): Promise<void> {
    try {
      const found = await this.#look();
      this.#paused = false;
      this.#take(found);
      this.#error = undefined;
    } catch (error) {
      this.#paused = isPause(error);
      if (!this.#paused) this.#error = error;
      throw this.#error ?? error;
    }
    const due = this.#collected && this.#context.clock.now() >= this.#detailDue;
    if (due) this.#aside = this.#details.run(new AbortController().signal);
  }

  /** What changes seldom may take as long as it likes, and a look may not. */
  aside(): Promise<void> {
    return this.#aside;
  }

  families(): readonly Family[] {
    // Before the first look has ended, the server has not answered yet.
    const { reason, info }: SystemState = this.#state ?? { reason: 'unreachable' };
    const up = upFamilies(reason);
    if (!this.#collected) return up;
    const details = systemFamilies({
      ...(info === undefined ? {} : { info }),
      ...(this.#plugins === undefined || reason !== 'ok' ? {} : { plugins: this.#plugins }),
      ...(this.#encoding === undefined || reason !== 'ok' ? {} : { encoding: this.#encoding }),
    });
    return [...up, ...details];
  }

  state(): Partial<JellyfinState> {
    return this.#state === undefined ? {} : { system: this.#state };
  }

  #take({ reason, info, error }: Finding): void {
    this.#state = info === undefined ? { reason } : { reason, info };
    const { shared } = this.#context;
    shared.up = reason === 'ok' || reason === 'error';
    // One that is only slow goes on with what it plays.
    const away = reason === 'starting' || reason === 'setup_server' || (reason === 'unreachable' && !isTimeout(error));
    if (away) shared.outages += 1;
    if (info !== undefined) {
      shared.version = parseVersion(info.version);
      shared.jellyfin = isJellyfin(info);
    }
    if (reason !== 'ok') throw error ?? notUp(reason);
  }

  /** Rejects when it was left alone. */
  async #look(): Promise<Finding> {
    let odd: ExporterError | undefined;
    let noHealth = false;
    try {
      const health = await this.#context.client.text(ENDPOINTS.health, { accepts: [503] });
      this.#context.shared.serverClock.tell(health.date);
      const { text, type, headers } = health.value;
      if (health.status === 503) {
        const loading = type.startsWith('text/html') || text === '';
        if (!loading) odd = notUp('error');
        else return { reason: headers['retry-after'] === undefined ? 'starting' : 'setup_server' };
      } else if (text.trim() === 'Degraded') {
        return { reason: 'setup_server' };
      } else if (text.trim() !== 'Healthy') {
        odd = notUp('error');
      }
    } catch (error) {
      if (!(error instanceof ExporterError) || isPause(error)) throw error;
      if (!isAnswer(error)) return { reason: 'unreachable', error };
      // An older dialect has no /health.
      if (error.status === 404) noHealth = true;
      else odd = error;
    }
    const found = await this.#lookInside();
    // The answer to /health has brought about the pause.
    if (isPause(found.error)) return { reason: 'error', error: odd ?? found.error };
    if (found.reason !== 'ok') return found;
    const healthy = odd === undefined && !(noHealth && found.info !== undefined && isJellyfin(found.info));
    return healthy ? found : { ...found, reason: 'error', error: odd };
  }

  async #lookInside(): Promise<Finding> {
    const refused = await this.#stillRefused();
    if (refused !== undefined) return { reason: 'unauthorized', error: refused };
    try {
      const answer = await this.#context.client.text(ENDPOINTS.system_info, { accepts: [503] });
      this.#refused = undefined;
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
      if (error.status === 401) {
        this.#refuse(error);
        return { reason: 'unauthorized', error };
      }
      return { reason: isAnswer(error) ? 'error' : 'unreachable', error };
    }
  }

  /** With what the key was refused, while it is too early to try it again and there is no other one. */
  async #stillRefused(): Promise<ExporterError | undefined> {
    const { clock, renewSecret } = this.#context;
    if (this.#refused === undefined || clock.now() >= this.#refused.until) return undefined;
    if (!(await renewSecret())) return this.#refused.error;
    this.#refused = undefined;
    return undefined;
  }

  #refuse(error: ExporterError): void {
    const { clock, settings } = this.#context;
    const times = (this.#refused?.times ?? 0) + 1;
    const wait = Math.min(REFUSED_MS, settings.interval * 1000 * 2 ** (times - 1));
    this.#refused = { times, until: clock.now() + wait, error };
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

/** Whether the server has said something, of whatever kind. */
function isAnswer({ status, code }: ExporterError): boolean {
  return status !== undefined || code === 'MX_UPSTREAM_ANSWER' || code === 'MX_UPSTREAM_TOO_LARGE';
}

function isTimeout(error: unknown): boolean {
  return error instanceof ExporterError && error.code === 'MX_UPSTREAM_TIMEOUT';
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
