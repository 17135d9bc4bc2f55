import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock } from '@media-exporter/metrics/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeIf } from '../../../../test/support/tools.ts';
import { endpointOf } from './api/routes.ts';
import { SimulatedJellyfin } from './index.ts';

const RECORDED = join(import.meta.dirname, '../../../../../shared/fixtures/jellyfin/recorded');
const missing = existsSync(RECORDED) ? undefined : 'no ../shared/fixtures/jellyfin beside the checkout';

// biome-ignore lint/suspicious/noExplicitAny: read as it was written.
function recorded(version: string, name: string): any {
  return JSON.parse(readFileSync(join(RECORDED, version, name), 'utf8'));
}

/** What a probe saw. */
interface Probe {
  readonly error?: string;
  readonly status?: number;
  readonly contentType?: string;
  readonly retryAfter?: string;
  readonly responseTimeHeader?: boolean;
  readonly casing?: string;
}

function summary({ error, status, contentType, retryAfter, responseTimeHeader, casing }: Probe): string {
  return error ?? [status, contentType, retryAfter, responseTimeHeader, casing].join(' ');
}

async function probe(url: string, headers: Record<string, string>): Promise<Probe> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      headers: { ...headers, accept: 'application/json; profile="PascalCase"' },
      redirect: 'manual',
    });
  } catch (error) {
    return { error: (error as { cause: { code: string } }).cause.code };
  }
  const text = await answer.text();
  const [contentType, retryAfter] = [answer.headers.get('content-type'), answer.headers.get('retry-after')];
  const casing = !text.startsWith('{') ? undefined : text.startsWith('{"local') ? 'camel' : 'Pascal';
  return {
    status: answer.status,
    ...(contentType !== null && { contentType }),
    ...(retryAfter !== null && { retryAfter }),
    ...(casing !== undefined && { casing }),
    responseTimeHeader: answer.headers.has('x-response-time-ms'),
  };
}

/** A sequence without repetitions. */
function folded(steps: readonly string[]): readonly string[] {
  return steps.filter((step, index) => step !== steps[index - 1]);
}

/** How a request carries the key, by the words of the recording. */
const FORMS: Readonly<Record<string, (key: string) => { headers?: Record<string, string>; query?: string }>> = {
  none: () => ({}),
  'Authorization: MediaBrowser Token="K"': (key) => ({ headers: { authorization: `MediaBrowser Token="${key}"` } }),
  'Authorization: MediaBrowser Token=K (no quotes)': (key) => ({
    headers: { authorization: `MediaBrowser Token=${key}` },
  }),
  'Authorization: MediaBrowser Token="percent-encoded"': (key) => ({
    headers: {
      authorization: `MediaBrowser Token="${[...key].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('')}"`,
    },
  }),
  'Authorization: mediabrowser token="K" (lower case)': (key) => ({
    headers: { authorization: `mediabrowser token="${key}"` },
  }),
  'Authorization: MediaBrowser with Client,Device,DeviceId,Version': (key) => ({
    headers: { authorization: `MediaBrowser Client="a", Device="b", DeviceId="c", Version="1", Token="${key}"` },
  }),
  'Authorization: Emby Token="K"': (key) => ({ headers: { authorization: `Emby Token="${key}"` } }),
  'Authorization: Bearer K': (key) => ({ headers: { authorization: `Bearer ${key}` } }),
  'Authorization: K': (key) => ({ headers: { authorization: key } }),
  'X-Emby-Authorization: MediaBrowser Token="K"': (key) => ({
    headers: { 'x-emby-authorization': `MediaBrowser Token="${key}"` },
  }),
  'X-Emby-Token: K': (key) => ({ headers: { 'x-emby-token': key } }),
  'X-MediaBrowser-Token: K': (key) => ({ headers: { 'x-mediabrowser-token': key } }),
  '?ApiKey=K': (key) => ({ query: `?ApiKey=${key}` }),
  '?apikey=K': (key) => ({ query: `?apikey=${key}` }),
  '?api_key=K': (key) => ({ query: `?api_key=${key}` }),
  '?apiKey=K': (key) => ({ query: `?apiKey=${key}` }),
  'wrong token': () => ({ headers: { authorization: 'MediaBrowser Token="wrong"' } }),
  'empty token': () => ({ headers: { authorization: 'MediaBrowser Token=""' } }),
  'API key, upper case': (key) => ({ headers: { authorization: `MediaBrowser Token="${key.toUpperCase()}"` } }),
  'API key with trailing newline (%0A)': (key) => ({ headers: { authorization: `MediaBrowser Token="${key}%0A"` } }),
  'good header and wrong ?ApiKey': (key) => ({
    headers: { authorization: `MediaBrowser Token="${key}"` },
    query: '?ApiKey=wrong',
  }),
};

describeIf(missing, 'held against a recorded server', () => {
  describe.each(['10.11', '12.0'] as const)('%s', (version) => {
    let clock: ManualClock;
    let jellyfin: SimulatedJellyfin;

    beforeEach(async () => {
      clock = new ManualClock();
      jellyfin = new SimulatedJellyfin({ clock, version });
      await jellyfin.listen();
    });
    afterEach(() => jellyfin.close());

    test('takes the key in the same forms', async () => {
      const { how } = recorded(version, 'auth-matrix.json');
      expect(Object.keys(FORMS)).toEqual(Object.keys(how));
      for (const [form, request] of Object.entries(FORMS)) {
        const { headers = {}, query = '' } = request(jellyfin.token);
        const { status } = await fetch(`${jellyfin.url}/Sessions${query}`, { headers });
        expect(status, form).toBe(how[form]['/Sessions']);
      }
    });

    test('allows the same to the same', async () => {
      const { who } = recorded(version, 'auth-matrix.json');
      const tokens: Record<string, string> = {
        none: '',
        'API key': jellyfin.token,
        'admin user token': jellyfin.people.account('admin').token,
        'normal user token': jellyfin.people.account('marta').token,
        'wrong token': 'wrong',
      };
      clock.advance(1000);
      jellyfin.browse();
      const known = Object.keys(who).filter(
        (path) => endpointOf(path.replace(/\?.*/, '')) !== undefined && !path.includes('log_'),
      );
      expect(known.length).toBeGreaterThan(15);
      for (const path of known) {
        for (const [caller, token] of Object.entries(tokens)) {
          const url = `${jellyfin.url}${path.replace('USERID', jellyfin.people.account('marta').id)}`;
          const headers: Record<string, string> =
            token === '' ? {} : { authorization: `MediaBrowser Token="${token}"` };
          expect((await fetch(url, { headers })).status, `${path} as ${caller}`).toBe(who[path][caller]);
        }
      }
    });

    test('goes through the same answers from SIGTERM to ready', async () => {
      const { seq } = recorded(version, 'startup-sequence.json').sigtermAndStart;
      const paths = Object.keys(seq).filter((path) => path !== '/');
      const seen: Record<string, string[]> = Object.fromEntries(paths.map((path) => [path, []]));
      for (let at = 0; at < 16_000; at += 500) {
        if (at === 2000) jellyfin.restart({ kind: 'sigterm' });
        for (const path of paths) {
          const [endpoint = '', key] = path.split(' ');
          const headers: Record<string, string> =
            key === '(key)' ? { authorization: `MediaBrowser Token="${jellyfin.token}"` } : {};
          seen[path]?.push(summary(await probe(`${jellyfin.url}${endpoint}`, headers)));
        }
        await clock.tick(500);
        await jellyfin.settled;
      }
      for (const path of paths) {
        const expected = folded((seq[path] as readonly Probe[]).map(summary));
        expect(folded(seen[path] ?? []), path).toEqual(expected);
      }
    });

    test('tells of the progress of ffmpeg in lines of the same form', () => {
      const time = /time=-?\d\d:\d\d:\d\d\.\d\d bitrate=\S+ (dup=\d+ drop=\d+ )?speed=( *[\d.e+]+x|N\/A) *$/.source;
      const form = new RegExp(`^(frame= *\\d+ fps= *[\\d.]+ q=-?[\\d.]+ )?L?size=\\S+ ${time}`);
      const status = /^(frame|size)=.*speed=.*$/gm; // those that were cut in the recording begin with something else
      const folder = join(RECORDED, version, 'ffmpeg-logs');
      const real = readdirSync(folder).filter((name) => name.endsWith('.log'));
      const lines = real.flatMap((name) => readFileSync(join(folder, name), 'utf8').match(status) ?? []);
      jellyfin.play({ transcode: {} });
      jellyfin.play({ item: jellyfin.item('Music', 0), transcode: { speed: 30 }, device: 'Radio' });
      clock.advance(15_000);
      const own = jellyfin.logs.list.flatMap(({ name }) => jellyfin.logs.read(name)?.match(status) ?? []);
      expect(own.length).toBeGreaterThan(20);
      expect(own.filter((line) => !form.test(line))).toEqual([]);
      const packed = lines.map((line) => line.replace(/(size|bitrate)= +/g, '$1='));
      expect(packed.length).toBeGreaterThan(100);
      expect(packed.filter((line) => !form.test(line))).toEqual([]);
    });
  });
});
