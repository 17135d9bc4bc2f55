import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock } from '@media-exporter/metrics/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeIf } from '../../../../test/support/tools.ts';
import { type JellyfinVersion, SimulatedJellyfin } from './index.ts';

const RECORDED = join(import.meta.dirname, '../../../../../shared/fixtures/jellyfin/recorded');
const missing = existsSync(RECORDED) ? undefined : 'no ../shared/fixtures/jellyfin beside the checkout';

/** What is known of the values at one place of an answer. */
interface Shape {
  readonly types: Set<string>;
  /** How many objects have been seen there, and how many of them had each key. */
  objects: number;
  readonly keys: Map<string, number>;
}

type Shapes = Map<string, Shape>;

/**
 * The shapes of all places in a value. Objects with a Type are told apart by it: a Movie has other keys than an Audio,
 * and a session that plays others than one that does not.
 */
function learn(value: unknown, shapes: Shapes, place = ''): void {
  const kind = kindOf(value);
  const here = typeof value === 'object' && value !== null && !Array.isArray(value) ? `${place}${kind}` : place;
  const shape = shapes.get(here) ?? { types: new Set(), objects: 0, keys: new Map() };
  shapes.set(here, shape);
  shape.types.add(value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
  if (Array.isArray(value)) {
    for (const item of value) learn(item, shapes, `${place}[]`);
  } else if (typeof value === 'object' && value !== null) {
    shape.objects += 1;
    for (const [key, inner] of Object.entries(value)) {
      shape.keys.set(key, (shape.keys.get(key) ?? 0) + 1);
      // A stream looks the same wherever it is listed.
      learn(inner, shapes, key === 'MediaStreams' ? key : `${here}.${key}`);
    }
  }
}

function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  if ('Type' in value && typeof value.Type === 'string') return `<${value.Type}>`;
  return 'NowPlayingQueue' in value ? ('NowPlayingItem' in value ? '<playing>' : '<idle>') : '';
}

/** Places whose keys are data, or that depend on what the recorded server had. */
const DATA = /^\.WebFolder$|\.(ProviderIds|ImageTags|ImageBlurHashes|RequiredHttpHeaders|Trickplay)$|ExternalUrls/;

/** Keys that some of the recorded things always had because there were so few of them. */
const ACCIDENTAL: readonly RegExp[] = [
  /<(Movie|Video|Episode|Audio)>\.(Overview|PrimaryImageAspectRatio|ProductionYear|HasSubtitles|Container|RunTimeTicks|IsHD)$/,
  /^MediaStreams\[\]<\w+>\.(Language|NalLengthSize|Color\w+|Profile|BitDepth|Comment|CodecTag|LocalizedLanguage|AverageFrameRate)$/,
  /MediaSources\[\]<Default>\.(Bitrate|RunTimeTicks)$/,
  /PlayState\.(AudioStreamIndex|SubtitleStreamIndex)$/,
  /TranscodingInfo\.(VideoCodec|Width|Height|Framerate|CompletionPercentage)$/,
  /\.(TranscodingInfo|LastPausedDate|UserName|LastExecutionResult|CurrentProgressPercentage)$/,
];

/** What no recorded thing had, and others have. */
const UNRECORDED = /<(Episode|Video)>\.HasSubtitles$/;

/** What of the simulated answer the recorded ones do not know, or always have and the simulated one lacks. */
function differences(simulated: Shapes, recorded: Shapes): readonly string[] {
  const found: string[] = [];
  for (const [place, shape] of simulated) {
    const known = recorded.get(place);
    if (known === undefined || DATA.test(place)) continue; // its key is judged where it stands
    for (const type of shape.types) if (!known.types.has(type)) found.push(`${place} is ${type}`);
    for (const key of shape.keys.keys()) {
      if (!known.keys.has(key) && !UNRECORDED.test(`${place}.${key}`)) found.push(`${place}.${key} is not known`);
    }
    if (known.objects === 0 || shape.objects === 0) continue;
    for (const [key, times] of known.keys) {
      const name = `${place}.${key}`;
      if (times < known.objects || ACCIDENTAL.some((pattern) => pattern.test(name))) continue;
      if (shape.keys.get(key) !== shape.objects) found.push(`${name} is missing`);
    }
  }
  return found;
}

const SESSIONS = [
  'idle direct-play transcode-just-started transcode-running remux video-copied-audio-transcoded music-direct',
  'music-transcode paused burned-in-subtitles busiest additional-user failed-transcode-reported-as-playing',
  'transcoding-info-without-item hdr-4k-transcode end-of-evening',
].flatMap((names) => names.split(' ').map((name) => `sessions-${name}.json`));

const ANSWERS: readonly (readonly [path: string, files: readonly string[]])[] = [
  ['/Sessions', SESSIONS],
  ['/System/Info', ['system-info.json']],
  ['/System/Info/Public', ['system-info-public.json']],
  ['/System/Info/Storage', ['system-info-storage.json']],
  ['/System/Endpoint', ['system-endpoint.json']],
  ['/System/Configuration/encoding', ['encoding-config.json']],
  ['/Items/Counts', ['items-counts.json']],
  [
    '/Items?parentId=MOVIES&recursive=true&collapseBoxSetItems=false&includeItemTypes=Movie&fields=MediaSources&enableImages=false',
    ['items-walk-page.json'],
  ],
  [
    '/Items?parentId=MUSIC&recursive=true&collapseBoxSetItems=false&includeItemTypes=Audio&fields=MediaSources&enableImages=false',
    ['items-walk-page-music.json'],
  ],
  [
    '/Items?recursive=true&collapseBoxSetItems=false&includeItemTypes=Movie,Episode&sortBy=DateCreated&sortOrder=Descending&limit=20&enableUserData=false',
    ['items-recently-added.json'],
  ],
  [
    '/Items?userId=USER&recursive=true&collapseBoxSetItems=false&includeItemTypes=Episode&sortBy=PlayCount&sortOrder=Descending&limit=1&enableImages=false',
    ['items-play-counts-of-a-user.json'],
  ],
  ['/Library/VirtualFolders', ['virtual-folders.json']],
  ['/Users', ['users.json']],
  ['/Devices', ['devices.json']],
  ['/Plugins', ['plugins.json']],
  ['/ScheduledTasks', ['idle', 'scanning', 'cancelling', 'after-cancel'].map((name) => `scheduled-tasks-${name}.json`)],
  ['/System/ActivityLog/Entries', ['activity-log.json']],
  ['/System/Logs', ['system-logs.json']],
];

/** A server on which a bit of everything goes on. */
async function busy(version: JellyfinVersion): Promise<SimulatedJellyfin> {
  const clock = new ManualClock(Date.UTC(2026, 10, 21, 20));
  const jellyfin = new SimulatedJellyfin({ clock, version });
  await jellyfin.listen();
  const film = (number: number) => jellyfin.item('Movies', number);
  const play = jellyfin.play({ user: 'admin', device: 'TV', item: film(1) });
  jellyfin
    .play({ user: 'marta', device: 'Phone', item: jellyfin.item('Shows', 3), transcode: { kind: 'audio' } })
    .join('jonas');
  jellyfin.play({ user: 'jonas', device: 'Tab', item: film(2), transcode: { kind: 'remux', speed: 20 } });
  jellyfin.play({
    user: 'jonas',
    device: 'Car',
    item: jellyfin.item('Music', 1),
    queue: [0, 1].map((number) => jellyfin.item('Music', number)),
  });
  jellyfin.play({ user: 'marta', device: 'Radio', item: jellyfin.item('Music', 2), transcode: { speed: 10 } });
  jellyfin.play({ user: 'marta', device: 'Old TV', item: film(4), transcode: { failure: { kind: 'no-device' } } });
  jellyfin.play({ user: 'marta', device: 'Roku', item: film(5), transcode: {}, subtitleIndex: 3 });
  jellyfin.browse({ user: 'marta' });
  jellyfin.people.failLogin('marta');
  jellyfin.people.add({ name: 'guest' });
  jellyfin.people.remove('guest');
  clock.advance(15_000);
  play.pause();
  jellyfin.tasks.run('RefreshLibrary', { durationMs: 1000 });
  clock.advance(2000);
  jellyfin.tasks.run('RefreshLibrary', { durationMs: 60_000 });
  clock.advance(2000);
  return jellyfin;
}

describeIf(missing, 'held against recorded answers', () => {
  for (const version of ['10.11', '12.0'] as const) {
    let jellyfin: SimulatedJellyfin;
    beforeAll(async () => {
      jellyfin = await busy(version);
    });
    afterAll(() => jellyfin.close());

    test.each(ANSWERS)(`${version}: %s has the same keys, casing and types`, async (path, files) => {
      const recorded: Shapes = new Map();
      for (const file of files) learn(JSON.parse(readFileSync(join(RECORDED, version, file), 'utf8')), recorded);
      const full = path
        .replace('MOVIES', jellyfin.libraries[0]?.id ?? '')
        .replace('MUSIC', jellyfin.libraries[2]?.id ?? '')
        .replace('USER', jellyfin.people.account('marta').id);
      const headers = { authorization: `MediaBrowser Token="${jellyfin.token}"` };
      const answer = await fetch(`${jellyfin.url}${full}`, { headers });
      const text = await answer.text();
      expect(text).not.toMatch(/^\[\]$|"Items":\[\]/);
      const simulated: Shapes = new Map();
      learn(JSON.parse(text), simulated);
      expect(differences(simulated, recorded)).toEqual([]);
    });
  }
});
