import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SimulatedJellyfin } from '@media-exporter/simulators/jellyfin';
import { expect, onTestFinished, test } from 'vitest';
import { testFolder } from '../support/folder.ts';
import { TOKEN } from './bench.ts';

const MAIN = join(import.meta.dirname, '../../packages/exporter/src/cli/main.ts');

test('a single collection waits for a walk that rests, though nothing else keeps the process', async () => {
  const jellyfin = new SimulatedJellyfin({ token: TOKEN });
  await jellyfin.listen();
  onTestFinished(() => jellyfin.close());
  const file = join(testFolder(), 'config.json');
  const source = { name: 'den', type: 'jellyfin', url: jellyfin.url, token: TOKEN, collectors: { library_walk: true } };
  writeFileSync(file, JSON.stringify({ sources: [source] }));
  const args = ['--conditions=@media-exporter/source', MAIN, 'test', 'den', `--config.file=${file}`];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toMatch(/^jellyfin_library_size_bytes\{/m);
  expect(stderr).toContain('collector library_walk: success');
});
