import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { defineMetric, family } from '@media-exporter/metrics';
import { ManualClock } from '@media-exporter/metrics/testing';
import { parseConfig } from '../../packages/exporter/src/config/load.ts';
import { Secret } from '../../packages/exporter/src/config/secrets.ts';
import { completeConfig, type Settings } from '../../packages/exporter/src/config/settings.ts';
import { ExporterError, problemsOf } from '../../packages/exporter/src/errors.ts';
import { Exporter, type ExporterOptions } from '../../packages/exporter/src/exporter.ts';
import { createLogger } from '../../packages/exporter/src/log.ts';
import { Health } from '../../packages/exporter/src/sources/health.ts';
import { Round } from '../../packages/exporter/src/sources/polling/round.ts';
import type { Source, SourceContext } from '../../packages/exporter/src/sources/source.ts';
import { MemoryStore } from '../../packages/exporter/src/state/memory.ts';

const STREAMS = defineMetric({ name: 'sfu_streams', type: 'gauge', help: 'Streams.', labels: { kind: 'public' } });
const UP = defineMetric({ name: 'media_server_up', type: 'gauge', help: 'Up.', labels: { server: 'public' } });
const SEED = defineMetric({ name: 'Ejtimaa_rooms', type: 'gauge', help: '#rooms' });

/** A source whose server answers as the test says. */
class FakeSource implements Source {
  readonly type = 'mediasoup';
  readonly catalogues = new Map([
    ['stats', [STREAMS]],
    ['rooms', [SEED]],
  ]);
  readonly unifiedCatalogue = [UP];
  readonly id: string;
  readonly secret: string | undefined;
  started = 0;
  stopped = 0;
  asked = 0;
  answer: () => Promise<number> = async () => 3;
  readonly #health: Health;
  readonly #round: Round;
  #value: number | undefined;

  readonly context: SourceContext;

  constructor(id: string, secret: string | undefined, context: SourceContext) {
    const { clock, log, onReconnect, onRequest } = context;
    this.id = id;
    this.context = context;
    this.secret = secret;
    this.#health = new Health(this, log, onReconnect);
    this.#round = new Round('stats', clock, async () => {
      this.asked += 1;
      this.#value = undefined;
      try {
        this.#value = await this.answer();
        this.#health.succeed();
        onRequest({ endpoint: '/stats', outcome: 'success', seconds: 0, bytes: 1 });
      } catch (error) {
        for (const problem of problemsOf(error)) this.#health.fail(problem);
        onRequest({ endpoint: '/stats', outcome: 'connect', seconds: 0, bytes: 0 });
        throw error;
      }
    });
  }

  async start(): Promise<void> {
    this.started += 1;
    const { state } = this.context;
    state.put('starts', Number((await state.load()).get('starts') ?? 0) + 1);
  }

  refresh(deadline: AbortSignal): Promise<void> {
    return this.#round.run(deadline);
  }

  snapshot(): ReturnType<Source['snapshot']> {
    const value = this.#value;
    const families = value === undefined ? [] : [family(STREAMS, [[{ kind: 'audio' }, value]]), family(SEED, value)];
    const { status } = this.#round;
    const { up } = this.#health;
    const unified = up === undefined ? [] : [family(UP, [[{ server: this.id }, Number(up)]])];
    return { up, families, unified, collectors: status === undefined ? [] : [status] };
  }

  async stop(): Promise<void> {
    this.stopped += 1;
    this.context.state.put('stopped', true);
  }
}

export interface Bench {
  readonly exporter: Exporter;
  readonly clock: ManualClock;
  readonly store: MemoryStore;
  readonly made: FakeSource[];
  readonly lines: string[];
  /** The configuration of the next load, and the files beside it. */
  config: string;
  readonly files: Map<string, string>;
  source(name: string): FakeSource;
  /** Told of each source when it was made. */
  onMade: (source: FakeSource) => void;
}

const running: Exporter[] = [];

/** Stops what a test has started; call it after each. */
export async function stopAll(): Promise<void> {
  for (const exporter of running.splice(0)) await exporter.stop();
}

export const config = (sources: string, web = ''): string =>
  `web: { listen: ["127.0.0.1:0"]${web} }\nsources:\n${sources
    .split(' ')
    .map((name) => `  - { name: ${name}, type: mediasoup, url: "http://127.0.0.1:1" }`)
    .join('\n')}\n`;

/** A configuration with more keys in its first source. */
export const extend = (text: string, keys: string): string => text.replace(/(- .*) }/, `$1, ${keys} }`);

export function set(text: string, options: Partial<ExporterOptions> = {}, answer?: () => Promise<number>): Bench {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const made: FakeSource[] = [];
  const lines: string[] = [];
  const files = new Map<string, string>();
  const log = createLogger({
    level: 'info',
    format: 'logfmt',
    write: (line) => lines.push(line),
    date: () => clock.date(),
  });
  const readFile = async (path: string): Promise<string> => {
    const content = files.get(path);
    if (content === undefined) throw Object.assign(new Error('none'), { code: 'ENOENT' });
    return content;
  };
  files.set('/config', text);
  const bench = {
    clock,
    store: new MemoryStore(),
    made,
    lines,
    files,
    get config(): string {
      return files.get('/config') ?? '';
    },
    set config(value: string) {
      files.set('/config', value);
    },
    onMade: (_source: FakeSource): void => {},
    source: (name: string) => made.findLast((source) => source.id === name) as FakeSource,
  };
  const load = async (): Promise<Settings> => {
    const loaded = parseConfig(bench.config, 'config.yml');
    if (!loaded.ok) throw new ExporterError(loaded.problems);
    const places = { readFile, env: { SFU_SECRET: 'from-the-environment' } };
    const settings = await completeConfig(loaded.config, { places, overrides: {}, randomKey: new Secret('random') });
    return { ...settings, files: ['/config', ...settings.files] };
  };
  const exporter = new Exporter({
    clock,
    log,
    version: '1.2.3',
    node: 'v24.0.0',
    files: {
      async stat(path) {
        const content = await readFile(path);
        return {
          mtimeMs: 0,
          ctimeMs: 0,
          size: content.length,
          ino: [...content].reduce((a, c) => a * 31 + c.charCodeAt(0), 0),
        };
      },
      read: async (path) => Buffer.from(await readFile(path)),
    },
    load,
    process: { name: 'process', catalogue: [], collect: () => [] },
    openStore: () => ({ store: bench.store }),
    random: () => 0.5,
    async createSource(settings, secret, _privacy, context) {
      const source = new FakeSource(settings.name, secret?.reveal(), context);
      if (answer !== undefined) source.answer = answer;
      made.push(source);
      bench.onMade(source);
      return source;
    },
    ...options,
  });
  running.push(exporter);
  return Object.defineProperty(bench, 'exporter', { value: exporter }) as Bench;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export function ask(bench: Bench, path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> {
  const [host, port] = (bench.exporter.addresses[0] ?? '').split(':');
  return new Promise((resolve, reject) => {
    httpRequest({ host, port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    })
      .on('error', reject)
      .end();
  });
}

export const refused = async (): Promise<number> => {
  throw new ExporterError({ code: 'MX_UPSTREAM_CONNECT', detail: 'ECONNREFUSED' });
};
