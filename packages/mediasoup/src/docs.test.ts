import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_CATALOGUE, SFU_ERRORS, seedCatalogue } from './index.ts';
import { OPTION_NAMES } from './options.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/mediasoup.md'), 'utf8');

test('the page has a row for each metric of the default set, with its type, labels and HELP', () => {
  const missing = DEFAULT_CATALOGUE.map(({ name, type, labelNames, help }) => {
    const labels = labelNames.map((label) => `\`${label}\``).join(', ') || '–';
    return `| \`${name}\` | ${type} | ${labels} | ${help} |`;
  }).filter((row) => !page.includes(row));
  expect(missing).toEqual([]);
});

test('the page names the metrics and the labels of the seed', () => {
  for (const { name, labelNames } of seedCatalogue()) {
    expect(page).toContain(`\`${name}\``);
    for (const label of labelNames) expect(page).toContain(`\`${label}\``);
  }
});

test('the page has a row for each error', () => {
  for (const [code, sentence] of Object.entries(SFU_ERRORS)) expect(page).toContain(`| \`${code}\` | ${sentence} |`);
});

test('the page names each option', () => {
  for (const option of OPTION_NAMES) expect(page).toMatch(new RegExp(`\`${option}[\`(]`));
});
