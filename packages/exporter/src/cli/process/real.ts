import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { systemClock } from '@media-exporter/metrics';
import { Secret } from '../../config/secrets.ts';
import { readProcess } from '../../process.ts';
import type { Environment } from './environment.ts';

/** The world of the process that runs this. */
export function realEnvironment(): Environment {
  return {
    env: process.env,
    clock: systemClock,
    random: Math.random,
    signals: process,
    version: packageVersion(),
    node: process.version,
    places: { readFile: (path) => readFile(path, 'utf8'), env: process.env },
    files: { stat, read: (path) => readFile(path) },
    randomKey: new Secret(randomBytes(32).toString('hex')),
    stdout: writerTo(process.stdout),
    stderr: writerTo(process.stderr),
    exit: (code) => process.exit(code),
    readProcess,
  };
}

/** From the package, which is three folders up in the sources and in what is published. */
function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  return (manifest as { version: string }).version;
}

/** Writing to a pipe is synchronous on Linux. */
function writerTo(stream: NodeJS.WriteStream): (text: string) => void {
  return (text) => void stream.write(text);
}
