import { describe, expect, it } from 'vitest';
import { family } from '../family.ts';
import { defineMetric } from '../metric.ts';
import { collectText, expectText } from './expect.ts';
import { lint } from './lint.ts';
import { parseProtobuf } from './parse-protobuf.ts';
import { parseOpenMetrics, parseText } from './parse-text.ts';

const HISTOGRAM = '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n';

describe('parseText', () => {
  it('reads help, types, labels and values', () => {
    const text =
      '# a comment\n# HELP x A \\\\ and\\n more\n# TYPE x counter\n\nx{a="1",b="\\"\\\\\\n"} +Inf\nx{a="2",b=""} 1e3\ny 1\n';
    expect(parseText(text)).toEqual([
      {
        name: 'x',
        type: 'counter',
        help: 'A \\ and\n more',
        samples: [
          { labels: { a: '1', b: '"\\\n' }, value: Number.POSITIVE_INFINITY },
          { labels: { a: '2', b: '' }, value: 1000 },
        ],
      },
      { name: 'y', type: 'unknown', help: '', samples: [{ labels: {}, value: 1 }] },
    ]);
    expect(parseText(HISTOGRAM)[0]?.samples).toEqual([
      { labels: {}, value: { count: 2, sum: 3, buckets: [{ upperBound: 1, count: 1 }] } },
    ]);
  });

  it.each([
    ['x 1', 'line 1, column 1: the last line must end in a line feed'],
    ['x 1\nx 1\n', 'a second sample with the same labels'],
    ['x{a="1",a="2"} 1\n', 'label a twice'],
    ['x{a="1"} \n', 'column 10: expected a number'],
    ['x{a="\\q"} 1\n', 'unknown escape \\q'],
    ['x{a="1} 1\n', 'unterminated string'],
    ['x 0x10\n', '"0x10" is not a number'],
    ['x 1 123\n', 'unexpected text'],
    ['x 1 # {} 1\n', 'unexpected text'],
    ['# TYPE x gauge\n# TYPE x gauge\n', 'line 2, column 10: a second TYPE'],
    ['# TYPE x stateset\n', 'unknown type'],
    ['# TYPE x toString\n', 'unknown type'],
    ['x{__proto__="a"} 1\n', 'belongs to Prometheus'],
    ['# TYPE s summary\ns{quantile="0.5"} 1\ns{quantile="0.5"} 1\ns_sum 1\ns_count 1\n', 'a quantile twice'],
    ['# TYPE s summary\ns{quantile="7"} 1\ns_sum 1\ns_count 1\n', 'from 0 to 1'],
    [HISTOGRAM.replace('le="1"} 1', 'le="1"} 0.5'), 'a whole number'],
    ['x 1\n# TYPE x gauge\n', 'headers come before the samples'],
    ['x 1\ny 1\nx{a="1"} 1\n', 'family x is not in one piece'],
    ['# TYPE x counter\nx -1\n', 'a negative counter'],
    [HISTOGRAM.replace('h_bucket{le="+Inf"} 2\n', ''), 'needs the bucket +Inf'],
    [HISTOGRAM.replace('h_count 2', 'h_count 3'), 'must equal the count'],
    [HISTOGRAM.replace('le="1"} 1', 'le="1"} 5'), 'must be cumulative'],
    [HISTOGRAM.replace('h_sum 3\n', ''), 'expected one _sum, found 0'],
    [HISTOGRAM.replace('le="1"', 'le="x"'), 'le must be a number'],
  ])('refuses %j', (text, problem) => {
    expect(() => parseText(text)).toThrow(problem);
  });
});

describe('parseOpenMetrics', () => {
  it('reads units, infos, statesets and exemplars', () => {
    const text = [
      '# TYPE x_seconds counter',
      '# UNIT x_seconds seconds',
      'x_seconds_total{a="1"} 2 # {trace_id="t"} 0.5 7',
      '# TYPE build info',
      'build_info{version="1"} 1',
      '# TYPE s stateset',
      's{s="a"} 1',
      '# EOF',
      '',
    ].join('\n');
    const [counter, info, stateset] = parseOpenMetrics(text);
    expect(counter).toMatchObject({ name: 'x_seconds_total', type: 'counter', unit: 'seconds' });
    expect(counter?.samples[0]?.exemplar).toEqual({ labels: { trace_id: 't' }, value: 0.5, timestamp: 7 });
    expect(info).toMatchObject({ name: 'build_info', type: 'info' });
    expect(stateset).toMatchObject({ name: 's', type: 'stateset' });
  });

  it.each([
    ['x 1\n', 'expected "# EOF"'],
    ['x 1\n# EOF\nx 2\n', 'expected "# EOF"'],
    ['\n# EOF\n', 'blank lines'],
    ['# note\n# EOF\n', 'expected HELP, TYPE, UNIT or EOF'],
    ['# TYPE x counter\nx 1\n# EOF\n', 'x is no sample of the counter x'],
    ['# TYPE x gauge\n# UNIT x bytes\n# EOF\n', 'does not end in the unit'],
    ['# TYPE x info\nx_info 2\n# EOF\n', 'an info must be 1'],
    ['# TYPE x gauge\nx 1 # {} 1\n# EOF\n', 'neither a counter nor a bucket'],
    [`# TYPE x counter\nx_total 1 # {a="${'x'.repeat(128)}"} 1\n# EOF\n`, 'more than 128 characters'],
    ['# TYPE x counter\nx_total NaN\n# EOF\n', 'a negative counter'],
    ['# TYPE x stateset\nx{x="a"} 2\n# EOF\n', 'a state must be 0 or 1'],
  ])('refuses %j', (text, problem) => {
    expect(() => parseOpenMetrics(text)).toThrow(problem);
  });
});

describe('parseProtobuf', () => {
  it('refuses bytes that are cut off', () => {
    expect(() => parseProtobuf(Uint8Array.of(10, 1))).toThrow('cut off');
    expect(() => parseProtobuf(Uint8Array.of(0x80))).toThrow('cut off');
  });
});

describe('lint', () => {
  it.each([
    ['library_duration_total', 'gauge', 'only a counter should end in "_total"'],
    ['plays', 'counter', 'a counter should end in "_total"'],
    ['titles_count', 'gauge', 'only a histogram or a summary should end in "_count" or "_sum"'],
    ['scan_milliseconds', 'gauge', 'use the base unit "seconds"'],
    ['roomCount', 'gauge', 'the name should be snake_case'],
    ['rooms_gauge', 'gauge', 'the name should not say its type'],
    ['job:rate', 'gauge', 'colons are for recording rules'],
    ['wait_ms', 'gauge', 'spell the unit "ms" out'],
  ] as const)('complains of %s, a %s', (name, type, problem) => {
    const problems = lint([defineMetric({ name, type, help: 'X.' })]);
    expect(problems.map((found) => found.problem).join('; ')).toContain(problem);
  });

  it('has nothing to say of good names', () => {
    const good = [
      defineMetric({ name: 'media_plays_total', type: 'counter', help: 'Plays.' }),
      defineMetric({ name: 'media_bandwidth_bits_per_second', type: 'gauge', help: 'Bandwidth.' }),
      defineMetric({ name: 'job_duration_seconds', type: 'histogram', unit: 'seconds', help: 'Time.' }),
      defineMetric({ name: 'media_server_info', type: 'info', help: 'Info.' }),
    ];
    expect(lint(good)).toEqual([]);
  });
});

describe('golden compare', () => {
  const rooms = defineMetric({ name: 'rooms', type: 'gauge', help: 'Rooms.' });

  it('passes for the same text in any order, and names the first difference', () => {
    const families = [family(rooms, 3)];
    expectText(families, 'rooms 3\n  # TYPE rooms gauge\n# HELP rooms Rooms.');
    expect(() => expectText(families, '# HELP rooms Rooms.\n# TYPE rooms gauge\nrooms 4')).toThrow(
      'expected: rooms 4\nactual:   rooms 3',
    );
  });

  it('collects strictly', async () => {
    const twice = { name: 'c', catalogue: [rooms], collect: () => [family(rooms, 1), family(rooms, 2)] };
    await expect(collectText(twice)).rejects.toThrow('same labels');
    const failing = { name: 'c', catalogue: [], collect: () => Promise.reject(new Error('boom')) };
    await expect(collectText(failing)).rejects.toThrow('boom');
  });
});
