import type { Family, Metric } from '@media-exporter/metrics';
import { ExporterError } from '../../../errors.ts';
import type { Endpoint } from '../client.ts';
import { ENDPOINTS } from '../endpoints.ts';
import { PROCESS_CATALOGUE, type ProcessView, processFamilies } from '../families/process.ts';
import { type OwnMetrics, OwnMetricsReader } from '../parse/own-metrics.ts';
import { readGroup } from '../process/cgroup.ts';
import type { GroupFigures, ProcessFigures, ProcessSource } from '../process/figures.ts';
import { readProcess } from '../process/proc.ts';
import { ProcessSourceLog } from '../process/source-log.ts';
import type { JellyfinState } from '../state.ts';
import { type CollectorContext, type JellyfinCollector, STALE_INTERVALS } from './collector.ts';

/** A server that has no metrics of its own gets them by a restart: it is not asked each time. */
const OFF_MS = 300_000;

/** The server's own process, by its metrics, by `/proc` and by its control group: each that can be read. */
export class ProcessCollector implements JellyfinCollector {
  readonly name = 'process';
  readonly line = 'fast';
  readonly staysVisible = true;
  readonly catalogue: readonly Metric[] = PROCESS_CATALOGUE;
  readonly #context: CollectorContext;
  readonly #endpoint: Endpoint;
  readonly #log: ProcessSourceLog;
  #view: ProcessView | undefined;
  /** By the own clock: until when it is shown. That nothing could be read is shown until it can. */
  #shownUntil = Number.NEGATIVE_INFINITY;
  /** That the server has no metrics of its own, and until when it is not asked again. */
  #off: { readonly error: unknown; readonly until: number } | undefined;

  constructor(context: CollectorContext) {
    this.#context = context;
    this.#log = new ProcessSourceLog(context.settings.name, context.log);
    this.#endpoint = { ...ENDPOINTS.metrics, path: context.settings.metrics_path };
  }

  interval(): number {
    return this.#context.settings.process_interval * 1000;
  }

  /**
   * Reads all sources there are; rejects with the first error only when none could be read. A server without metrics of
   * its own is no error.
   */
  async run(): Promise<void> {
    const { pid_file: pidFile, cgroup } = this.#context.settings;
    const errors = new Map<ProcessSource, unknown>();
    const attempt = <T>(source: ProcessSource, work: Promise<T>): Promise<T | undefined> =>
      work.catch((error: unknown) => {
        errors.set(source, error);
        return undefined;
      });
    const own = await attempt('metrics', this.#readOwn());
    const process = pidFile === undefined ? undefined : await attempt('pid', readProcess(pidFile));
    const group = cgroup === undefined ? undefined : await attempt('cgroup', readGroup(cgroup));
    const sources: [ProcessSource, ProcessFigures | undefined][] = [['metrics', own?.process]];
    if (pidFile !== undefined) sources.push(['pid', process]);
    if (cgroup !== undefined) sources.push(['cgroup', group && groupProcess(group)]);
    this.#view = { sources: sources.map(([source, figures]) => ({ source, figures })), runtime: own?.runtime, group };
    const none = sources.every(([, figures]) => figures === undefined);
    this.#shownUntil = none ? Number.POSITIVE_INFINITY : this.#context.clock.now() + STALE_INTERVALS * this.interval();
    const failure = none ? [...errors.values()].find((error) => !isOff(error)) : undefined;
    for (const [source] of sources) {
      const error = errors.get(source);
      // What the run rejects with is told as the failure of the collector.
      if (error === undefined || error !== failure) this.#log.tell(source, error);
    }
    if (failure !== undefined) throw failure;
  }

  families(): readonly Family[] {
    const { clock, shared } = this.#context;
    if (this.#view === undefined || shared.up === false || clock.now() > this.#shownUntil) return [];
    return processFamilies(this.#view);
  }

  state(): Partial<JellyfinState> {
    return {};
  }

  /** Rejects with `MX_JELLYFIN_METRICS` where the server has none, or shows them to nobody from here. */
  async #readOwn(): Promise<OwnMetrics> {
    const { clock, client } = this.#context;
    if (this.#off !== undefined && clock.now() < this.#off.until) throw this.#off.error;
    this.#off = undefined;
    try {
      const consume = async (body: AsyncIterable<Uint8Array>): Promise<OwnMetrics | undefined> => {
        const reader = new OwnMetricsReader();
        for await (const chunk of body) reader.push(chunk);
        return reader.end();
      };
      const { value } = await client.chunks(this.#endpoint, consume);
      if (value === undefined) throw notShown("the answer has none of the server's metrics");
      return value;
    } catch (error) {
      const status = error instanceof ExporterError ? error.status : undefined;
      if (status === undefined || !NOT_SHOWN.includes(status)) throw error;
      const problem = notShown(`answered ${status}`, status);
      if (isOff(problem)) this.#off = { error: problem, until: clock.now() + OFF_MS };
      throw problem;
    }
  }
}

/** How a server without metrics of its own answers, or a proxy that keeps them back. */
const NOT_SHOWN: readonly number[] = [401, 403, 404, 503];

function notShown(text: string, status?: number): ExporterError {
  const detail = `the metrics path: ${text}`;
  return new ExporterError({ code: 'MX_JELLYFIN_METRICS', detail, ...(status === undefined ? {} : { status }) });
}

/** Whether it is to stay so: a 503 is also what a server answers that starts. */
function isOff(error: unknown): boolean {
  return (
    error instanceof ExporterError &&
    error.code === 'MX_JELLYFIN_METRICS' &&
    [401, 403, 404].includes(error.status ?? 0)
  );
}

export function create(context: CollectorContext): JellyfinCollector {
  return new ProcessCollector(context);
}

/** Of a group what a process has too, with each ffmpeg. */
function groupProcess({ cpuSeconds, anonymousBytes, readBytes, writtenBytes, cpus }: GroupFigures): ProcessFigures {
  return {
    ...(cpuSeconds === undefined ? {} : { cpuSeconds }),
    ...(anonymousBytes === undefined ? {} : { residentBytes: anonymousBytes }),
    ...(readBytes === undefined ? {} : { readBytes }),
    ...(writtenBytes === undefined ? {} : { writtenBytes }),
    ...(cpus === undefined ? {} : { cpus }),
  };
}
