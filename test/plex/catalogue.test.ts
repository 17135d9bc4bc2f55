import { namedSamples, renderText } from '@media-exporter/metrics';
import { lint, parseText } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { SEED_CATALOGUE } from '../../packages/exporter/src/sources/plex/families/catalogue-seed.ts';
import { PLEX_CATALOGUE, plexFamilies } from '../../packages/exporter/src/sources/plex/families.ts';
import { playLabels } from '../../packages/exporter/src/sources/plex/labels.ts';
import {
  LIBRARIES,
  makeSession,
  NO_TOTALS,
  SERVER,
  STATE,
} from '../../packages/exporter/src/sources/plex/state.testing.ts';
import type { PlexTotals, SubtitleAction } from '../../packages/exporter/src/sources/plex/state.ts';
import { seedComplaints } from '../prometheus/golden.ts';
import { checkMetrics } from '../prometheus/promtool.ts';
import { CONTRACTS_MISSING, readContracts } from '../support/contract.ts';
import { describeWith, skipWithout } from '../support/tools.ts';

const ACTIONS: readonly SubtitleAction[] = ['burn', 'copy', 'transcode', 'none'];

/** A play for each subtitle action, one of them without a transcode. */
const TOTALS: PlexTotals = {
  ...NO_TOTALS,
  plays: ACTIONS.map((subtitleAction, index) => {
    const session = makeSession({ sessionKey: String(index), subtitleAction });
    const { transcodeKind: _, ...direct } = session;
    const shown = subtitleAction === 'none' ? direct : session;
    return { labels: playLabels(shown, SERVER, LIBRARIES, { bitrate: true }), plays: 1, seconds: 60 };
  }),
  transmitted: [{ scope: 'lan', account: 'Bob', bytes: 1000 }],
};

const families = () => plexFamilies(STATE, TOTALS, { up: true, sessionSeries: true });

skipWithout(CONTRACTS_MISSING, 'the contract of Plex', () => {
  const contract = readContracts().find(({ system }) => system === 'plex')?.metrics ?? [];

  test('is the catalogue: names, types and labels in their order', () => {
    const ours = SEED_CATALOGUE.map(({ name, type, labelNames }) => ({ name, type, labels: [...labelNames] }));
    expect(ours).toEqual(contract.map(({ name, type, labels }) => ({ name, type, labels })));
  });

  test('is what a server of which all is known exposes, with the label values that are known', () => {
    const exposed = new Map(parseText(renderText(families())).map((family) => [family.name, family]));
    for (const { name, type, labels, values = {} } of contract) {
      const family = families().find(({ metric }) => metric.name === name);
      expect(exposed.get(name)?.type, name).toBe(type);
      const series = family === undefined ? [] : [...namedSamples(family)];
      expect(series, name).not.toEqual([]);
      for (const one of series) {
        expect(Object.keys(one.labels).sort(), name).toEqual([...labels].sort());
        for (const [label, allowed] of Object.entries(values)) expect(allowed, name).toContain(one.labels[label]);
      }
    }
  });
});

test('the lint of names complains of nothing but the two gauges that the original exporter called totals', () => {
  const complaints = lint(PLEX_CATALOGUE).map(({ metric, problem }) => `${metric}: ${problem}`);
  expect(complaints).toEqual([
    'library_duration_total: only a counter should end in "_total"',
    'library_storage_total: only a counter should end in "_total"',
  ]);
});

describeWith('promtool', 'promtool', ({ promtool }) => {
  test('complains of those two alone', () => {
    const { complaints } = checkMetrics(promtool, renderText(families()));
    const known = seedComplaints().filter((complaint) => /^library_(duration|storage)_total /.test(complaint));
    expect(known).toHaveLength(2);
    expect([...complaints].sort()).toEqual(known);
  });
});
