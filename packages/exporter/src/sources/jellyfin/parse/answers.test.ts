import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeIf } from '../../../../../../test/support/tools.ts';
import { MISSING, RECORDED } from '../testing/tape.testing.ts';
import { parseActivity } from './activity.ts';
import { readSessions } from './read-sessions.ts';
import { parseSession } from './sessions.ts';
import { parseStorage } from './storage.ts';
import { parseEncoding, parsePlugins, parseSystemInfo } from './system.ts';
import { parseTasks } from './tasks.ts';
import { parseUsers } from './users.ts';
import { isAtLeast, parseVersion } from './version.ts';

const PARSERS = {
  activity: parseActivity,
  encoding: parseEncoding,
  plugins: parsePlugins,
  storage: parseStorage,
  systemInfo: parseSystemInfo,
  tasks: parseTasks,
  users: parseUsers,
};

const read = (...path: string[]): unknown => JSON.parse(readFileSync(join(RECORDED, ...path), 'utf8'));

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

describe('answers that nobody expected', () => {
  /** Values whose keys are those that are looked for. */
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<unknown>(
        null,
        true,
        '',
        '0001-01-01T00:00:00Z',
        'Idle',
        -1,
        Number.POSITIVE_INFINITY,
        Number.NaN,
      ),
      fc.string(),
      fc.double(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(
        fc.constantFrom(
          'Id',
          'UserId',
          'Name',
          'Items',
          'Key',
          'State',
          'Version',
          'NowPlayingItem',
          'MediaStreams',
          'PlayState',
          'TranscodingInfo',
          'Policy',
          'Libraries',
          'Folders',
          'Path',
          'FreeSpace',
          'UsedSpace',
          '__proto__',
          'LastExecutionResult',
          'AdditionalUsers',
          'TranscodeReasons',
          'Type',
          'Index',
          'PlayMethod',
        ),
        tie('value'),
        { maxKeys: 6 },
      ),
    ),
  })).value;

  test('are parsed or refused, and never throw', () => {
    fc.assert(
      fc.property(json, (value) => {
        for (const parse of Object.values(PARSERS)) {
          const parsed = parse(value);
          if (!parsed.ok) expect(parsed.problem).toMatch(/^the answer (is|has) /);
        }
        parseSession(value);
      }),
      { numRuns: 500 },
    );
  });

  test('may have queues of any size, which are not looked at', async () => {
    const queue = Array.from({ length: 200 }, () => ({ Overview: 'x'.repeat(50_000) }));
    const session = { Id: 's1', UserId: 'a1', NowPlayingQueue: queue, NowPlayingQueueFullItems: queue, DeviceId: 'd1' };
    const { sessions, bytes } = await readSessions(chunks(JSON.stringify([session, { Id: 's2', UserId: 'a1' }])));
    expect(sessions.map(({ id, deviceId }) => [id, deviceId])).toEqual([
      ['s1', 'd1'],
      ['s2', 's2'],
    ]);
    expect(bytes).toBeGreaterThan(20_000_000);
  });

  test('are no sessions, and are told of without a word of theirs', async () => {
    for (const text of [
      '<html>secret',
      '{"secret": 1}',
      '[{"secret"',
      '',
      'null',
      '[{"Id": 1, "UserId": "secret"}, "secret"]',
    ]) {
      await expect(readSessions(chunks(text))).rejects.toThrow(/^MX_UPSTREAM_ANSWER: \/Sessions: (?!.*secret)/);
    }
  });

  test('may have one that is none among them, and may be of nobody', async () => {
    const session = { Id: 's1', UserId: 'a1' };
    expect((await readSessions(chunks(JSON.stringify([7, session])))).sessions).toHaveLength(1);
    const nobody = { ...session, UserId: '0'.repeat(32) };
    expect((await readSessions(chunks(JSON.stringify([nobody])))).sessions).toEqual([]);
    expect((await readSessions(chunks('[]'))).sessions).toEqual([]);
  });

  test('tell whether the client has said what it can play', () => {
    const of = (more: object) => parseSession({ Id: 's', UserId: 'a1', ...more })?.capable;
    expect(of({ PlayableMediaTypes: ['Video', 'Audio'] })).toBe(true);
    expect([of({ PlayableMediaTypes: [] }), of({})]).toEqual([undefined, undefined]);
  });

  test('have versions of any number of digits, or none', () => {
    expect(parseVersion('12.0.0-rc5')).toMatchObject({ major: 12, minor: 0 });
    expect(parseVersion('10.11.11')).toMatchObject({ major: 10, minor: 11 });
    expect(parseVersion('twelve')).toBeUndefined();
    expect(isAtLeast(parseVersion('12.0'), 10, 11)).toBe(true);
    expect(isAtLeast(parseVersion('10.8.13'), 10, 11)).toBe(false);
    expect(isAtLeast(undefined, 10, 8)).toBe(false);
  });
});

describeIf(MISSING, 'recorded answers', () => {
  const lines = ['10.11', '12.0'] as const;

  test.each(lines)('of %s are read whole', (line) => {
    const count = (parsed: { ok: boolean; value?: unknown }): number => (parsed.value as unknown[]).length;
    const from = (file: string): unknown => read('recorded', line, file);
    expect(count(parseUsers(from('users.json')))).toBe((from('users.json') as unknown[]).length);
    expect(count(parsePlugins(from('plugins.json')))).toBe((from('plugins.json') as unknown[]).length);
    for (const state of ['idle', 'scanning', 'cancelling', 'after-cancel']) {
      const tasks = from(`scheduled-tasks-${state}.json`);
      expect(count(parseTasks(tasks))).toBe((tasks as unknown[]).length);
    }
    const log = from('activity-log.json') as { Items: unknown[] };
    const entries = parseActivity(log);
    expect(count(entries)).toBe(log.Items.length);
    expect(entries.ok && entries.value.filter(({ type }) => type === 'other')).toEqual([]);
    expect(parseEncoding(from('encoding-config.json'))).toMatchObject({ ok: true, value: { hardware: 'none' } });
    expect(parseSystemInfo(from('system-info.json'))).toMatchObject({
      ok: true,
      value: { product: 'Jellyfin Server' },
    });
    expect(count(parseStorage(from('system-info-storage.json')))).toBeGreaterThan(5);
  });

  test.each(lines)('of %s have every session, and cut to pieces the same ones', async (line) => {
    const files = readdirSync(join(RECORDED, 'recorded', line)).filter((file) => /^sessions-.*\.json$/.test(file));
    expect(files.length).toBeGreaterThan(15);
    for (const file of files) {
      const whole = read('recorded', line, file) as { UserId: string }[];
      const parsed = whole.map(parseSession).filter((session) => session !== undefined);
      expect(parsed.length, file).toBe(whole.filter(({ UserId }) => /[1-9a-f]/.test(UserId)).length);
      for (const { item } of parsed) if (item !== undefined) expect(item.mediaType, file).not.toBe('other');
      expect((await readSessions(chunks(JSON.stringify(whole)))).sessions).toEqual(parsed);
    }
  });

  test('of older servers, and of those that were put together, are read too', () => {
    expect(parseSystemInfo(read('real', 'system-info-10.8.13.json'))).toMatchObject({ ok: true });
    const tasks = parseTasks(read('real', 'scheduled-tasks-10.8.13-zh.json'));
    expect(tasks.ok && tasks.value.some(({ key }) => key === 'RefreshLibrary')).toBe(true);
    for (const line of lines) {
      expect(parseStorage(read('constructed', `system-info-storage-${line}.json`))).toMatchObject({ ok: true });
    }
    const mixed = (read('constructed', 'sessions-mixed.json') as unknown[]).map(parseSession);
    expect(mixed.filter((session) => session?.item !== undefined).length).toBeGreaterThan(2);
  });
});
