import { expect, test } from 'vitest';
import { Lately } from './lately.ts';

test('what was told lately is not asked for again, and what is older is', async () => {
  const lately = new Lately<string>();
  let asked = 0;
  const ask = async (): Promise<string> => {
    asked += 1;
    return `answer ${asked}`;
  };
  expect(await lately.get(0, 100, ask)).toBe('answer 1');
  expect(await lately.get(100, 100, ask)).toBe('answer 1');
  expect(await lately.get(101, 100, ask)).toBe('answer 2');
  lately.set('told', 200);
  expect(await lately.get(250, 100, ask)).toBe('told');
});

test('a failure is told, and not kept', async () => {
  const lately = new Lately<string>();
  await expect(lately.get(0, 100, () => Promise.reject(new Error('down')))).rejects.toThrow('down');
  expect(await lately.get(0, 100, async () => 'up')).toBe('up');
});
