import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { ExporterBench } from '../support/plex/exporter-bench.ts';
import { skipWithout } from '../support/tools.ts';

const CHECK = join(import.meta.dirname, '../../../shared/contract/check.mjs');

skipWithout(
  existsSync(CHECK) ? undefined : 'the contract is not beside this repository',
  'the contract of Plex',
  () => {
    test('is kept by the drop-in, with somebody who watches and somebody who has watched', async () => {
      const bench = await ExporterBench.start();
      const { plex, exporter } = bench;
      plex.play({ item: '1002', location: 'wan', transcode: { bitrateKbps: 4000, subtitle: 'burn' } });
      const session = plex.play({ item: '2001', player: 'Kitchen iPad' });
      await bench.advance(60);
      session.stop();
      await bench.advance(60);
      const check = spawn(process.execPath, [CHECK, 'plex', `${exporter.base}/metrics`]);
      const [output, [status]] = await Promise.all([text(check.stdout), once(check, 'exit')]);
      expect(output).toContain('15 of 15 metrics found, 0 faults');
      expect(status).toBe(0);
    });
  },
);
