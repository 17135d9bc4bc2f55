import { evening, type SimulatedPlex } from '@media-exporter/simulators/plex';
import { afterEach, expect, test } from 'vitest';
import { PlexBench } from '../../../../../test/support/plex/bench.ts';

let bench: PlexBench;
afterEach(() => bench.close());

interface Sum {
  plays: number;
  seconds: number;
}

/** What was counted and what is true, by who played what on which kind of player. */
function compare(): Map<string, { counted: Sum; true: Sum }> {
  const sums = new Map<string, { counted: Sum; true: Sum }>();
  const entry = (key: string): { counted: Sum; true: Sum } => {
    const found = sums.get(key) ?? { counted: { plays: 0, seconds: 0 }, true: { plays: 0, seconds: 0 } };
    sums.set(key, found);
    return found;
  };
  for (const [field, name] of [
    ['plays', 'plays_total'],
    ['seconds', 'play_seconds_total'],
  ] as const) {
    const found = bench.families.find(({ metric }) => metric.name === name);
    for (const { labels, value } of found?.samples ?? []) {
      const label = (wanted: string): string => labels[found?.metric.labelNames.indexOf(wanted) ?? 0] ?? '';
      const title = label('grandchild_title') || label('title');
      entry(`${label('user')}, ${title}, ${label('device_type')}`).counted[field] += Number(value);
    }
  }
  for (const { identity, plays, seconds } of bench.plex.truth.records) {
    if (identity.kind === 'theme' || identity.kind === 'ghost') continue;
    const product = bench.plex.players.find(({ title }) => title === identity.player)?.product;
    const { true: sum } = entry(`${identity.user}, ${identity.title}, ${product}`);
    sum.plays += plays;
    sum.seconds += seconds;
  }
  return sums;
}

function expectTruth(seconds: number): void {
  for (const [who, { counted, true: truth }] of compare()) {
    expect.soft(counted.plays, who).toBe(truth.plays);
    expect
      .soft(Math.abs(counted.seconds - truth.seconds), `${who}: ${counted.seconds} for ${truth.seconds}`)
      .toBeLessThanOrEqual(seconds);
  }
  const { lan, wan } = bench.plex.truth.transmittedBytes;
  expect(bench.sum('transmit_bytes_total')).toBe(lan + wan);
  expect(bench.sum('media_plays_total')).toBe(bench.plex.truth.total({ kind: 'play' }).plays);
}

test.each([1, 2])('every play of an evening is counted once, to within one look at the sessions (%i)', async (seed) => {
  bench = await PlexBench.start({ settings: { fold_after: '24h' } });
  const { durationMs } = evening(bench.plex, { sessions: 40, seed });
  await bench.pass(durationMs / 1000);
  expectTruth(10);
});

test.each(['2019', 'quoted'] as const)(
  'a server that writes numbers as texts is understood as well (%s)',
  async (dialect) => {
    bench = await PlexBench.start({ settings: { fold_after: '24h' }, plex: { settings: { dialect } } });
    const { durationMs } = evening(bench.plex, { sessions: 15, restart: false });
    await bench.pass(durationMs / 1000);
    expectTruth(10);
  },
);

function during(plex: SimulatedPlex, minute: number, minutes: number, begin: () => { end(): void }): void {
  plex.after(minute * 60_000, () => {
    const fault = begin();
    plex.after(minutes * 60_000, () => fault.end());
  });
}

test('trouble with the server and the socket costs no play, and what an outage hides at most', async () => {
  bench = await PlexBench.start({ settings: { fold_after: '24h' } });
  const { plex } = bench;
  const { durationMs } = evening(plex, { sessions: 40 });
  const { faults, socketFaults: socket } = plex;
  during(plex, 8, 1, () => faults.switchOn({ kind: 'status', status: 503 }));
  during(plex, 16, 1, () => faults.switchOn({ kind: 'html' }, { endpoint: '/status/sessions' }));
  during(plex, 22, 2, () => faults.switchOn({ kind: 'truncated' }));
  during(plex, 31, 1, () => faults.switchOn({ kind: 'reset' }));
  during(plex, 38, 3, () => socket.switchOn({ kind: 'lost', state: 'stopped' }));
  during(plex, 45, 2, () => faults.switchOn({ kind: 'wrong-types' }, { endpoint: '/statistics/bandwidth' }));
  during(plex, 52, 3, () => faults.switchOn({ kind: 'shuffled' }, { endpoint: '/statistics/bandwidth' }));
  during(plex, 59, 2, () => socket.switchOn({ kind: 'half-open' }));
  during(plex, 66, 2, () => socket.switchOn({ kind: 'duplicated' }));
  during(plex, 72, 2, () => socket.switchOn({ kind: 'reordered' }));
  during(plex, 78, 2, () => socket.switchOn({ kind: 'garbage' }));
  during(plex, 100, 1, () => faults.switchOn({ kind: 'status', status: 401 }));
  during(plex, 116, 1, () =>
    faults.switchOn({ kind: 'oversized', mebibytes: 80 }, { endpoint: '/status/sessions', requests: 1 }),
  );
  during(plex, 124, 2, () => socket.switchOn({ kind: 'refuse', status: 503 }));
  await bench.pass(durationMs / 1000 + 1200);
  // A play that begins while nothing answers is seen late.
  expectTruth(15);
}, 120_000);
