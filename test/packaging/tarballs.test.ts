import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProcess } from '../support/process.ts';
import { describeWith } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { installTarballs, PACKAGES, packAll, REPOSITORY, run, runWell, type Tarball } from './tarballs.ts';

const PATIENCE = 300_000;
const TIMEOUT = { timeout: PATIENCE };

let work: string;
let embedded: string;
let whole: string;
let tarballs: Tarball[];

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'packaging-'));
  tarballs = packAll(join(work, 'tarballs'));
  embedded = join(work, 'embedded');
  installTarballs(embedded, tarballs.slice(0, 3));
  whole = join(work, 'whole');
  installTarballs(whole, tarballs);
}, PATIENCE);
afterAll(() => rmSync(work, { recursive: true, force: true }));

function tarballOf(name: (typeof PACKAGES)[number]): Tarball {
  const tarball = tarballs[PACKAGES.indexOf(name)];
  if (tarball === undefined) throw new Error(`${name} was not packed`);
  return tarball;
}

describe.each(PACKAGES)('the tarball of %s', (name) => {
  test('has the compiled code, its types and its licence, and nothing that only tests need', () => {
    const { files } = tarballOf(name);
    expect(files.some((file) => /^dist\/.*\.js$/.test(file))).toBe(true);
    expect(files.some((file) => /^dist\/.*\.d\.ts$/.test(file))).toBe(true);
    expect(files).toContain('LICENSE');
    expect(files.filter((file) => /\.test(?:ing)?\.|tsbuildinfo|node_modules|\.tgz$/.test(file))).toEqual([]);
  });

  test('has every source that a source map names', () => {
    const { files } = tarballOf(name);
    const compiled = files.filter((file) => /^dist\/.*\.js$/.test(file));
    const sources = compiled.map((file) => file.replace(/^dist/, 'src').replace(/\.js$/, '.ts'));
    expect(sources.filter((source) => !files.includes(source))).toEqual([]);
  });

  test('has nothing that publint complains of', async () => {
    const { file } = tarballOf(name);
    const bytes = readFileSync(file);
    const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const { messages } = await publint({ strict: true, pack: { tarball } });
    expect(messages).toEqual([]);
  });

  test('has types that resolve wherever the code does', TIMEOUT, () => {
    const { file, manifest } = tarballOf(name);
    if (Object.keys(manifest.exports ?? {}).every((path) => path === './package.json')) return;
    const attw = join(REPOSITORY, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    const args = [attw, file, '--profile', 'esm-only', '--no-definitely-typed', '--no-color', '--no-emoji'];
    runWell(process.execPath, args, work);
  });

  test('says which Node it needs', () => {
    const needed = ['metrics', 'model', 'mediasoup'].includes(name) ? '>=22' : '>=24';
    expect(tarballOf(name).manifest.engines).toEqual({ node: needed });
  });
});

/** Uses the public entry points as a host application does. */
const HOST = `
import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import { Counter, Registry, defineMetric, renderText, sendExposition } from '@media-exporter/metrics';
import { parseText } from '@media-exporter/metrics/testing';
import { observe } from '@media-exporter/mediasoup';
import { EMPTY_TRACKER, mediaFamilies, track } from '@media-exporter/model';

const registry = new Registry();
const events = new Counter(defineMetric({ name: 'events_total', type: 'counter', help: 'Events.' }));
events.inc();
registry.register(events);
const sfu = observe({ observer: new EventEmitter() });
registry.register(sfu);
const server = createServer(async (request, response) => {
  await sendExposition(await registry.gather(), request, response);
}).listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  const text = await (await fetch('http://127.0.0.1:' + port)).text();
  parseText(text);
  if (!/^events_total 1$/m.test(text)) throw new Error(text);
  if (!/^mediasoup_/m.test(text)) throw new Error(text);
  const { state } = track(EMPTY_TRACKER, { at: 0, sessions: [], complete: true });
  if (state.plays.size !== 0) throw new Error('plays');
  const families = mediaFamilies('host', { platform: 'plex', up: true });
  if (!/^media_server_up{.*} 1$/m.test(renderText(families))) throw new Error('media_server_up');
  sfu.close();
  server.closeAllConnections();
  server.close();
  console.log('scraped on Node ' + process.versions.node);
});
`;

const CONSUMER = `
import { EventEmitter } from 'node:events';
import { type Collector, Registry } from '@media-exporter/metrics';
import { observe, type SfuObserver } from '@media-exporter/mediasoup';
const sfu: SfuObserver = observe({ observer: new EventEmitter() });
const collector: Collector = sfu;
const unregister: () => void = new Registry().register(collector);
unregister();
`;

function scrapeAsHost(folder: string, node: string): string {
  writeFileSync(join(folder, 'host.mjs'), HOST);
  return runWell(node, ['host.mjs'], folder).stdout;
}

async function scrapeDemo(node: string): Promise<void> {
  const main = join(whole, 'node_modules/media-exporter', tarballOf('exporter').manifest.bin?.['media-exporter'] ?? '');
  const daemon = startProcess(node, [main, '--demo', '--web.listen-address=127.0.0.1:0'], { cwd: whole });
  try {
    const [url] = await daemon.said(/http:\/\/127\.0\.0\.1:[1-9]\d*/);
    const text = await until(
      async () => {
        const answer = await (await fetch(`${url}/metrics`)).text();
        return /^mediasoup_routers/m.test(answer) ? answer : undefined;
      },
      { what: 'a scrape of the installed demo' },
    );
    expect(text).toMatch(/^media_exporter_build_info\{/m);
  } finally {
    expect((await daemon.stop()).code).toBe(0);
  }
}

describeWith('node22', 'the installed tarballs on Node 22', ({ node22 }) => {
  test('metrics and mediasoup serve a scrape', TIMEOUT, () => {
    expect(scrapeAsHost(embedded, node22.path)).toMatch(/on Node 22\./);
  });

  test('metrics can be required from CommonJS', TIMEOUT, () => {
    const code = "const { Registry } = require('@media-exporter/metrics'); console.log(typeof new Registry().gather)";
    expect(runWell(node22.path, ['--input-type=commonjs', '--eval', code], embedded).stdout).toBe('function\n');
  });

  test('the daemon says that it wants a newer Node', TIMEOUT, () => {
    const main = join(whole, 'node_modules/media-exporter/dist/cli/main.js');
    expect(run(node22.path, [main, '--version'], whole).output).toMatch(/Node\.js/);
  });
});

describe('the installed tarballs on Node 24', () => {
  test('metrics and mediasoup serve a scrape', TIMEOUT, () => {
    expect(scrapeAsHost(whole, process.execPath)).toMatch(/on Node \d+\./);
  });

  test('their types serve a strict TypeScript project', TIMEOUT, () => {
    writeFileSync(join(embedded, 'consumer.ts'), CONSUMER);
    const tsc = join(REPOSITORY, 'node_modules/typescript/bin/tsc');
    const types = ['--typeRoots', join(REPOSITORY, 'node_modules/@types'), '--types', 'node'];
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', ...types];
    runWell(process.execPath, [tsc, ...options, 'consumer.ts'], embedded);
  });

  test('the command answers to its name', TIMEOUT, () => {
    const command = join(whole, 'node_modules/.bin/media-exporter');
    const env = { PATH: `${join(REPOSITORY, 'node_modules/.bin')}:${process.env.PATH}` };
    const { version } = tarballOf('exporter').manifest;
    expect(runWell(command, ['--version'], whole, env).stdout).toContain(version);
    expect(runWell(command, ['--help'], whole, env).stdout).toContain('--config.file');
  });

  test('the daemon serves its demo', TIMEOUT, () => scrapeDemo(process.execPath));
});

describeWith('node26', 'the installed tarballs on Node 26', ({ node26 }) => {
  test('metrics and mediasoup serve a scrape', TIMEOUT, () => {
    expect(scrapeAsHost(whole, node26.path)).toMatch(/on Node 26\./);
  });

  test('the daemon serves its demo', TIMEOUT, () => scrapeDemo(node26.path));
});
