import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { body, get, startJellyfin } from '../../testing/jellyfin.ts';
import type { SimulatedJellyfin } from './index.ts';

// biome-ignore lint/suspicious/noExplicitAny: an answer is looked into as a monitor would, key by key.
async function task(jellyfin: SimulatedJellyfin, key: string): Promise<any> {
  return (await body(jellyfin, '/ScheduledTasks')).find(({ Key }: { Key: string }) => Key === key);
}

describe('scheduled tasks', () => {
  test('a scan tells of its progress, and then of its end', async () => {
    const { jellyfin, clock } = await startJellyfin();
    expect(await task(jellyfin, 'RefreshLibrary')).not.toHaveProperty('LastExecutionResult');
    jellyfin.tasks.run('RefreshLibrary', { durationMs: 40_000 });
    clock.advance(10_000);
    expect(await task(jellyfin, 'RefreshLibrary')).toMatchObject({ State: 'Running', CurrentProgressPercentage: 25 });
    clock.advance(30_000);
    const done = await task(jellyfin, 'RefreshLibrary');
    expect(done).toMatchObject({ State: 'Idle', LastExecutionResult: { Status: 'Completed' } });
    const { StartTimeUtc, EndTimeUtc } = done.LastExecutionResult;
    expect(Date.parse(EndTimeUtc) - Date.parse(StartTimeUtc)).toBe(40_000);
  });

  test('a cancelled scan is cancelling for a moment, and overwrites the result', async () => {
    const { jellyfin, clock } = await startJellyfin();
    const run = jellyfin.tasks.run('RefreshLibrary');
    clock.advance(5000);
    run.cancel();
    expect(await task(jellyfin, 'RefreshLibrary')).toMatchObject({ State: 'Cancelling' });
    clock.advance(300);
    expect(await task(jellyfin, 'RefreshLibrary')).toMatchObject({
      State: 'Idle',
      LastExecutionResult: { Status: 'Cancelled' },
    });
    expect(jellyfin.activity.counts()).toEqual({});
  });

  test('a restart aborts what runs, and only failed tasks are logged', async () => {
    const { jellyfin, clock } = await startJellyfin();
    jellyfin.tasks.run('RefreshPeople', { durationMs: 100, outcome: 'Failed' });
    jellyfin.tasks.run('RefreshLibrary');
    clock.advance(5000);
    jellyfin.restart();
    await clock.tick(30_000);
    await jellyfin.settled;
    expect(await task(jellyfin, 'RefreshLibrary')).toMatchObject({ LastExecutionResult: { Status: 'Aborted' } });
    expect(jellyfin.activity.counts()).toEqual({ TaskFailed: 1 });
  });

  test('names are in the language of the server, keys are not', async () => {
    const { jellyfin } = await startJellyfin({ settings: { localized: true } });
    expect((await task(jellyfin, 'RefreshLibrary')).Name).not.toMatch(/[a-z]/);
  });
});

describe('the activity log', () => {
  test('is paged, the newest first, and filtered by date and user', async () => {
    const { jellyfin, clock } = await startJellyfin();
    for (let times = 0; times < 5; times += 1) {
      jellyfin.people.failLogin('marta');
      clock.advance(1000);
    }
    jellyfin.browse({ user: 'jonas' });
    const all = await body(jellyfin, '/System/ActivityLog/Entries?limit=3');
    expect(all.TotalRecordCount).toBe(7);
    expect(all.Items.map(({ Id }: { Id: number }) => Id)).toEqual([7, 6, 5]);
    const rest = await body(jellyfin, '/System/ActivityLog/Entries?startIndex=5&limit=3');
    expect(rest.Items.map(({ Id }: { Id: number }) => Id)).toEqual([2, 1]);
    const since = new Date(jellyfin.date - 2000).toISOString();
    expect((await body(jellyfin, `/System/ActivityLog/Entries?minDate=${since}`)).TotalRecordCount).toBe(4);
    expect((await body(jellyfin, '/System/ActivityLog/Entries?hasUserId=true')).TotalRecordCount).toBe(2);
  });
});

describe('ffmpeg', () => {
  async function logOf(jellyfin: SimulatedJellyfin): Promise<string> {
    const files = (await body(jellyfin, '/System/Logs')) as readonly { readonly Name: string }[];
    const name = files.find(({ Name }) => Name.startsWith('FFmpeg.'))?.Name ?? '';
    return (await get(jellyfin, `/System/Logs/Log?name=${encodeURIComponent(name)}`)).text();
  }

  test('a device that is not there ends the log without a word of failure, and the server tells the code', async () => {
    const { jellyfin, clock } = await startJellyfin();
    jellyfin.play({ transcode: { hardware: 'vaapi', failure: { kind: 'no-device' } } });
    clock.advance(5000);
    const log = await logOf(jellyfin);
    expect(log).toContain('(hevc (native) -> h264 (h264_vaapi))');
    expect(log).toMatch(/Device setup failed[^\n]*\n$/);
    expect(jellyfin.logs.read('log_20261121.log')).toContain('[ERR] [');
    expect(jellyfin.truth.totals).toMatchObject({ starts: 0, ffmpegFailures: 1, ffmpegExitCodes: { 1: 1 } });
    const [session] = await body(jellyfin, '/Sessions');
    expect(session).not.toHaveProperty('NowPlayingItem');
    expect(session).toHaveProperty('TranscodingInfo');
  });

  test('a failed transcode that its client calls playing keeps the claim, and shows nothing', async () => {
    const { jellyfin, clock } = await startJellyfin();
    jellyfin.play({ user: 'marta', transcode: { failure: { kind: 'corrupt-file' } }, startsThoughFailed: true });
    clock.advance(20_000);
    const [session] = await body(jellyfin, '/Sessions');
    expect(session.PlayState.PlayMethod).toBe('Transcode');
    expect(session.TranscodingInfo).not.toHaveProperty('Framerate');
    expect(jellyfin.truth.totals).toMatchObject({ starts: 1, watchSeconds: { marta: 0 } });
    expect(await logOf(jellyfin)).toMatch(/Conversion failed!\n$/);
  });

  test('a seek starts another, and a stop lets it quit', async () => {
    const { jellyfin, clock } = await startJellyfin();
    const play = jellyfin.play({ transcode: {} });
    clock.advance(20_000);
    play.seek(3000);
    clock.advance(20_000);
    play.stop();
    clock.advance(2000);
    expect(jellyfin.truth.totals).toMatchObject({ starts: 1, ffmpegJobs: 2, ffmpegExitCodes: { 0: 2 } });
    const log = await logOf(jellyfin);
    expect(log).toContain(' -ss 00:50:00.000 ');
    expect(log).toContain('[q] command received. Exiting.');
    expect(log).toMatch(/video:\d+KiB audio:\d+KiB/);
  });

  test('who died keeps it at work until a minute after the idle check, and its end stays on the session', async () => {
    const { jellyfin, clock } = await startJellyfin();
    const play = jellyfin.play({ transcode: { speed: 1 } });
    clock.advance(20_000);
    play.kill();
    clock.advance(240_000);
    expect((await body(jellyfin, '/Sessions'))[0].TranscodingInfo).toHaveProperty('Framerate');
    clock.advance(600_000);
    const [session] = await body(jellyfin, '/Sessions');
    expect(session).not.toHaveProperty('NowPlayingItem');
    expect(session.TranscodingInfo).not.toHaveProperty('Framerate');
    expect(jellyfin.truth.totals.ffmpegExitCodes).toEqual({ 0: 1 });
  });

  test('the throttler stops it ahead of the viewer, and its average stands still', async () => {
    const { jellyfin, clock } = await startJellyfin();
    jellyfin.play({ transcode: { speed: 20, throttleAhead: 120 } });
    clock.advance(60_000);
    const percent = async (): Promise<number> =>
      (await body(jellyfin, '/Sessions'))[0].TranscodingInfo.CompletionPercentage;
    const before = await percent();
    clock.advance(700);
    expect(await percent()).toBe(before);
    clock.advance(60_000);
    expect(await percent()).toBeGreaterThan(before);
  });

  test('sessions copy the setting of hardware, whatever it uses, and others overwrite it by asking', async () => {
    const { jellyfin, clock } = await startJellyfin({ settings: { hardwareAcceleration: 'qsv' } });
    jellyfin.play({ user: 'jonas', transcode: {} });
    clock.advance(10_000);
    const hardware = async (): Promise<string> =>
      (await body(jellyfin, '/Sessions'))[0].TranscodingInfo.HardwareAccelerationType;
    expect(await hardware()).toBe('qsv');
    await get(jellyfin, '/Sessions', {
      authorization: `MediaBrowser Token="${jellyfin.people.account('marta').token}"`,
    });
    expect(await hardware()).toBe('none');
    clock.advance(1000);
    expect(await hardware()).toBe('qsv');
  });

  test('writes its logs into a directory too, dated by its own clock', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'jellyfin-'));
    const { jellyfin, clock } = await startJellyfin({ logDirectory: join(directory, 'log') });
    jellyfin.play({ transcode: {} });
    clock.advance(10_000);
    expect(readdirSync(join(directory, 'log'))).toHaveLength(jellyfin.logs.list.length);
    for (const { name, modified } of jellyfin.logs.list) {
      const file = join(directory, 'log', name);
      expect(readFileSync(file, 'utf8')).toBe(jellyfin.logs.read(name));
      expect(Math.round(statSync(file).mtimeMs)).toBe(modified);
    }
    expect(existsSync(join(directory, 'log', 'log_20261121.log'))).toBe(true);
    rmSync(directory, { recursive: true });
  });
});

describe('the server', () => {
  test('tells its own time, which may be ahead', async () => {
    const { jellyfin, clock } = await startJellyfin({ clockAheadMs: 90_000 });
    const answer = await get(jellyfin, '/health');
    expect(Date.parse(answer.headers.get('date') ?? '')).toBe(clock.date() + 90_000);
  });

  test('has a page of metrics of any size, without a resident size', async () => {
    const { jellyfin } = await startJellyfin({ settings: { extraSeries: 3000 } });
    const page = await (await get(jellyfin, '/metrics')).text();
    expect(page.length).toBeGreaterThan(500_000);
    expect(page).toContain('\nprocess_working_set_bytes 418979840\n');
    expect(page).not.toContain('process_resident_memory_bytes');
    jellyfin.settings.metrics = false;
    expect((await get(jellyfin, '/metrics')).status).toBe(404);
  });

  test('opens /System/Info to all before the wizard, and nothing else', async () => {
    const { jellyfin } = await startJellyfin({ settings: { wizardCompleted: false } });
    expect((await fetch(`${jellyfin.url}/System/Info`)).status).toBe(200);
    expect((await fetch(`${jellyfin.url}/Sessions`)).status).toBe(401);
  });

  test('compresses where it may, escapes what .NET escapes, and allows nothing but GET', async () => {
    const { jellyfin } = await startJellyfin();
    jellyfin.play({ device: 'Living "Room" TV\nüñí & more' });
    const { hostname, port } = new URL(jellyfin.url);
    const options = {
      hostname,
      port,
      path: '/Sessions',
      headers: { authorization: `MediaBrowser Token=${jellyfin.token}` },
    };
    const raw = await new Promise<string>((resolve) => {
      request(options, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => resolve(text));
      }).end();
    });
    expect(raw).toContain('"Living \\u0022Room\\u0022 TV\\n\\u00FC\\u00F1\\u00ED \\u0026 more"');
    const packed = await get(jellyfin, '/Sessions', { 'accept-encoding': 'gzip' });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(await packed.json()).toEqual(JSON.parse(raw));
    const { status, headers } = await fetch(`${jellyfin.url}/Sessions`, { method: 'POST' });
    expect([status, headers.get('allow')]).toEqual([405, 'GET']);
  });

  test('has a list of sessions of megabytes where queues are long, and a short one where queues are not told', async () => {
    const sizes: number[] = [];
    for (const version of ['10.11', '12.0'] as const) {
      const { jellyfin } = await startJellyfin({ version });
      const queue = Array.from({ length: 20 }, (_, number) => jellyfin.item('Music', number));
      for (let number = 0; number < 30; number += 1)
        jellyfin.play({ device: `Phone ${number}`, item: queue[0] as never, queue });
      sizes.push((await (await get(jellyfin, '/Sessions')).text()).length);
    }
    expect(sizes[0]).toBeGreaterThan(2_000_000);
    expect(sizes[1]).toBeLessThan(200_000);
  });

  test('has libraries of a hundred thousand items, made when they are asked for', async () => {
    const { jellyfin } = await startJellyfin({ libraries: [{ name: 'All', kind: 'movies', items: 100_000 }] });
    const query = '/Items?recursive=true&collapseBoxSetItems=false&includeItemTypes=Movie&sortBy=DateCreated';
    expect((await body(jellyfin, `${query}&limit=0&minWidth=3800`)).TotalRecordCount).toBeGreaterThan(5000);
    const page = await body(jellyfin, `${query}&startIndex=99500&limit=1000&fields=MediaSources`);
    expect(page.Items).toHaveLength(500);
    expect(page.Items[499].Id).toBe(jellyfin.item('All', 99_999).id);
  });

  test('tells how many requests wait for their answers', async () => {
    const { jellyfin, clock } = await startJellyfin();
    jellyfin.faults.switchOn({ kind: 'slow', ms: 5000 }, { endpoint: '/Users' });
    const waiting = [get(jellyfin, '/Users'), get(jellyfin, '/Users')];
    while (jellyfin.requests.held('/Users') < 2) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(5000);
    for (const answer of await Promise.all(waiting)) expect(answer.status).toBe(200);
    expect(jellyfin.requests.mostHeld('/Users')).toBe(2);
  });
});
