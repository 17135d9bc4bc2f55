import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MediasoupModule } from '@media-exporter/simulators/mediasoup';

export interface Surroundings {
  /** mediasoup reads its variable from here when it is loaded. */
  readonly env: Record<string, string | undefined>;
  /** The checkout that this file may be a part of. */
  readonly checkout: string;
  load(name: string): Promise<unknown>;
}

const VARIABLE = 'MEDIASOUP_WORKER_BIN';

/**
 * mediasoup with a worker that can run here, or why there is none. mediasoup is no dependency of the exporter: it is
 * there in a checkout of the repository, or when the user has installed it beside the exporter.
 */
export async function loadMediasoup(
  around: Surroundings = {
    env: process.env,
    checkout: join(import.meta.dirname, '../../../..'),
    load: (name) => import(name),
  },
): Promise<MediasoupModule | string> {
  const { env } = around;
  const worker = findWorker(around);
  if (worker === undefined) return `there is no mediasoup-worker (${VARIABLE} may name one)`;
  const before = env[VARIABLE];
  env[VARIABLE] = worker;
  try {
    const module = (await around.load('mediasoup')) as Partial<MediasoupModule> & { default?: MediasoupModule };
    const found = typeof module.createWorker === 'function' ? module : module.default;
    return typeof found?.createWorker === 'function'
      ? (found as MediasoupModule)
      : 'the mediasoup module has no workers';
  } catch {
    return 'the npm package mediasoup is not installed';
  } finally {
    // Other children of this process have no business with it.
    if (before === undefined) delete env[VARIABLE];
    else env[VARIABLE] = before;
  }
}

/** The program that the variable names, or the one that the tests of this repository installed for themselves. */
function findWorker({ env, checkout }: Surroundings): string | undefined {
  const named = env[VARIABLE];
  if (named !== undefined && named !== '') return isExecutable(named) ? named : undefined;
  const installed = join(checkout, '.tools/bin/mediasoup-worker');
  return isThisRepository(checkout) && isExecutable(installed) ? installed : undefined;
}

/** Installed as a package, the folder above is somebody else's, and nothing in it is to be run. */
function isThisRepository(folder: string): boolean {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return (manifest as { name?: unknown } | null)?.name === 'media-exporter-workspace';
  } catch {
    return false;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
