import { describe, expect, it } from 'vitest';
import { family } from '../family.ts';
import { defineMetric } from '../metric.ts';
import { parseOpenMetrics } from '../testing/parse-text.ts';
import { OPENMETRICS_1_0_0 } from './format.ts';
import { renderText } from './index.ts';

describe('OpenMetrics', () => {
  it('keeps a counter that lacks _total under its exact name, as unknown', () => {
    const metric = defineMetric({ name: 'mediasoup_consumer_byte_count_bytes', type: 'counter', help: 'Bytes.' });
    expect(renderText([family(metric, 3)], OPENMETRICS_1_0_0)).toContain(
      '# TYPE mediasoup_consumer_byte_count_bytes unknown\nmediasoup_consumer_byte_count_bytes 3\n',
    );
  });

  it('takes no suffix off where two families would come down to one name', () => {
    const families = [
      family(defineMetric({ name: 'foo_total', type: 'counter', help: 'A.' }), 1),
      family(defineMetric({ name: 'foo_info', type: 'info', help: 'B.' }), 1),
      family(defineMetric({ name: 'bar_total', type: 'counter', help: 'C.' }), 1),
      family(defineMetric({ name: 'bar', type: 'gauge', help: 'D.' }), 1),
      family(defineMetric({ name: 'baz_total', type: 'counter', help: 'E.' }), 1),
    ];
    const parsed = parseOpenMetrics(renderText(families, OPENMETRICS_1_0_0));
    expect(parsed.map(({ name, type }) => [name, type])).toEqual([
      ['foo_total', 'unknown'],
      ['foo_info', 'gauge'],
      ['bar_total', 'unknown'],
      ['bar', 'gauge'],
      ['baz_total', 'counter'],
    ]);
  });
});
