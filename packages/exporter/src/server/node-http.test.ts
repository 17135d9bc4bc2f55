import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('the server loads no fetch', () => {
  const script = `await import(${JSON.stringify(new URL('listener.ts', import.meta.url).href)});
    process.stdout.write(JSON.stringify(process.moduleLoadList));`;
  const { stdout } = spawnSync(
    process.execPath,
    ['--conditions=@media-exporter/source', '--input-type=module', '--eval', script],
    { encoding: 'utf8' },
  );
  const loaded = JSON.parse(stdout) as string[];
  expect(loaded).toContain('NativeModule http');
  expect(loaded.filter((name) => name.includes('undici'))).toEqual([]);
});
