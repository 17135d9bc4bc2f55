import { readFileSync } from 'node:fs';
import { lint } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { parseConfig } from './config/load.ts';
import { generate, renderErrors, renderKeys } from './documents.ts';
import { ERRORS } from './errors.ts';
import { PROCESS_CATALOGUE } from './process.ts';
import { SELF_CATALOGUE } from './self.ts';
import { STATE_CATALOGUE } from './state/metrics.ts';

test('each error has a section on the page', () => {
  const page = renderErrors();
  for (const code of Object.keys(ERRORS)) expect(page).toContain(`\n## ${code}\n`);
});

test('each key of the configuration has a sentence', () => {
  const rows = renderKeys();
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) expect(row).toMatch(/^\| `[\w[\].]+` \| .*\| [A-Z].*\. \|$/);
});

test('keys that all types of source have come once, and the others tell their type', () => {
  const rows = renderKeys();
  expect(rows.filter((row) => row.includes('`sources[].max_response_bytes`'))).toHaveLength(1);
  expect(rows.filter((row) => row.includes('`sources[].url`'))).toEqual([
    expect.stringContaining('Of `mediasoup`:'),
    expect.stringContaining('Of `plex`:'),
    expect.stringContaining('Of `jellyfin`:'),
  ]);
});

test.each(generate().map((document) => [document.path, document.text]))('%s is what the code says', (path, text) => {
  expect(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')).toBe(text);
});

test('the examples on the page on configuration are valid', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
  const examples = Array.from(page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm), (match) => match[1] ?? '');
  expect(examples.length).toBeGreaterThan(1);
  for (const example of examples) expect(parseConfig(example, 'example.yml')).toMatchObject({ ok: true });
});

test('the names of the metrics about the exporter follow the conventions', () => {
  expect(lint([...SELF_CATALOGUE, ...STATE_CATALOGUE, ...PROCESS_CATALOGUE])).toEqual([]);
});
