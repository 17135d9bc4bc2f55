import { systemClock } from '@media-exporter/metrics';
import { ManualClock } from '@media-exporter/metrics/testing';
import { createLogger } from '../../packages/exporter/src/log.ts';
import { SqliteStore } from '../../packages/exporter/src/state/sqlite.ts';

// A process that writes state, to be killed or put under a limit. It says what it is sure of, one line each.
const [mode = '', dir = ''] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const log = createLogger({ level: 'info', format: 'logfmt', write: say, date: () => 0 });

if (mode === 'count') {
  const store = new SqliteStore({ dir, clock: systemClock, log });
  const scope = store.scope('plex/home');
  const kept = await scope.load();
  let count = Number(kept.get('first') ?? 0);
  for (;;) {
    count += 1;
    scope.put('first', count);
    scope.put(`entry ${count % 500}`, { count, text: 'x'.repeat(200) });
    scope.put('last', count);
    await store.flush();
    say(`flushed ${count}`);
  }
} else {
  const clock = new ManualClock();
  const store = new SqliteStore({ dir, clock, log });
  process.on('message', async (count: number) => {
    for (let i = 0; i < count; i += 1) store.scope('plex/home').put(`entry ${i}`, 'x'.repeat(1_000));
    clock.advance(10_000);
    await store.flush();
    say('done');
  });
  process.on('disconnect', () => process.exit(0));
  say('ready');
}
