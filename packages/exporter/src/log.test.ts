import { expect, test } from 'vitest';
import { createLogger, formatLogfmt, type LogOptions, scrub } from './log.ts';

function capture(options: Partial<LogOptions> = {}): { log: ReturnType<typeof createLogger>; lines: string[] } {
  const lines: string[] = [];
  const date = (): number => Date.UTC(2026, 0, 1);
  const log = createLogger({ level: 'info', format: 'logfmt', write: (line) => lines.push(line), date, ...options });
  return { log, lines };
}

test('logfmt has one line an event, and quotes what has spaces', () => {
  const { log, lines } = capture();
  log.info({ source: 'sfu', count: 3, why: 'a "b"\nc' }, 'it is up');
  expect(lines).toEqual([
    'ts=2026-01-01T00:00:00.000Z level=info msg="it is up" source=sfu count=3 why="a \\"b\\"\\nc"\n',
  ]);
});

test('json has the same fields', () => {
  const { log, lines } = capture({ format: 'json' });
  log.warn({ source: 'sfu' }, 'down');
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 'warn',
    ts: '2026-01-01T00:00:00.000Z',
    source: 'sfu',
    msg: 'down',
  });
});

test('what is below the level is not logged', () => {
  const { log, lines } = capture({ level: 'warn' });
  log.info('quiet');
  expect(lines).toEqual([]);
});

test('an error is logged with its message and stack on one line', () => {
  const { log, lines } = capture();
  log.error({ err: new Error('broken') }, 'failed');
  expect(lines[0]).toContain('err.message=broken');
  expect(lines[0]?.trimEnd()).not.toContain('\n');
});

test('secrets are hidden by the name of their field, and by their value wherever it stands', () => {
  for (const format of ['logfmt', 'json'] as const) {
    const { log, lines } = capture({ format, secrets: () => ['hun"ter 2', 'tok/en'] });
    log.info({ token: 'abc-by-name', nested: { secret: 'def-by-name' } }, 'a');
    log.info({ url: 'http://h/?t=tok%2Fen', why: 'hun"ter 2' }, 'with tok/en and hun"ter 2');
    const text = lines.join('');
    for (const value of ['abc-by-name', 'def-by-name', 'tok/en', 'tok%2Fen', 'hun"ter', 'hun\\"ter']) {
      expect(text).not.toContain(value);
    }
  }
});

test('scrubbing leaves other text alone', () => {
  expect(scrub('a b c', ['x'])).toBe('a b c');
  expect(scrub('a b c', ['a'])).toBe('a b c');
});

test('logfmt leaves out what is undefined, and quotes what is empty', () => {
  expect(formatLogfmt({ level: 'info', a: undefined, b: '', c: null, d: [1] })).toBe('level=info b="" c=null d=1');
});

test('logfmt writes a list as plain text, and quotes it as any other', () => {
  expect(formatLogfmt({ files: ['/etc/a.yml', '/run/token'] })).toBe('files=/etc/a.yml,/run/token');
  expect(formatLogfmt({ files: ['/etc/a b.yml', 'c'] })).toBe('files="/etc/a b.yml,c"');
  expect(formatLogfmt({ files: [] })).toBe('files=""');
  expect(formatLogfmt({ odd: [{ a: 1 }, null, undefined] })).toBe('odd="{\\"a\\":1},null,null"');
});

test('seconds are rounded to milliseconds', () => {
  for (const format of ['logfmt', 'json'] as const) {
    const { log, lines } = capture({ format });
    log.info({ seconds: 0.012345678901, bytes: 1.5 }, 'asked');
    log.info({ seconds: 2 }, 'asked');
    expect(lines[0]).toMatch(/seconds"?[=:]0\.012[ ,]/);
    expect(lines[0]).toMatch(/bytes"?[=:]1\.5[\s,]/);
    expect(lines[1]).toMatch(/seconds"?[=:]2[\s,]/);
  }
});
