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

test('a server that hangs from the start is told to be down by the first scrape, within five seconds', async () => {
  const { advance, exposition } = await open({ before: ({ faults }) => void faults.switchOn({ kind: 'slow' }) });
  const first = exposition();
  await advance(5);
  const page = await first;
  expect(page.value('jellyfin_up')).toBe(0);
  expect(page.value('media_exporter_source_up')).toBe(0);
  expect(page.value('jellyfin_up_reason', { reason: 'unreachable' })).toBe(1);
  expect(page.value('jellyfin_api_response_seconds', { endpoint: 'health' })).toBe(5);
  await advance(1);
  // Nobody turns the clock while it waits.
  expect((await exposition()).value('jellyfin_api_response_seconds', { endpoint: 'health' })).toBe(6);
});

test('a server whose sessions hang from the start is told to be up by the first scrape, within five seconds', async () => {
  const { advance, exposition } = await open({
    before: ({ faults }) => void faults.switchOn({ kind: 'slow' }, { endpoint: '/Sessions' }),
  });
  const first = exposition();
  await advance(5);
  const page = await first;
  expect(page.value('jellyfin_up')).toBe(1);
  expect(page.value('jellyfin_users_total')).toBeGreaterThan(0);
  expect(page.series('jellyfin_sessions_total')).toEqual([]);
  // Nobody turns the clock while it waits.
  expect((await exposition()).value('jellyfin_up')).toBe(1);
});
