import undici from 'undici';
import { expect, test } from 'vitest';
import { Agent } from './undici.ts';

test('the parts that are loaded are those that the index of undici has', () => {
  expect(Agent).toBe(undici.Agent);
  expect(Agent.prototype.request).toBe(undici.Dispatcher.prototype.request);
});
