import { AGGREGATED_CATALOGUE } from '@media-exporter/mediasoup';
import { renderText } from '@media-exporter/metrics';
import { MEDIA_CATALOGUE } from '@media-exporter/model';
import { expect, test } from 'vitest';
import { CHAPTERS } from '../../scripts/docs/chapters.ts';
import { CONTRACTS_MISSING, readContracts } from '../support/contract.ts';
import { describeWith, skipWithout } from '../support/tools.ts';
import { contractFamilies } from './contract-families.ts';
import { exampleFamily } from './example-families.ts';
import { aggregatedComplaints, seedComplaints, unifiedComplaints } from './golden.ts';
import { checkMetrics } from './promtool.ts';
import { gatherRichFamilies } from './rich-families.ts';

describeWith('promtool', 'promtool check metrics', ({ promtool }) => {
  test('reads every kind of sample and finds nothing to complain of', async () => {
    const families = (await gatherRichFamilies()).filter(({ metric }) => metric.name !== 'größe.in-cm');
    expect(checkMetrics(promtool, renderText(families))).toEqual({ status: 0, complaints: [] });
  });

  test.each(CHAPTERS)('has nothing against the catalogue of "$title" but what the golden lists say', (chapter) => {
    const families = chapter.catalogue.map((metric) => exampleFamily(metric));
    const { complaints } = checkMetrics(promtool, renderText(families));
    const known = [...seedComplaints(), ...aggregatedComplaints(), ...unifiedComplaints()];
    expect(complaints.filter((complaint) => !known.includes(complaint))).toEqual([]);
  });

  test('complains of the aggregated set exactly as its golden list says', () => {
    const { complaints } = checkMetrics(
      promtool,
      renderText(AGGREGATED_CATALOGUE.map((metric) => exampleFamily(metric))),
    );
    expect([...complaints].sort()).toEqual(aggregatedComplaints());
  });

  test('complains of the vocabulary that all servers share exactly as its golden list says', () => {
    const families = MEDIA_CATALOGUE.map((metric) => exampleFamily(metric));
    expect([...checkMetrics(promtool, renderText(families)).complaints].sort()).toEqual(unifiedComplaints());
  });

  test('tells a bad exposition from a good one', () => {
    expect(checkMetrics(promtool, 'rooms three\n').status).toBe(1);
    expect(checkMetrics(promtool, '# HELP rooms_total r\n# TYPE rooms_total gauge\nrooms_total 3\n').status).toBe(3);
  });

  skipWithout(CONTRACTS_MISSING, 'complains of the names of the seeds', () => {
    test('exactly as the golden list says', () => {
      const complaints = readContracts().flatMap(
        (contract) => checkMetrics(promtool, renderText(contractFamilies(contract))).complaints,
      );
      expect(complaints.sort()).toEqual(seedComplaints());
    });
  });
});
