import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { FileWatch, type WatchedFiles } from './watch.ts';

/** Files in memory; `touch` moves the time of a file without changing it. */
class Files implements WatchedFiles {
  readonly #files = new Map<string, { text: string; time: number }>();
  reads = 0;
  #time = 0;

  write(path: string, text: string): void {
    this.#time += 1;
    this.#files.set(path, { text, time: this.#time });
  }

  touch(path: string): void {
    this.write(path, this.#files.get(path)?.text ?? '');
  }

  remove(path: string): void {
    this.#files.delete(path);
  }

  async stat(path: string): Promise<{ mtimeMs: number; ctimeMs: number; size: number; ino: number }> {
    const file = this.#files.get(path);
    if (file === undefined) throw new Error('ENOENT');
    return { mtimeMs: file.time, ctimeMs: file.time, size: file.text.length, ino: 1 };
  }

  async read(path: string): Promise<Uint8Array> {
    this.reads += 1;
    return Buffer.from(this.#files.get(path)?.text ?? '');
  }
}

interface Bench {
  readonly files: Files;
  readonly clock: ManualClock;
  readonly changes: string[][];
  readonly missing: string[];
  readonly watch: FileWatch;
}

async function setUp(): Promise<Bench> {
  const files = new Files();
  const clock = new ManualClock();
  const changes: string[][] = [];
  files.write('/a', 'one');
  files.write('/b', 'one');
  const missing: string[] = [];
  const watch = new FileWatch(
    files,
    clock,
    (paths) => changes.push([...paths]),
    (path) => missing.push(path),
  );
  await watch.watch(['/a', '/b'], 5);
  return { files, clock, changes, missing, watch };
}

test('a change of content is told once, at the next look', async () => {
  const { files, clock, changes } = await setUp();
  files.write('/a', 'two');
  await clock.tick(4_999);
  expect(changes).toEqual([]);
  await clock.tick(1);
  expect(changes).toEqual([['/a']]);
  await clock.tick(5_000);
  await clock.tick(5_000);
  expect(changes).toEqual([['/a']]);
});

test('a file that was only touched is no change, and one at rest is not read again', async () => {
  const { files, clock, changes } = await setUp();
  files.touch('/b');
  await clock.tick(5_000);
  const reads = files.reads;
  await clock.tick(5_000);
  expect(files.reads).toBe(reads);
  expect(changes).toEqual([]);
});

test('a file that vanishes for a moment counts when it comes back changed', async () => {
  const { files, clock, changes } = await setUp();
  files.remove('/a');
  await clock.tick(5_000);
  expect(changes).toEqual([]);
  files.write('/a', 'two');
  await clock.tick(5_000);
  expect(changes).toEqual([['/a']]);
});

test('a file that is deleted is told once, and again when it came back between', async () => {
  const { files, clock, changes, missing } = await setUp();
  files.remove('/a');
  for (let look = 0; look < 3; look += 1) await clock.tick(5_000);
  expect(missing).toEqual(['/a']);
  files.write('/a', 'one');
  await clock.tick(5_000);
  files.remove('/a');
  await clock.tick(5_000);
  expect(missing).toEqual(['/a', '/a']);
  expect(changes).toEqual([]);
});

test('a change that comes while the files are being read is not lost', async () => {
  const { files, changes, watch } = await setUp();
  files.write('/a', 'two');
  await watch.refresh();
  await watch.watch(['/a'], 5);
  expect(changes).toEqual([]);
  await watch.refresh();
  files.write('/a', 'three');
  await watch.watch(['/a', '/c'], 5);
  expect(changes).toEqual([['/a']]);
});

test('an interval of 0 and a closed watch leave no timer', async () => {
  const { clock, watch } = await setUp();
  await watch.watch(['/a'], 0);
  expect(clock.pending).toBe(0);
  await watch.watch(['/a'], 5);
  expect(clock.pending).toBe(1);
  watch.close();
  expect(clock.pending).toBe(0);
});
