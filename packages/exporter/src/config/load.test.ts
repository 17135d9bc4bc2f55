import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeProblem } from '../errors.ts';
import { checkInput, parseConfig } from './load.ts';

const folder = new URL('../../testdata/config/invalid/', import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.yml'))
  .map((name) => name.slice(0, -'.yml'.length));

const MINIMAL = 'sources:\n  - { name: sfu, type: mediasoup, url: "http://127.0.0.1:8889" }\n';

describe('an invalid configuration', () => {
  test.each(names)('%s is refused with its place and code', (name) => {
    const text = readFileSync(new URL(`${name}.yml`, folder), 'utf8');
    const expected = readFileSync(new URL(`${name}.expected`, folder), 'utf8');
    const loaded = parseConfig(text, `${name}.yml`);
    const problems = loaded.ok ? [] : loaded.problems;
    const lines = problems.map(({ place, code, detail }) => `${place?.line}:${place?.column} ${code} ${detail}`);
    expect(`${lines.join('\n')}\n`).toBe(expected);
  });

  test('is told with file, line, column, code and what to do', () => {
    const loaded = parseConfig(`${MINIMAL}sorces: []\n`, 'media-exporter.yml');
    expect(loaded.ok).toBe(false);
    if (loaded.ok) return;
    expect(loaded.problems.map(describeProblem)).toEqual([
      'media-exporter.yml:3:1: MX_CONFIG_KEY: unknown key "sorces"; did you mean "sources"? Correct its spelling or its indentation. `media-exporter config-schema` prints a schema that editors can complete from. (docs/errors.md#mx_config_key)',
    ]);
  });

  test('never tells a secret that it contains', () => {
    const secret = 'correct-horse-battery';
    const texts = [
      `sources: [{ name: a, type: mediasoup, url: "http://u:${secret}@h", secret: ${secret}, secret_file: x }]`,
      `privacy: { key: [${secret}] }\n${MINIMAL}`,
      `sources: [{ name: a, type: mediasoup, url: "http://h", secret: { ${secret}: 1 } }]`,
      `${secret}: x\n${MINIMAL}`,
      `sources: [{ name: a, type: mediasoup, url: "http://h", ${secret}: x }]`,
      `sources: [{ name: a, ${secret}: x }]`,
      ...[
        '*',
        '@',
        '%',
        '&',
        '!',
        '"\\q',
        '"',
        "'",
        '>',
        '{',
        '[',
        ': ',
        '? ',
        '- ',
        '|',
        '\t',
        '!<',
        '!!',
        '*a ',
        '"\\x',
      ].map((before) => `secret: ${before}${secret}\n${MINIMAL}`),
      `${MINIMAL.slice(0, -3)}, secret:${secret} }\n`,
      `${MINIMAL}---\nsecret: ${secret}\n`,
    ];
    for (const text of texts) {
      const loaded = parseConfig(text, 'c.yml');
      expect(loaded.ok).toBe(false);
      if (!loaded.ok) expect(loaded.problems.map(describeProblem).join('\n')).not.toContain(secret);
    }
  });
});

test('a type that is no text is refused, whatever it is', () => {
  for (const type of ['{ toString: 1 }', '[1]', '3', 'null']) {
    const loaded = parseConfig(`sources: [{ name: a, type: ${type}, bogus: 1 }]`, 'c.yml');
    expect(loaded.ok ? [] : loaded.problems.map(({ code }) => code)).toContain('MX_CONFIG_KEY');
  }
});

describe('a valid configuration', () => {
  test('of one source has defaults for everything else', () => {
    const loaded = parseConfig(MINIMAL, 'c.yml');
    expect(loaded).toMatchObject({
      ok: true,
      config: {
        web: {
          listen: ['127.0.0.1:9594'],
          telemetry_path: '/metrics',
          auth: {},
          scrape_timeout: 10,
          scrape_timeout_max: 60,
          scrape_timeout_offset: 0.5,
        },
        privacy: { users: 'pseudonym', addresses: 'pseudonym' },
        reload: { interval: 5 },
        labels: { max_value_bytes: 256 },
        sources: [
          {
            name: 'sfu',
            type: 'mediasoup',
            url: 'http://127.0.0.1:8889',
            timeout: 5,
            max_response_bytes: 67_108_864,
            sets: ['default', 'seed'],
            prefix: 'Ejtimaa_',
            quiet: false,
            series_budget: 10_000,
          },
        ],
      },
    });
  });

  test('stays the same when its defaults are written out', () => {
    const first = parseConfig(`web: { scrape_timeout: 1500ms }\n${MINIMAL}`, 'c.yml');
    if (!first.ok) throw new Error('refused');
    expect(first.config.web.scrape_timeout).toBe(1.5);
    expect(checkInput(first.config)).toMatchObject({ ok: true, config: first.config });
  });

  test('may listen on all interfaces once it says who may read', () => {
    for (const auth of ['metrics: none', 'token_file: token']) {
      expect(parseConfig(`web: { listen: [":9594"], auth: { ${auth} } }\n${MINIMAL}`, 'c.yml').ok).toBe(true);
    }
  });
});

test('any text is either a configuration or a list of problems with places', () => {
  const piece = fc.constantFrom(
    'web:',
    'sources:',
    '  - ',
    'name: a',
    'type: mediasoup',
    'url: x',
    '\n',
    ' ',
    '{',
    '[',
    '"',
    '&a',
    '*a',
    '!!set',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.oneof(piece, fc.string({ maxLength: 3 }))).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (input) => {
      const loaded = parseConfig(input, 'c.yml');
      if (loaded.ok) return;
      expect(loaded.problems.length).toBeGreaterThan(0);
      for (const { place } of loaded.problems) {
        expect(place?.line).toBeGreaterThan(0);
        expect(place?.column).toBeGreaterThan(0);
      }
    }),
  );
});
