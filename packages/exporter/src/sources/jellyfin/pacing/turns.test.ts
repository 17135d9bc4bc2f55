import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

test('what waits is let through by a stop, also where the gate would be shut after it', async () => {
  const turns = new Turns();
  turns.open(false);
  const done: string[] = [];
  const first = turns.take(async () => done.push('first'));
  turns.stop();
  turns.open(false);
  const second = turns.take(async () => done.push('second'));
  await new Promise(setImmediate);
  expect(done).toEqual(['first', 'second']);
  await Promise.all([first, second]);
});
