import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock } from '@media-exporter/metrics/testing';
import { afterEach, expect, test } from 'vitest';
import { DrivenExporter } from '../support/driven/exporter.ts';
import { Folder } from './daemon.ts';
import { Upstream } from './upstream.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Configured {
  readonly file: string;
  readonly state: string;
}

async function configure(privacy = ''): Promise<Configured> {
  const folder = await Folder.create();
  closers.push(() => folder.remove());
  const sfu = await new Upstream().start();
  closers.push(() => sfu.stop());
  const text = `web: { listen: ["127.0.0.1:0"] }\n${privacy}sources:\n  - { name: sfu, type: mediasoup, url: "${sfu.url}" }\n`;
  return { file: await folder.write('media-exporter.yml', text), state: join(folder.path, 'state') };
}

/** The pseudonyms of people that one start of the exporter shows, and all that it says. */
async function start({ file, state }: Partial<Configured>): Promise<{ names: Set<string>; said: string }> {
  const args = ['--config.file', file ?? '', ...(state === undefined ? [] : ['--state.dir', state])];
  const exporter = await DrivenExporter.start({ args, clock: new ManualClock() });
  const metrics = await exporter.scrape();
  await exporter.stop();
  const names = new Set([...metrics.matchAll(/display_name="([^"]*)"/g)].map(([, name = '']) => name));
  expect(names.size).toBeGreaterThan(0);
  return { names, said: `${metrics}${exporter.log}` };
}

test('pseudonyms stay the same over a restart without a key in the configuration', async () => {
  const { file, state } = await configure();
  const first = await start({ file, state });
  const second = await start({ file, state });
  for (const name of first.names) expect(name).toMatch(/^[0-9a-f]{16}$/);
  expect(second.names).toEqual(first.names);
  // The key, as it is in the database: 32 bytes in hex.
  const [key = ''] = /[0-9a-f]{64}/.exec(readFileSync(join(state, 'state.db'), 'latin1')) ?? [];
  expect(key).toHaveLength(64);
  expect(first.said + second.said).not.toContain(key);
});

test('pseudonyms change with a restart where there is no folder for the state', async () => {
  const { file } = await configure();
  const first = await start({ file });
  const second = await start({ file });
  expect(second.names).not.toEqual(first.names);
});

test.each([
  ['the configuration has a key', 'privacy: { key: "a key that is given" }\n'],
  ['nothing becomes a pseudonym', 'privacy: { users: clear, addresses: drop }\n'],
])('no key is kept when %s', async (_, privacy) => {
  const { file, state } = await configure(privacy);
  await start({ file, state });
  expect(() => readFileSync(join(state, 'state.db'))).toThrow('ENOENT');
});
