import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import type { Problem } from '../../errors.ts';
import type { LogFormat } from '../../log.ts';
import { tellProblems } from './problems.ts';

const KEY: Problem = {
  code: 'MX_CONFIG_KEY',
  detail: 'unknown key "bogus"',
  place: { file: '/etc/media.yml', line: 3, column: 1 },
};
const USAGE: Problem = { code: 'MX_USAGE', detail: 'no such flag' };

function linesOf(format: LogFormat): string[] {
  const lines: string[] = [];
  tellProblems([KEY, USAGE], format, { stderr: (text) => lines.push(text), clock: new ManualClock() });
  return lines;
}

test('why a command ends is one line each for people', () => {
  expect(linesOf('logfmt')).toEqual([
    expect.stringMatching(/^\/etc\/media\.yml:3:1: MX_CONFIG_KEY: unknown key "bogus"\. .*\n$/),
    expect.stringMatching(/^MX_USAGE: no such flag\. .*\n$/),
  ]);
});

test('in JSON it is an event each, with code, place and what to do', () => {
  const [key, usage] = linesOf('json').map((line) => JSON.parse(line));
  expect(key).toEqual({
    level: 'error',
    ts: expect.any(String),
    code: 'MX_CONFIG_KEY',
    place: '/etc/media.yml:3:1',
    fix: expect.stringContaining('Correct its spelling'),
    msg: 'unknown key "bogus"',
  });
  expect(usage).toMatchObject({ code: 'MX_USAGE', msg: 'no such flag' });
  expect(usage).not.toHaveProperty('place');
});
