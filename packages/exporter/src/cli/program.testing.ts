import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@media-exporter/metrics';
import { afterEach, beforeEach } from 'vitest';
import { Secret } from '../config/secrets.ts';
import { readProcess } from '../process.ts';
import { execute } from './program.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'media-exporter-test-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A path in a folder that the test has for itself. */
export function pathOf(name: string): string {
  return join(folder, name);
}

/** Writes a file there, and answers its path. */
export async function write(name: string, text: string): Promise<string> {
  const path = pathOf(name);
  await writeFile(path, text);
  return path;
}

/** Runs a command line in this process. */
export async function runCli(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const out = { stdout: '', stderr: '' };
  const code = await execute(args, {
    env,
    clock: systemClock,
    random: Math.random,
    signals: { on: () => undefined, off: () => undefined },
    version: '1.2.3',
    node: process.version,
    places: { readFile: (path) => readFile(path, 'utf8'), env },
    files: { stat, read: (path) => readFile(path) },
    randomKey: new Secret('the key of the tests'),
    stdout: (text) => {
      out.stdout += text;
    },
    stderr: (text) => {
      out.stderr += text;
    },
    exit: () => {},
    readProcess,
  });
  return { code, ...out };
}

/** The smallest configuration. */
export const MINIMAL = 'sources:\n  - { name: sfu, type: mediasoup, url: "http://127.0.0.1:1" }\n';
