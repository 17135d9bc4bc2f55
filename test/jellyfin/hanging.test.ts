import { expect, test } from 'vitest';
import { EVERY_COLLECTOR, open } from './bench.ts';

test('a server that answers nothing but the looks at it is up all the time, and looked at without delay', async () => {
  const { jellyfin, advance, exposition } = await open({ args: EVERY_COLLECTOR });
  jellyfin.faults.switchOn({ kind: 'slow' }, { endpoint: /^\/(?!health$|System\/Info$)/ });
  for (let look = 0; look < 40; look += 1) {
    await advance(10);
    const page = await exposition();
    expect(page.value('jellyfin_up')).toBe(1);
    // The clock is turned by whole seconds.
    expect(page.value('jellyfin_api_response_seconds', { endpoint: 'health' })).toBeLessThanOrEqual(1);
  }
  const page = await exposition();
  expect(page.value('jellyfin_api_response_seconds', { endpoint: 'sessions' })).toBeGreaterThanOrEqual(15);
  expect(page.series('jellyfin_sessions_total')).toEqual([]);
}, 120_000);
