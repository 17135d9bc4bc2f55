import { renderText } from '@media-exporter/metrics';
import { expect, test } from 'vitest';
import { CONTRACTS_MISSING, readContracts } from '../support/contract.ts';
import { describeWith, skipWithout } from '../support/tools.ts';
import { contractFamilies } from './contract-families.ts';
import { seedComplaints } from './golden.ts';
import { checkMetrics } from './promtool.ts';
import { gatherRichFamilies } from './rich-families.ts';

describeWith('promtool', 'promtool check metrics', ({ promtool }) => {
  test('reads every kind of sample and finds nothing to complain of', async () => {
    const families = (await gatherRichFamilies()).filter(({ metric }) => metric.name !== 'größe.in-cm');
    expect(checkMetrics(promtool, renderText(families))).toEqual({ status: 0, complaints: [] });
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
