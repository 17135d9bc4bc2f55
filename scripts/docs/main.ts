import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GENERATORS } from './generators.ts';

// npm run docs: writes the generated documents. With --check it writes nothing, and exits 1 when one is out of date.
const repository = join(import.meta.dirname, '../..');
const check = process.argv.includes('--check');
for (const generate of GENERATORS) {
  for (const { path, text } of await generate()) {
    const file = join(repository, path);
    if (read(file) === text) continue;
    if (check) {
      console.error(`${path} is not what the code says: npm run docs`);
      process.exitCode = 1;
    } else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      console.error(`wrote ${path}`);
    }
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
