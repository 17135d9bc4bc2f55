import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

// npm run check: everything that is wrong without running a test. All steps run, so that one look shows all faults.
const repository = join(import.meta.dirname, '../..');
const modules = join(repository, 'node_modules');
const steps: readonly (readonly [title: string, ...args: string[]])[] = [
  ['types of sources and tests', join(modules, 'typescript/bin/tsc'), '--project', 'tsconfig.check.json'],
  ['types as published', join(modules, 'typescript/bin/tsc'), '--build'],
  ['lint and format', join(modules, '@biomejs/biome/bin/biome'), 'check', '--error-on-warnings'],
  ['generated documents', '--conditions=@media-exporter/source', 'scripts/docs/main.ts', '--check'],
];
const failed: string[] = [];
for (const [title, ...args] of steps) {
  console.log(`check: ${title}`);
  const { status } = spawnSync(process.execPath, args, { cwd: repository, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) failed.push(title);
}
console.log(failed.length === 0 ? 'check: all right' : `check: failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
