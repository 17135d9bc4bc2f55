import { spawnSync } from 'node:child_process';
import { globSync, rmSync } from 'node:fs';
import { join } from 'node:path';

// npm run build: compiles what is published. What an earlier build left is removed first, because the compiler would
// leave the output of a deleted source, and npm would pack it.
const repository = join(import.meta.dirname, '../..');
for (const old of globSync(['packages/*/dist', 'packages/*/node_modules/.cache/build.tsbuildinfo'], {
  cwd: repository,
})) {
  rmSync(join(repository, old), { recursive: true, force: true });
}
const tsc = join(repository, 'node_modules/typescript/bin/tsc');
const built = spawnSync(process.execPath, [tsc, '--build'], {
  cwd: repository,
  stdio: ['ignore', 'inherit', 'inherit'],
});
process.exitCode = built.status ?? 1;
