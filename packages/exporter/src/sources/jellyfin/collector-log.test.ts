import { expect, test } from 'vitest';
import { createLogger } from '../../log.ts';
import { CollectorLog } from './collector-log.ts';

test('a collector that fails is in the log once for each problem, and once when it works again', () => {
  const lines: string[] = [];
  const write = (line: string): unknown => lines.push(line);
  const log = new CollectorLog('home', createLogger({ level: 'info', format: 'logfmt', write, date: () => 0 }));
  const forbidden = { code: 'MX_UPSTREAM_FORBIDDEN', detail: 'answered 403', status: 403 } as const;
  log.tell('users', undefined);
  log.tell('activity', forbidden);
  log.tell('activity', forbidden);
  log.tell('activity', { code: 'MX_UPSTREAM_TIMEOUT', detail: 'no answer' });
  log.tell('activity', undefined);
  log.tell('activity', undefined);
  expect(
    lines.map((line) => /level=(\S+) msg="collector (fails: \w+|works again).* collector=(\w+)/.exec(line)?.slice(1)),
  ).toEqual([
    ['warn', 'fails: MX_UPSTREAM_FORBIDDEN', 'activity'],
    ['warn', 'fails: MX_UPSTREAM_TIMEOUT', 'activity'],
    ['info', 'works again', 'activity'],
  ]);
  expect(lines[0]).toContain('Dashboard, API Keys');
  expect(lines[0]).not.toMatch(/plex|mediasoup/i);
});
