import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { NameCache, type NameCacheOptions } from './addresses.ts';

function cache(reverse: NameCacheOptions['reverse'], options: Partial<NameCacheOptions> = {}) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const names = new NameCache({
    clock,
    reverse: (ip) => {
      asked.push(ip);
      return reverse(ip);
    },
    ...options,
  });
  return { asked, clock, names };
}

const never = (): void => {
  throw new Error('nothing changed');
};

test('whoever asks gets what is known at once, and is told when the name comes', async () => {
  const { asked, clock, names } = cache(async (ip) => [`host-${ip}`, 'other']);
  let told = 0;
  const changed = (): void => {
    told++;
  };
  expect(names.lookUp('192.0.2.1', changed)).toBeUndefined();
  expect(names.lookUp('192.0.2.1', changed)).toBeUndefined();
  await clock.tick(0);
  expect(told).toBe(1);
  expect(names.lookUp('192.0.2.1', never)).toBe('host-192.0.2.1');
  expect(asked).toEqual(['192.0.2.1']);
  expect(clock.pending).toBe(0);
});

test('an address without a name is not asked about again for a while', async () => {
  const { asked, clock, names } = cache(() => Promise.reject(new Error('ENOTFOUND')), { lifetime: 60_000 });
  names.lookUp('192.0.2.1', never);
  await clock.tick(0);
  expect(names.lookUp('192.0.2.1', never)).toBeUndefined();
  expect(asked).toHaveLength(1);
  await clock.tick(60_000);
  names.lookUp('192.0.2.1', never);
  expect(asked).toHaveLength(2);
});

test('a resolver that hangs is given up, and does not hold up the others', async () => {
  const { asked, clock, names } = cache(() => new Promise(() => {}), { concurrency: 1, deadline: 2_000 });
  names.lookUp('192.0.2.1', never);
  names.lookUp('192.0.2.2', never);
  expect(asked).toEqual(['192.0.2.1']);
  await clock.tick(2_000);
  expect(asked).toEqual(['192.0.2.1', '192.0.2.2']);
});

test('an old name is shown while it is asked for anew', async () => {
  let name = 'old';
  const { clock, names } = cache(async () => [name], { lifetime: 1_000 });
  names.lookUp('192.0.2.1', () => {});
  await clock.tick(0);
  await clock.tick(1_000);
  name = 'new';
  expect(names.lookUp('192.0.2.1', () => {})).toBe('old');
  await clock.tick(0);
  expect(names.lookUp('192.0.2.1', never)).toBe('new');
});

test('no more addresses are kept than there is room for', async () => {
  const { asked, clock, names } = cache(async (ip) => [ip], { capacity: 2 });
  for (const ip of ['a', 'b', 'c']) {
    names.lookUp(ip, () => {});
    await clock.tick(0);
  }
  names.lookUp('c', never);
  expect(asked).toEqual(['a', 'b', 'c']);
  names.lookUp('a', () => {});
  await clock.tick(0);
  expect(asked).toEqual(['a', 'b', 'c', 'a']);
});
