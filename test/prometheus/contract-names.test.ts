import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTRACTS_MISSING, readContracts } from '../support/contract.ts';
import { type FamilyServer, serveFamilies } from '../support/families.ts';
import { EVENTUALLY, type RunningPrometheus, SCRAPE_PROTOCOLS, startPrometheus } from '../support/prometheus.ts';
import { describeWith, skipWithout } from '../support/tools.ts';
import { contractFamilies } from './contract-families.ts';
import { expectedSeries, type Stored, storedSeries } from './stored.ts';

const contracts = readContracts();

skipWithout(CONTRACTS_MISSING, 'the names of the seeds', () => {
  describeWith('prometheus', 'scraped by a real Prometheus', ({ prometheus }) => {
    let server: FamilyServer;
    let running: RunningPrometheus;

    beforeAll(async () => {
      server = await serveFamilies(
        Object.fromEntries(contracts.map((contract) => [`/${contract.system}`, contractFamilies(contract)])),
      );
      running = await startPrometheus(
        prometheus,
        contracts.flatMap(({ system }) =>
          SCRAPE_PROTOCOLS.map((protocol) => ({
            job_name: `${system} ${protocol}`,
            metrics_path: `/${system}`,
            scrape_protocols: [protocol],
            static_configs: [{ targets: [server.target] }],
          })),
        ),
      );
    });
    afterAll(async () => {
      await running?.stop();
      await server?.close();
    });

    describe.each(SCRAPE_PROTOCOLS)('over %s', (protocol) => {
      test.each(contracts)('those of $system are stored unchanged, with their values', async (contract) => {
        const job = `${contract.system} ${protocol}`;
        await running.scraped(job);
        const expected = expectedSeries(contractFamilies(contract), { native: false });
        const stored = async (): Promise<Stored> => storedSeries(await running.query(`{job=${JSON.stringify(job)}}`));
        await expect.poll(stored, EVENTUALLY).toEqual(expected);
      });
    });
  });
});
