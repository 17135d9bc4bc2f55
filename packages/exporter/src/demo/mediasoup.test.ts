import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadMediasoup } from './mediasoup.ts';

let checkout: string;
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'media-exporter-demo-test-'));
});
afterEach(() => rmSync(checkout, { recursive: true }));

const NODE = process.execPath;
const absent = join(tmpdir(), 'there-is-no-such-worker');

/** Loads, and tells which worker the module saw when it was loaded. */
async function load(
  env: Record<string, string | undefined>,
  module?: object,
): Promise<{ seen: unknown; result: unknown }> {
  let seen: unknown;
  const result = await loadMediasoup({
    env,
    checkout,
    load: async () => {
      seen = env.MEDIASOUP_WORKER_BIN;
      if (module === undefined) throw new Error('ERR_MODULE_NOT_FOUND');
      return module;
    },
  });
  return { seen, result };
}

function installWorker(name: string): string {
  const worker = join(checkout, '.tools/bin/mediasoup-worker');
  mkdirSync(join(checkout, '.tools/bin'), { recursive: true });
  writeFileSync(worker, '', { mode: 0o755 });
  writeFileSync(join(checkout, 'package.json'), JSON.stringify({ name }));
  return worker;
}

const mediasoup = { createWorker: () => {} };

test('the worker that the variable names is taken', async () => {
  const { seen, result } = await load({ MEDIASOUP_WORKER_BIN: NODE }, mediasoup);
  expect([seen, result]).toEqual([NODE, mediasoup]);
});

test('the worker that the tests of this repository installed is taken, and the variable is left as it was', async () => {
  const worker = installWorker('media-exporter-workspace');
  const env = {};
  const { seen, result } = await load(env, { default: mediasoup });
  expect([seen, result, env]).toEqual([worker, mediasoup, {}]);
});

test('a worker in a stranger’s folder is not run', async () => {
  installWorker('somebody-elses-project');
  const { seen, result } = await load({}, mediasoup);
  expect(seen).toBeUndefined();
  expect(result).toContain('no mediasoup-worker');
});

test('a worker that cannot be run is none', async () => {
  const { result } = await load({ MEDIASOUP_WORKER_BIN: absent }, mediasoup);
  expect(result).toContain('MEDIASOUP_WORKER_BIN');
});

test('without the npm package, or with something else under its name, there is a reason', async () => {
  expect((await load({ MEDIASOUP_WORKER_BIN: NODE })).result).toContain('not installed');
  expect((await load({ MEDIASOUP_WORKER_BIN: NODE }, {})).result).toContain('no workers');
});
