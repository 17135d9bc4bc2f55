import { evening, type SimulatedPlex } from '@media-exporter/simulators/plex';
import { expect, test } from 'vitest';
import { SourceBench } from '../../../../../test/support/plex/source-bench.ts';
import { compareWithTruth } from '../../../../../test/support/plex/truth.ts';

/** Milliseconds: hours are turned second by second. */
const TIMEOUT = 120_000;

function expectTruth(bench: SourceBench, seconds: number): void {
  for (const [who, { counted, true: truth }] of compareWithTruth(bench.exposition(), bench.plex)) {
    expect.soft(counted.plays, who).toBe(truth.plays);
    expect
      .soft(Math.abs(counted.seconds - truth.seconds), `${who}: ${counted.seconds} for ${truth.seconds}`)
      .toBeLessThanOrEqual(seconds);
  }
  const { lan, wan } = bench.plex.truth.transmittedBytes;
  expect(bench.sum('transmit_bytes_total')).toBe(lan + wan);
  expect(bench.sum('media_plays_total')).toBe(bench.plex.truth.total({ kind: 'play' }).plays);
}

test.each([1, 2])(
  'every play of an evening is counted once, to within one look at the sessions (%i)',
  async (seed) => {
    const bench = await SourceBench.start({ settings: { fold_after: '24h' } });
    const { durationMs } = evening(bench.plex, { sessions: 40, seed });
    await bench.advance(durationMs / 1000);
    expectTruth(bench, 10);
  },
  TIMEOUT,
);

test.each(['2019', 'quoted'] as const)(
  'a server that writes numbers as texts is understood as well (%s)',
  async (dialect) => {
    const bench = await SourceBench.start({ settings: { fold_after: '24h' }, plex: { settings: { dialect } } });
    const { durationMs } = evening(bench.plex, { sessions: 15, restart: false });
    await bench.advance(durationMs / 1000);
    expectTruth(bench, 10);
  },
  TIMEOUT,
);

function during(plex: SimulatedPlex, minute: number, minutes: number, begin: () => { end(): void }): void {
  plex.after(minute * 60_000, () => {
    const fault = begin();
    plex.after(minutes * 60_000, () => fault.end());
  });
}

test(
  'trouble with the server and the socket costs no play, and what an outage hides at most',
  async () => {
    const bench = await SourceBench.start({ settings: { fold_after: '24h' } });
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
    await bench.advance(durationMs / 1000 + 1200);
    // A play that begins while nothing answers is seen late.
    expectTruth(bench, 15);
  },
  TIMEOUT,
);
