import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const REPOSITORY: string = join(import.meta.dirname, '../..');

/** Folder names below `packages/`, each after those it depends on. */
export const PACKAGES = ['metrics', 'model', 'mediasoup', 'simulators', 'exporter'] as const;

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly engines?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
}

export interface Tarball {
  readonly file: string;
  readonly manifest: Manifest;
  /** Paths inside the package, as npm would publish them. */
  readonly files: readonly string[];
}

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly output: string;
}

/** Runs a program to its end without the variables that an outer npm or Vitest set. */
export function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Ran {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:npm_|vitest|node_options)/i.test(name));
  const options = { cwd, encoding: 'utf8', env: { ...Object.fromEntries(inherited), ...env } } as const;
  const { status, stdout, stderr, error } = spawnSync(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  return { status, stdout: stdout ?? '', output: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}` };
}

/** Like {@link run}, and throws with the output when the exit code is not 0. */
export function runWell(program: string, args: readonly string[], cwd: string, env?: NodeJS.ProcessEnv): Ran {
  const ran = run(program, args, cwd, env);
  if (ran.status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${ran.status}:\n${ran.output}`);
  return ran;
}

/** Builds what is published and packs it into `folder`. */
export function packAll(folder: string): Tarball[] {
  runWell(process.execPath, [join(REPOSITORY, 'scripts/build/main.ts')], REPOSITORY);
  mkdirSync(folder, { recursive: true });
  return PACKAGES.map((name) => {
    const source = join(REPOSITORY, 'packages', name);
    const packed = runWell('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], source);
    const answer: unknown = JSON.parse(packed.stdout);
    // An array in npm 10 and 11, an object by package name in later ones.
    const [entry] = Object.values(answer as object) as { filename: string; files: { path: string }[] }[];
    if (entry === undefined) throw new Error(`npm pack said nothing of ${name}: ${packed.output}`);
    return {
      file: join(folder, entry.filename),
      manifest: JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Manifest,
      files: entry.files.map(({ path }) => path),
    };
  });
}

/** Installs tarballs, and from the registry only what they depend on, into an empty folder. */
export function installTarballs(folder: string, tarballs: readonly Tarball[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock'];
  runWell('npm', ['install', ...flags, ...tarballs.map(({ file }) => file)], folder);
}
