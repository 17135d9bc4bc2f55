import { spawnSync } from 'node:child_process';
import { copyFileSync, globSync, rmSync } from 'node:fs';
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
// npm packs a licence only from the folder of the package itself.
for (const manifest of globSync('packages/*/package.json', { cwd: repository })) {
  copyFileSync(join(repository, 'LICENSE'), join(repository, manifest, '../LICENSE'));
}
process.exitCode = built.status ?? 1;
