import fc from 'fast-check';
import type {
  ClientOptions,
  HttpFault,
  JellyfinVersion,
  PlayMethod,
  PlayOptions,
  RestartOptions,
  TranscodeOptions,
} from '../../../../../simulators/src/jellyfin/index.ts';

/** Something that a viewer does with a player that plays, so many milliseconds after what he did before. */
export type Turning = { readonly after: number } & (
  | { readonly does: 'pause'; readonly silent: boolean }
  | { readonly does: 'resume' | 'leave' }
  /** `to`: a part of the item. */
  | { readonly does: 'seek'; readonly to: number }
  | { readonly does: 'change quality'; readonly transcode: TranscodeOptions | undefined }
  | { readonly does: 'play next'; readonly item: number; readonly stopped: boolean }
  | { readonly does: 'join'; readonly user: number }
);

/** How it ends. `lost`: the report of the end is lost, `late`: another one comes after it; one that dies reports nothing. */
export interface Ending {
  readonly after: number;
  readonly does: 'stop' | 'stop, lost' | 'stop, late' | 'die' | 'sign out';
}

export type Act = Turning | Ending;

/** From the start of a player to its end. Times are milliseconds. */
export interface Visit {
  readonly after: number;
  readonly user: number;
  readonly item: number;
  /** A part of the item. */
  readonly from: number;
  readonly options: Pick<PlayOptions, 'transcode' | 'claim' | 'startAfterMs' | 'startsThoughFailed'>;
  readonly acts: readonly Act[];
}

export interface RandomClient extends Required<Pick<ClientOptions, 'client' | 'deviceId'>> {
  readonly visits: readonly Visit[];
}

/** Something that goes wrong, with its time in milliseconds. */
export interface RandomTrouble {
  readonly at: number;
  readonly does:
    | { readonly restart: RestartOptions }
    | { readonly fault: HttpFault; readonly endpoint: string | undefined; readonly forMs: number };
}

/** Plain, so that one that fails can be read. */
export interface RandomEvening {
  readonly version: JellyfinVersion;
  readonly users: number;
  readonly clockAheadMs: number;
  readonly clients: readonly RandomClient[];
  readonly troubles: readonly RandomTrouble[];
  /** In this second the exporter is stopped, and in that it begins again with what it has kept. */
  readonly exporterAway: { readonly from: number; readonly to: number } | undefined;
}

const MOST_USERS = 6;
const ITEMS = 6;
const TROUBLES_MS = 500_000;

const USER = fc.nat(MOST_USERS - 1);
/** Few, so that one is played again, and in two places. */
const ITEM = fc.nat(ITEMS - 1);
const PART = fc.integer({ min: 0, max: 80 }).map((percent) => percent / 100);

/** Shorter than a poll, some polls, and longer than the server waits for who fell silent. */
const TIME = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 100, max: 15_000 }) },
  { weight: 12, arbitrary: fc.integer({ min: 15_000, max: 90_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 120_000, max: 700_000 }) },
);

const TRANSCODE: fc.Arbitrary<TranscodeOptions | undefined> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(undefined) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<TranscodeOptions>(
      { speed: 3 },
      { kind: 'remux' },
      { kind: 'audio', reasons: ['AudioCodecNotSupported'] },
      { speed: 8, throttleAhead: 30 },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      failure: fc.oneof(
        fc.record({ kind: fc.constantFrom('missing-file', 'corrupt-file', 'no-device') }),
        fc.record({ kind: fc.constantFrom('conversion', 'killed'), afterMs: fc.integer({ min: 3_000, max: 60_000 }) }),
      ),
    }),
  },
);

const TURNING: fc.Arbitrary<Turning> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ after: TIME, does: fc.constant('pause'), silent: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ after: TIME, does: fc.constant('resume') }) },
  { weight: 3, arbitrary: fc.record({ after: TIME, does: fc.constant('seek'), to: PART }) },
  { weight: 2, arbitrary: fc.record({ after: TIME, does: fc.constant('change quality'), transcode: TRANSCODE }) },
  {
    weight: 2,
    arbitrary: fc.record({ after: TIME, does: fc.constant('play next'), item: ITEM, stopped: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ after: TIME, does: fc.constant('join'), user: USER }) },
  { weight: 1, arbitrary: fc.record({ after: TIME, does: fc.constant('leave') }) },
) as fc.Arbitrary<Turning>;

const ENDING: fc.Arbitrary<Ending> = fc.record({
  after: TIME,
  does: fc.constantFrom('stop', 'stop', 'stop', 'stop, late', 'stop, lost', 'die', 'sign out'),
});

/** From the end of the visit before. */
const PAUSE = fc.oneof(fc.integer({ min: 1_500, max: 15_000 }), fc.integer({ min: 1_500, max: 90_000 }));

const PLAYED: fc.Arbitrary<Visit> = fc
  .record({
    after: PAUSE,
    user: USER,
    item: ITEM,
    from: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: PART }),
    transcode: TRANSCODE,
    claim: fc.option(fc.constantFrom<PlayMethod>('DirectPlay', 'DirectStream', 'Transcode'), { freq: 5 }),
    startAfterMs: fc.option(fc.constant(13_000), { freq: 1 }),
    acts: fc.array(TURNING, { maxLength: 4 }),
    end: ENDING,
  })
  .map(({ acts, end, transcode, claim, startAfterMs, ...visit }) => ({
    ...visit,
    options: {
      ...(transcode !== undefined && { transcode }),
      ...(claim !== null && { claim }),
      ...(startAfterMs !== null && { startAfterMs }),
    },
    acts: [...acts, end],
  }));

/** Its client calls it playing until the viewer gives up. */
const FAILED: fc.Arbitrary<Visit> = fc.record({
  after: PAUSE,
  user: USER,
  item: ITEM,
  from: fc.constant(0),
  options: fc.constant({ transcode: { failure: { kind: 'corrupt-file' as const } }, startsThoughFailed: true }),
  acts: fc.tuple(fc.record({ after: fc.integer({ min: 5_000, max: 20_000 }), does: fc.constant('stop' as const) })),
});

const VISIT = fc.oneof({ weight: 12, arbitrary: PLAYED }, { weight: 1, arbitrary: FAILED });

const CLIENT: fc.Arbitrary<RandomClient> = fc.record({
  client: fc.constant(''),
  deviceId: fc.constantFrom('tv', 'tv', 'phone', 'tablet', 'browser', 'box', 'console', 'radio'),
  visits: fc.array(VISIT, { minLength: 1, maxLength: 3 }),
});

const FAULT: fc.Arbitrary<HttpFault> = fc.constantFrom<HttpFault>(
  { kind: 'status', status: 500 },
  { kind: 'status', status: 502 },
  { kind: 'status', status: 503 },
  { kind: 'reset' },
  { kind: 'broken-off' },
  { kind: 'slow' },
  { kind: 'slow', ms: 3_000 },
);

const ENDPOINT = fc.constantFrom(undefined, '/Sessions', '/System/ActivityLog/Entries', '/System/Logs');

const TROUBLE: fc.Arbitrary<RandomTrouble> = fc.record({
  at: fc.integer({ min: 5_000, max: TROUBLES_MS }),
  does: fc.oneof(
    {
      weight: 2,
      arbitrary: fc.record({
        fault: FAULT,
        endpoint: ENDPOINT,
        forMs: fc.oneof(
          fc.integer({ min: 1_000, max: 9_000 }),
          fc.integer({ min: 9_000, max: 60_000 }),
          fc.integer({ min: 60_000, max: 300_000 }),
        ),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        restart: fc.record({
          kind: fc.constantFrom('in-place', 'sigterm', 'kill'),
          downMs: fc.oneof(fc.integer({ min: 100, max: 5_000 }), fc.integer({ min: 5_000, max: 100_000 })),
          loadingMs: fc.integer({ min: 500, max: 15_000 }),
        }),
      }),
    },
  ),
});

/** A household of some people on some devices, and in half of the cases troubles. */
export const RANDOM_EVENING: fc.Arbitrary<RandomEvening> = fc
  .record({
    version: fc.constantFrom<JellyfinVersion>('10.8', '10.11', '12.0'),
    users: fc.integer({ min: 2, max: MOST_USERS }),
    clockAheadMs: fc.constantFrom(0, 0, 400, 3_600_000, -90_000),
    clients: fc.array(CLIENT, { minLength: 1, maxLength: 8 }),
    exporterAway: fc.option(
      fc.tuple(fc.integer({ min: 30, max: 400 }), fc.integer({ min: 2, max: 50 })).map(([from, seconds]) => {
        return { from, to: from + seconds };
      }),
      { nil: undefined, freq: 1 },
    ),
    troubles: fc.oneof(fc.constant([]), fc.array(TROUBLE, { minLength: 1, maxLength: 3 })),
  })
  .map((evening) => ({
    ...evening,
    clients: evening.clients.map((client, index) => ({ ...client, client: `Client ${index + 1}` })),
  }));
