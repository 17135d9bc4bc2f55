import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const REPOSITORY = join(import.meta.dirname, '../..');
const PAGES = globSync(['*.md', 'docs/**/*.md', 'packages/*/*.md', 'examples/*/*.md'], { cwd: REPOSITORY }).sort();
const LINK = /\]\((?<target>[^)\s]+)\)/g;

/** The anchor of a heading, as GitHub makes it. */
function anchorOf(heading: string): string {
  const plain = heading.replaceAll(/[`*]|\[|\]\([^)]*\)/g, '').toLowerCase();
  return plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-');
}

function anchorsOf(page: string): string[] {
  const headings = page.matchAll(/^#+ (?<heading>.+)$/gm);
  const named = page.matchAll(/<a (?:id|name)="(?<anchor>[^"]+)"/g);
  return [
    ...Array.from(headings, ({ groups }) => anchorOf(groups?.heading ?? '')),
    ...Array.from(named, ({ groups }) => groups?.anchor ?? ''),
  ];
}

describe.each(PAGES)('the links of %s', (page) => {
  const text = readFileSync(join(REPOSITORY, page), 'utf8');
  const targets = Array.from(text.matchAll(LINK), ({ groups }) => groups?.target ?? '');

  test('lead to files and headings that are there', () => {
    const dead = targets.filter((target) => {
      if (/^[a-z]+:/.test(target)) return false;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? join(REPOSITORY, page) : join(REPOSITORY, dirname(page), path);
      if (!existsSync(file)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).includes(anchor);
    });
    expect(dead).toEqual([]);
  });
});
