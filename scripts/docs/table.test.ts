import { defineMetric } from '@media-exporter/metrics';
import { expect, test } from 'vitest';
import { renderChapters } from './table.ts';

test('a catalogue becomes a table with the privacy of its labels', () => {
  const metric = defineMetric({
    name: 'rooms',
    type: 'gauge',
    help: 'Rooms | open\nnow, <any>.',
    labels: { worker: 'public', peer: 'personal' },
    stability: 'experimental',
    cost: 'one getStats',
  });
  expect(renderChapters('Metrics', 'All of them.', [{ title: 'SFU', text: 'From it.', catalogue: [metric] }])).toBe(
    [
      '# Metrics',
      '',
      'All of them.',
      '',
      '## SFU',
      '',
      'From it.',
      '',
      '| name | type | labels | meaning |',
      '|---|---|---|---|',
      '| `rooms` | gauge | `worker`, `peer` (personal) | Rooms \\| open now, &lt;any>. (experimental; cost: one getStats) |',
      '',
    ].join('\n'),
  );
});
