import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PACKAGES, REPOSITORY } from './tarballs.ts';

const IMPORT = /^(?:import|export) (?:type )?(?:[^'"]*? from )?'(?<name>[^']+)';/gm;
const DYNAMIC = /await import\('(?<name>[^']+)'\)/g;

/** Modules that the demo uses if they are there: never needed, so never declared. */
const OPTIONAL = ['mediasoup'];

/** The modules that the published sources of a folder import, tests left out. */
function importsOf(folder: string): { file: string; name: string }[] {
  return globSync('**/*.ts', { cwd: folder, exclude: (file) => /\.test(?:ing)?\.ts$/.test(file) }).flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const found = [...text.matchAll(IMPORT), ...text.matchAll(DYNAMIC)];
    return found.map(({ groups }) => ({ file, name: groups?.name ?? '' }));
  });
}

/** `@scope/name/sub` and `name/sub` without their subpath. */
function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/');
}

describe.each(PACKAGES)('%s', (name) => {
  const folder = join(REPOSITORY, 'packages', name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    dependencies?: Record<string, string>;
  };

  test('declares exactly what its sources import', () => {
    const names = importsOf(join(folder, 'src')).map((found) => found.name);
    const foreign = names.filter((found) => !found.startsWith('.') && !isBuiltin(found)).map(packageOf);
    const used = new Set(foreign.filter((found) => !OPTIONAL.includes(found) && found !== manifest.name));
    expect([...used].sort()).toEqual(Object.keys(manifest.dependencies ?? {}).sort());
  });

  test('wants exact versions, so that what was tested is what is installed', () => {
    const versions = Object.values(manifest.dependencies ?? {});
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});

describe('inside the exporter', () => {
  const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
    config: ['sources', 'server', 'cli', 'demo'],
    sources: ['server', 'cli', 'demo'],
    server: ['sources', 'cli', 'demo'],
  };

  test.each(Object.entries(FORBIDDEN))('%s knows nothing of what is to its right', (folder, others) => {
    const imports = importsOf(join(REPOSITORY, 'packages/exporter/src', folder));
    const wrong = imports.filter(({ name }) => others.some((other) => name.includes(`../${other}/`)));
    expect(wrong).toEqual([]);
  });
});
