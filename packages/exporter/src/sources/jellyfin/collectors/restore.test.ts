import { expect, test } from 'vitest';
import { ExporterError } from '../../../errors.ts';
import { open } from '../testing/answering.testing.ts';
import { create as createActivity } from './activity.ts';
import { create as createPlayback } from './playback.ts';
import { create as createSessions } from './sessions.ts';
import { create as createTasks } from './tasks.ts';

test('what was kept and cannot be read is left out', async () => {
  const odd = [
    null,
    7,
    'x',
    [],
    {},
    { id: 1e300, date: 1e300 },
    { jobs: -1, reasons: { a: 'b' }, active: [7] },
    { seconds: {} },
  ];
  for (const create of [createActivity, createPlayback, createSessions, createTasks]) {
    for (const value of odd) {
      const keys = [
        'mark',
        'row a',
        'end a',
        'primed',
        'scan',
        'transcodes',
        'play a',
        'time 1',
        'tracker',
        'polled',
        'name u',
      ];
      const { collector } = open(create, () => [], new Map(keys.map((key) => [key, value])));
      expect(() => collector.families()).not.toThrow();
      await collector.run().catch((error: unknown) => expect(error).toBeInstanceOf(ExporterError));
      for (const { samples } of collector.families()) {
        for (const sample of samples) expect(Number.isFinite(sample.value)).toBe(true);
      }
    }
  }
});
