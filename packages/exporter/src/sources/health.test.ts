import { expect, test } from 'vitest';
import type { Problem } from '../errors.ts';
import { createLogger } from '../log.ts';
import { Health } from './health.ts';

const CONNECT: Problem = { code: 'MX_UPSTREAM_CONNECT', detail: '/stats: ECONNREFUSED' };
const TIMEOUT: Problem = { code: 'MX_UPSTREAM_TIMEOUT', detail: '/stats: no whole answer within 5s' };
const PAUSED: Problem = { code: 'MX_UPSTREAM_PAUSED', detail: 'asked again in some seconds' };

function setUp(): { health: Health; lines: string[]; reconnects: () => number } {
  const lines: string[] = [];
  let reconnects = 0;
  const log = createLogger({ level: 'info', format: 'json', write: (line) => lines.push(line), date: () => 0 });
  const health = new Health({ id: 'sfu', type: 'mediasoup' }, log, () => {
    reconnects += 1;
  });
  return { health, lines, reconnects: () => reconnects };
}

test('each change of state is logged once', () => {
  const { health, lines } = setUp();
  expect(health.up).toBeUndefined();
  for (const step of [health.succeed, health.succeed]) step.call(health);
  for (let scrape = 0; scrape < 5; scrape += 1) health.fail(CONNECT);
  health.fail(PAUSED);
  health.fail(CONNECT);
  expect(health.up).toBe(false);
  health.succeed();
  expect(health.up).toBe(true);
  expect(lines.map((line) => JSON.parse(line).level)).toEqual(['info', 'warn', 'info']);
  expect(lines[1]).toContain('MX_UPSTREAM_CONNECT');
});

test('another reason to be down is news', () => {
  const { health, lines } = setUp();
  health.fail(CONNECT);
  health.fail(TIMEOUT);
  health.fail(TIMEOUT);
  expect(lines.map((line) => JSON.parse(line).code)).toEqual(['MX_UPSTREAM_CONNECT', 'MX_UPSTREAM_TIMEOUT']);
});

test('a reconnect is an answer after one was lost, not the first one', () => {
  const { health, reconnects } = setUp();
  health.fail(CONNECT);
  health.succeed();
  expect(reconnects()).toBe(0);
  health.fail(CONNECT);
  health.succeed();
  health.succeed();
  expect(reconnects()).toBe(1);
});

test('what to do is told of the type of the server, and of no other', () => {
  const { health, lines } = setUp();
  health.fail({ code: 'MX_UPSTREAM_UNAUTHORIZED', detail: '/stats: answered 401', status: 401 });
  expect(lines[0]).toContain('--mediasoup.secret-file');
  expect(lines[0]).not.toMatch(/jellyfin|plex/i);
});
