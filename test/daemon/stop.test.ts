import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { MemoryStore } from '../../packages/exporter/src/state/memory.ts';
import type { StateScope } from '../../packages/exporter/src/state/store.ts';
import { turnUntil } from '../support/until.ts';
import { config, set, stopAll } from './bench.ts';
import { Daemon, Folder } from './daemon.ts';

// A process is started, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000 });

const closers: (() => unknown)[] = [];
afterEach(async () => {
  await stopAll();
  for (const close of closers.splice(0).reverse()) await close();
});

/** A store that never gets at what it has of one scope. */
class StuckStore extends MemoryStore {
  readonly #stuck: string;
  asked = false;

  constructor(stuck: string) {
    super();
    this.#stuck = stuck;
  }

  override scope(name: string): StateScope {
    const scope = super.scope(name);
    if (name !== this.#stuck) return scope;
    return {
      ...scope,
      load: () => {
        this.asked = true;
        return new Promise(() => {});
      },
    };
  }
}

describe('a stop does not wait for the state', () => {
  test.each(['privacy', 'mediasoup/one'])('of %s at the start', async (name) => {
    const store = new StuckStore(name);
    const { exporter, lines } = set(config('one'), { openStore: () => ({ store }) });
    const started = exporter.start();
    await turnUntil(() => store.asked);
    await exporter.stop();
    await started;
    expect(exporter.addresses).toEqual([]);
    expect(lines.join('')).not.toContain('listening');
  });

  test('of a source that a reload has added', async () => {
    const store = new StuckStore('mediasoup/two');
    const bench = set(config('one'), { openStore: () => ({ store }) });
    await bench.exporter.start();
    bench.config = config('one two');
    const reloaded = bench.exporter.reload();
    await turnUntil(() => store.asked);
    await bench.exporter.stop();
    expect(await reloaded).toEqual([]);
    expect(bench.made.map(({ id, stopped }) => [id, stopped])).toEqual([
      ['one', 1],
      ['two', 1],
    ]);
  });

  test('that another process has locked', async () => {
    const folder = await Folder.create();
    closers.push(() => folder.remove());
    const dir = join(folder.path, 'state');
    await mkdir(dir);
    const other = new DatabaseSync(join(dir, 'state.db'));
    closers.push(() => other.close());
    other.exec('BEGIN EXCLUSIVE');
    const address = ['--jellyfin.address=http://127.0.0.1:1', '--jellyfin.token=a-token-of-the-tests'];
    const daemon = new Daemon(['jellyfin', ...address, '--web.listen-address=127.0.0.1:0', `--state.dir=${dir}`]);
    closers.push(() => daemon.dispose());
    await daemon.logged('code=MX_STATE_BUSY');
    daemon.signal('SIGTERM');
    const { code, stderr } = await daemon.ended();
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('msg=stopped');
    expect(stderr).not.toContain('listening');
  });
});
