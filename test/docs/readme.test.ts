import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeWith } from '../support/tools.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const README = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');

/** The code blocks of one language, in order. */
function blocks(language: string): string[] {
  const fences = README.matchAll(new RegExp(`^\`\`\`${language}\\n(?<code>[\\s\\S]*?)^\`\`\`$`, 'gm'));
  return Array.from(fences, ({ groups }) => groups?.code ?? '');
}

describe('the README', () => {
  test('fits on one screen and shows a picture', () => {
    expect(README.split('\n').length).toBeLessThan(75);
    expect(README).toMatch(/!\[[^\]]+\]\(docs\/.+\.svg\)/);
  });

  test('names the two commands', () => {
    const commands = blocks('sh').flatMap((block) => block.split('\n').map((line) => line.replace(/\s*#.*/, '')));
    expect(commands.filter((command) => command !== '')).toEqual([
      'npm ci && npm start -- --demo',
      'npm ci && npm test',
    ]);
  });

  test('embeds the SFU package in ten lines of code that has the right types', () => {
    const [code = ''] = blocks('ts');
    const lines = code.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('//'));
    expect(lines.length).toBeLessThanOrEqual(10);
    const folder = mkdtempSync(join(REPOSITORY, 'node_modules/.readme-'));
    try {
      writeFileSync(join(folder, 'embed.mts'), code);
      const config = { extends: join(REPOSITORY, 'tsconfig.check.json'), include: ['embed.mts'], exclude: [] };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
      const tsc = join(REPOSITORY, 'node_modules/typescript/bin/tsc');
      const { stdout } = spawnSync(process.execPath, [tsc, '--project', folder], { cwd: folder, encoding: 'utf8' });
      expect(stdout).toBe('');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describeWith('promtool', 'promtool', ({ promtool }) => {
  test("accepts the README's scrape configuration", () => {
    const scrape = blocks('yaml').find((block) => block.startsWith('scrape_configs:'));
    const folder = mkdtempSync(join(tmpdir(), 'readme-'));
    writeFileSync(join(folder, 'prometheus.yml'), scrape ?? '');
    const args = ['check', 'config', join(folder, 'prometheus.yml')];
    const { status, stdout, stderr } = spawnSync(promtool.path, args, { encoding: 'utf8' });
    rmSync(folder, { recursive: true, force: true });
    expect(`${stdout}${stderr}`).toContain('SUCCESS');
    expect(status).toBe(0);
  });
});
