import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { RunningProcess, startProcess } from '../support/process.ts';

// Processes are started, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000 });

const WRITER = fileURLToPath(new URL('state-writer.ts', import.meta.url));
const ROUNDS = 20;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'media-exporter-state-'));
  closers.push(() => rmSync(dir, { recursive: true }));
  return dir;
}

/** All that is in the database, and whether SQLite finds it whole; in a copy, so that nothing is mended. */
function look(dir: string): { rows: Record<string, unknown>; integrity: unknown } {
  const copy = join(folder(), 'copy');
  cpSync(dir, copy, { recursive: true });
  const database = new DatabaseSync(join(copy, 'state.db'));
  try {
    const rows = database.prepare('SELECT key, value FROM state').all();
    const { integrity_check: integrity } = database.prepare('PRAGMA integrity_check').get() as Record<string, unknown>;
    return {
      rows: Object.fromEntries(rows.map(({ key, value }) => [String(key), JSON.parse(String(value))])),
      integrity,
    };
  } finally {
    database.close();
  }
}

test('a writer that is killed loses nothing that it had flushed, and tears nothing', async () => {
  const dir = folder();
  let before = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const writer = startProcess(process.execPath, ['--conditions=@media-exporter/source', WRITER, 'count', dir]);
    // Each round is killed at another moment: after one flush, or hundreds.
    const enough = before + 1 + ((round * 37) % 300);
    await new Promise<void>((resolve, reject) => {
      const done = (): void => {
        const flushed = /flushed (\d+)\n$/.exec(writer.output)?.[1];
        if (flushed !== undefined && Number(flushed) >= enough) resolve();
      };
      writer.child.stdout?.on('data', done);
      writer.child.once('exit', () => reject(new Error(`the writer ended: ${writer.output}`)));
    });
    writer.child.kill('SIGKILL');
    await writer.exited;
    const flushed = Number(
      writer.output
        .match(/flushed (\d+)\n/g)
        ?.at(-1)
        ?.match(/\d+/)?.[0],
    );
    const { rows, integrity } = look(dir);
    expect(integrity).toBe('ok');
    expect(rows.first).toBeGreaterThanOrEqual(flushed);
    // What was put in one turn is there together.
    expect(rows.last).toBe(rows.first);
    expect(rows[`entry ${Number(rows.first) % 500}`]).toMatchObject({ count: rows.first });
    // It went on from where the last one was killed, in the same database.
    expect(writer.output).toContain(`flushed ${before + 1}\n`);
    expect(writer.output).not.toContain('code=');
    before = Number(rows.first);
  }
});

test('a file that cannot grow costs nothing: what waits is written when it can grow again', async () => {
  const dir = folder();
  const command = `ulimit -S -f 256; exec "$0" --conditions=@media-exporter/source "$1" limited "$2"`;
  const child = spawn('/bin/sh', ['-c', command, process.execPath, WRITER, dir], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  closers.push(() => child.kill('SIGKILL'));
  const writer = new RunningProcess(child);
  await writer.said(/ready/);
  child.send(2_000);
  await writer.said(/done/);
  expect(writer.output).toContain('code=MX_STATE_WRITE');
  const raised = startProcess('prlimit', ['--fsize=unlimited:', `--pid=${child.pid}`]);
  expect(await raised.exited, raised.output).toMatchObject({ code: 0 });
  child.send(1);
  await writer.said(/done\n(.*\n)*done/);
  expect(writer.output).toContain('the state is written again');
  child.disconnect();
  await writer.exited;
  const { rows, integrity } = look(dir);
  expect(integrity).toBe('ok');
  expect(Object.keys(rows)).toHaveLength(2_000);
});
