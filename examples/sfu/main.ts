import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '@media-exporter/metrics';
import type { MediasoupModule } from '@media-exporter/simulators/mediasoup';
import { startSfu } from './sfu.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8890' },
    socket: { type: 'string', default: join(REPOSITORY, '.cache/sfu.sock') },
  },
});

// mediasoup looks for its worker when it is loaded, so the variable comes first.
const installed = join(REPOSITORY, '.tools/bin/mediasoup-worker');
process.env.MEDIASOUP_WORKER_BIN ??= existsSync(installed) ? installed : '';
if (process.env.MEDIASOUP_WORKER_BIN === '') {
  process.stderr.write('There is no mediasoup-worker: run `npm run tools`, or let MEDIASOUP_WORKER_BIN name one.\n');
  process.exit(1);
}
const mediasoup = (await import('mediasoup')) as unknown as MediasoupModule;

await mkdir(dirname(values.socket), { recursive: true });
const example = await startSfu({
  mediasoup,
  clock: systemClock,
  port: Number(values.port),
  socket: values.socket,
});
process.stdout.write(`An SFU with two rooms runs in worker process ${example.sfu.workers[0]?.pid}.

  Prometheus scrapes it at  ${example.url}/metrics
  More to look at           ${example.url}/rooms  ${example.url}/peers  ${example.url}/stats
  The drop-in reads it with media-exporter mediasoup --mediasoup.url unix:${example.socket}

Stop it with Ctrl-C.
`);

let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, async () => {
    if (stopping) process.exit(1);
    stopping = true;
    await example.close();
    process.exit(0);
  });
}
