import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock } from '@media-exporter/metrics/testing';
import { describe, expect, test } from 'vitest';
import { describeIf } from '../../../../../../test/support/tools.ts';
import { ExporterError } from '../../../errors.ts';
import type { HttpStreams } from '../client.ts';
import type { UpReason } from '../state.ts';
import { testContext, values } from '../testing/context.testing.ts';
import { MISSING, RECORDED } from '../testing/tape.testing.ts';
import { create } from './system.ts';

/** How one path answers; a text is the code of an error. */
interface Reply {
  readonly status: number;
  readonly type?: string;
  readonly body?: string;
  readonly retryAfter?: string;
}

const HEALTHY: Reply = { status: 200, type: 'text/plain', body: 'Healthy' };
const LOADING: Reply = { status: 503, type: 'text/html', body: 'Jellyfin Server is loading.' };

const ENDLESS = 'x'.repeat(64 * 1024 * 1024);

const info = (more: object = {}): Reply => ({
  status: 200,
  type: 'application/json',
  body: JSON.stringify({
    Version: '12.0.0',
    ServerName: 'Attic',
    Id: 'f00',
    ProductName: 'Jellyfin Server',
    HasPendingRestart: false,
    StartupWizardCompleted: true,
    ...more,
  }),
});

function replying(replyOf: (path: string) => Reply | 'refused' | 'paused' | 'timeout'): HttpStreams {
  return {
    async stream({ path = '', accepts = [] }, consume) {
      const reply = replyOf(path);
      if (reply === 'refused') throw new ExporterError({ code: 'MX_UPSTREAM_CONNECT', detail: 'refused' });
      if (reply === 'paused') throw new ExporterError({ code: 'MX_UPSTREAM_PAUSED', detail: 'paused' });
      if (reply === 'timeout') throw new ExporterError({ code: 'MX_UPSTREAM_TIMEOUT', detail: 'late' });
      const { status, type = '', body = '', retryAfter } = reply;
      if (status !== 200 && !accepts.includes(status)) {
        throw new ExporterError({ code: 'MX_UPSTREAM_STATUS', detail: `answered ${status}`, status });
      }
      return consume({
        status,
        headers: { 'content-type': type, 'retry-after': retryAfter },
        body: (async function* () {
          yield Buffer.from(body);
        })(),
      });
    },
  };
}

async function lookAt(replies: Readonly<Record<string, Reply | 'refused' | 'paused' | 'timeout'>>) {
  const context = testContext(
    replying((path) => replies[path] ?? { status: 404 }),
    new ManualClock(),
  );
  const system = create(context);
  const failed = await system.run().then(
    () => false,
    () => true,
  );
  await system.aside?.();
  const reasons = values(system.families(), 'jellyfin_up_reason');
  const up = values(system.families(), 'jellyfin_up')[''];
  expect(failed).toBe(up !== 1);
  return { up, reason: Object.keys(reasons).filter((reason) => reasons[reason] === 1), system, context };
}

describe('whether a server is up', () => {
  test('is yes when it is healthy and tells what it is', async () => {
    const { up, reason, system, context } = await lookAt({ '/health': HEALTHY, '/System/Info': info() });
    expect({ up, reason }).toEqual({ up: 1, reason: ['ok'] });
    expect(values(system.families(), 'jellyfin_server_info')).toEqual({ '12.0.0,Attic,f00,Jellyfin Server': 1 });
    expect(context.shared).toMatchObject({ up: true, jellyfin: true, outages: 0, version: { major: 12, minor: 0 } });
  });

  test('is all that is told, and asked for, where the collector is switched off', async () => {
    const asked: string[] = [];
    const replies: Readonly<Record<string, Reply>> = { '/health': HEALTHY, '/System/Info': info() };
    const http = replying((path) => {
      asked.push(path);
      return replies[path] ?? { status: 404 };
    });
    const system = create(testContext(http, new ManualClock(), { collectors: ['sessions'] }));
    await system.run();
    await system.aside?.();
    expect(asked).toEqual(['/health', '/System/Info']);
    const told = system.families().map(({ metric }) => metric.name);
    expect(told).toEqual(['jellyfin_up', 'jellyfin_up_reason']);
    expect(system.catalogue.map(({ name }) => name)).toEqual(told);
    expect(values(system.families(), 'jellyfin_up')).toEqual({ '': 1 });
  });

  test.each<[string, UpReason, Readonly<Record<string, Reply | 'refused' | 'timeout'>>]>([
    ['nothing listens', 'unreachable', { '/health': 'refused' }],
    ['it does not answer', 'unreachable', { '/health': 'timeout' }],
    ['it goes down in between', 'unreachable', { '/health': HEALTHY, '/System/Info': 'refused' }],
    ['it is loading', 'starting', { '/health': LOADING, '/System/Info': { status: 401 } }],
    ['it begins to load in between', 'starting', { '/health': HEALTHY, '/System/Info': LOADING }],
    ['the server of the set-up answers', 'setup_server', { '/health': { ...HEALTHY, body: 'Degraded' } }],
    ['the server of the set-up has no page yet', 'setup_server', { '/health': { status: 503, retryAfter: '005' } }],
    ['nobody has set it up', 'wizard', { '/health': HEALTHY, '/System/Info': info({ StartupWizardCompleted: false }) }],
    ['it does not know the key', 'unauthorized', { '/health': HEALTHY, '/System/Info': { status: 401 } }],
    ['it does not let the address in', 'error', { '/health': HEALTHY, '/System/Info': { status: 403 } }],
    [
      'it says that it is ill',
      'error',
      { '/health': { ...HEALTHY, body: 'Unhealthy', status: 503 }, '/System/Info': info() },
    ],
    ['its health is odd', 'error', { '/health': { ...HEALTHY, body: 'Fine' }, '/System/Info': info() }],
    ['its health is endless', 'error', { '/health': { ...HEALTHY, body: ENDLESS }, '/System/Info': info() }],
    [
      'what it tells of itself is endless',
      'error',
      { '/health': HEALTHY, '/System/Info': info({ ServerName: ENDLESS }) },
    ],
    ['the URL lacks the path', 'error', { '/health': { status: 302 }, '/System/Info': { status: 302 } }],
    ['a proxy answers with a page', 'error', { '/health': HEALTHY, '/System/Info': { ...HEALTHY, body: '<html>' } }],
    ['a Jellyfin has no health', 'error', { '/System/Info': info() }],
  ])('is no when %s: %s', async (_, expected, replies) => {
    const { up, reason } = await lookAt(replies);
    expect({ up, reason }).toEqual({ up: 0, reason: [expected] });
  });

  test('is no before it has answered for the first time', async () => {
    const silent: HttpStreams = { stream: () => new Promise(() => {}) };
    const system = create(testContext(silent, new ManualClock()));
    void system.run();
    expect(values(system.families(), 'jellyfin_up')).toEqual({ '': 0 });
    expect(values(system.families(), 'jellyfin_up_reason')).toMatchObject({ unreachable: 1, ok: 0 });
  });

  test('is yes for an older dialect without health', async () => {
    const { up, context } = await lookAt({ '/System/Info': info({ ProductName: undefined, Version: '4.9.0.0' }) });
    expect(up).toBe(1);
    expect(context.shared.jellyfin).toBe(false);
  });

  test('stays as it was while the server is left alone', async () => {
    let down = false;
    const context = testContext(
      replying((path) =>
        down ? 'paused' : path === '/health' ? HEALTHY : path === '/System/Info' ? info() : { status: 404 },
      ),
      new ManualClock(),
    );
    const system = create(context);
    await system.run();
    down = true;
    await expect(system.run()).rejects.toMatchObject({ code: 'MX_UPSTREAM_PAUSED' });
    expect(system.interval()).toBe(2_000);
    expect(values(system.families(), 'jellyfin_up')).toEqual({ '': 1 });
  });

  test('stays no while it is left alone, for the reason that was found', async () => {
    let reply: 'refused' | 'paused' = 'refused';
    const system = create(
      testContext(
        replying(() => reply),
        new ManualClock(),
      ),
    );
    await expect(system.run()).rejects.toMatchObject({ code: 'MX_UPSTREAM_CONNECT' });
    reply = 'paused';
    await expect(system.run()).rejects.toMatchObject({ code: 'MX_UPSTREAM_CONNECT' });
    expect(values(system.families(), 'jellyfin_up_reason')).toMatchObject({ unreachable: 1 });
  });

  test('is looked at on time where its own odd answer brought the pause about', async () => {
    const { reason, system } = await lookAt({ '/health': { status: 302 }, '/System/Info': 'paused' });
    expect(reason).toEqual(['error']);
    expect(system.interval()).toBe(10_000);
  });

  test('is no outage when it is only late', async () => {
    expect((await lookAt({ '/health': 'timeout' })).context.shared.outages).toBe(0);
    expect((await lookAt({ '/health': 'refused' })).context.shared.outages).toBe(1);
  });
});

describe('a server that does not know the key', () => {
  async function refusing(renewSecret: () => Promise<boolean>) {
    const clock = new ManualClock();
    const asked: number[] = [];
    const http = replying((path) => {
      if (path === '/health') return HEALTHY;
      asked.push(clock.now() / 1000);
      return { status: 401 };
    });
    const system = create({ ...testContext(http, clock), renewSecret });
    for (let look = 0; look < 180; look += 1) {
      await expect(system.run()).rejects.toMatchObject({ status: 401 });
      clock.advance(10_000);
    }
    return asked;
  }

  test('is asked more and more seldom, up to each five minutes', async () => {
    const asked = await refusing(async () => false);
    expect(asked).toEqual([0, 10, 30, 70, 150, 310, 610, 910, 1210, 1510]);
  });

  test('is asked at once when there is another one', async () => {
    let looks = 0;
    const asked = await refusing(async () => {
      looks += 1;
      return looks === 100;
    });
    expect(asked.some((at, index) => index > 5 && at - (asked[index - 1] ?? 0) < 300)).toBe(true);
  });
});

describe('what a server is set to', () => {
  test('is not waited for by the looks, and is asked for once at a time', async () => {
    const clock = new ManualClock();
    const asked: string[] = [];
    const known = replying((path) => (path === '/health' ? HEALTHY : info()));
    const hanging: HttpStreams = {
      stream(request, consume) {
        asked.push(request.endpoint);
        return request.endpoint === '/Plugins' ? new Promise(() => {}) : known.stream(request, consume);
      },
    };
    const system = create(testContext(hanging, clock));
    for (let look = 0; look < 100; look += 1) {
      await system.run();
      clock.advance(10_000);
    }
    expect(asked.filter((path) => path === '/health')).toHaveLength(100);
    expect(asked.filter((path) => path === '/Plugins')).toHaveLength(1);
  });

  test('is told beside its plugins, and is absent where it is refused', async () => {
    const { system } = await lookAt({
      '/health': HEALTHY,
      '/System/Info': info(),
      '/Plugins': { status: 403 },
      '/System/Configuration/encoding': {
        status: 200,
        body: JSON.stringify({ HardwareAccelerationType: 'VAAPI', EnableHardwareEncoding: true }),
      },
    });
    const types = values(system.families(), 'jellyfin_transcode_hw_acceleration');
    expect(types).toMatchObject({ vaapi: 1, none: 0, nvenc: 0 });
    expect(system.families().some(({ metric }) => metric.name === 'jellyfin_plugin_info')).toBe(false);
  });
});

interface Moment {
  readonly from_ms: number;
  readonly until_ms: number;
  readonly error?: string;
  readonly status?: number;
  readonly contentType?: string;
  readonly retryAfter?: string;
  readonly body?: string;
}

describeIf(MISSING, 'a recorded start-up', () => {
  const cases = ['10.11', '12.0'].flatMap((line) =>
    ['firstStart', 'sigtermAndStart', 'restartInPlace'].map((kind) => [line, kind] as const),
  );

  test.each(cases)('of %s (%s) is told apart at every moment', async (line, kind) => {
    const file = join(RECORDED, 'recorded', line, 'startup-sequence.json');
    const { seq } = JSON.parse(readFileSync(file, 'utf8'))[kind] as { seq: Record<string, Moment[]> };
    const at = (path: string, ms: number): Moment | undefined => seq[path]?.findLast(({ from_ms }) => from_ms <= ms);
    // On a first start nobody has gone through the wizard yet.
    const set = info({ StartupWizardCompleted: kind !== 'firstStart' });
    const ready = kind === 'firstStart' ? 'wizard' : 'ok';
    let now = 0;
    const http = replying((path) => {
      const moment = at(path === '/System/Info' ? '/System/Info (key)' : path, now);
      if (moment === undefined || moment.error !== undefined) return 'refused';
      const { status = 0, contentType = '', body = '', retryAfter } = moment;
      const given = path === '/System/Info' && status === 200 ? set : { status, type: contentType, body };
      return { ...given, ...(retryAfter === undefined ? {} : { retryAfter }) };
    });
    const system = create(testContext(http, new ManualClock()));
    const told = new Map<string, string>();
    const last = Math.max(...(seq['/health'] ?? []).map(({ from_ms }) => from_ms));
    for (now = 10; now < last + 500; now += 100) {
      const health = at('/health', now);
      await system.run().catch(() => {});
      const reasons = values(system.families(), 'jellyfin_up_reason');
      const reason = Object.keys(reasons).find((name) => reasons[name] === 1) ?? '';
      // Where the two paths were asked on the two sides of a change, either is right.
      const same = at('/System/Info (key)', now);
      const clear = now > (health?.from_ms ?? 0) + 60 && now < (health?.until_ms ?? 0) && now > (same?.from_ms ?? 0);
      const phase = health?.error ?? health?.body ?? '';
      if (clear) expect(reason, `at ${now} ms`).toBe(phase === 'Healthy' ? ready : phaseReason(phase));
      told.set(phase, reason);
    }
    expect(told.get('Degraded')).toBe('setup_server');
    expect(told.get('ECONNREFUSED')).toBe('unreachable');
    expect([...told].find(([phase]) => phase.includes('loading'))?.[1]).toBe('starting');
    expect(told.get('Healthy')).toBe(ready);
  });
});

function phaseReason(phase: string): UpReason {
  if (phase === 'Degraded') return 'setup_server';
  return phase.includes('loading') ? 'starting' : 'unreachable';
}
