import {
  defineMetric,
  type Family,
  family,
  Histogram,
  type HistogramValue,
  Registry,
  type Sample,
} from '@media-exporter/metrics';
import { constantCollector } from '../support/families.ts';

/** Texts that break careless writers and parsers; a registry cleans what no format could carry. */
const TEXTS: Readonly<Record<string, string>> = {
  quotes: 'she said "no" \\ maybe',
  lines: 'one\ntwo\r\nthree',
  backslashes: '\\n is not a line \\\\',
  braces: '{a="b"} 7 # EOF',
  emoji: '👩‍👩‍👧 🎬',
  arabic: 'قناة الأخبار',
  combining: 'Cafe\u0301',
  control: 'a\u0000b\u0007c\u009f',
  surrogate: 'half \ud83d of it',
  bidi: '\u202eevil\u2066',
  spaces: ' \u00a0\u2003 ',
  long: 'ß'.repeat(1000),
  empty: '',
};

const NUMBERS: Readonly<Record<string, number>> = {
  zero: 0,
  negative: -1.5,
  tiny: 5e-324,
  huge: Number.MAX_VALUE,
  third: 1 / 3,
  integer: Number.MAX_SAFE_INTEGER,
  infinity: Number.POSITIVE_INFINITY,
  minus_infinity: Number.NEGATIVE_INFINITY,
  nan: Number.NaN,
};

const CLASSIC: HistogramValue = {
  count: 9,
  sum: 12.75,
  buckets: [
    { upperBound: -1, count: 1 },
    { upperBound: 0.1, count: 3, exemplar: { labels: { trace_id: 'abc' }, value: 0.07, timestamp: 1_700_000_000.5 } },
    { upperBound: 10, count: 8 },
    { upperBound: 1e6, count: 8 },
  ],
};

/** One family of every type with every kind of value, cleaned by a registry that adds a constant label. */
export async function gatherRichFamilies(): Promise<readonly Family[]> {
  const registry = new Registry({ duplicates: 'throw' });
  const families = [
    texts(),
    numbers(),
    counters(),
    classic(),
    sparse(),
    summary(),
    info(),
    stateset(),
    unknown(),
    utf8(),
  ];
  registry.register(constantCollector('rich', families), { labels: { source: 'rich' } });
  return (await registry.gather()).families;
}

function texts(): Family {
  const metric = defineMetric({
    name: 'texts',
    type: 'gauge',
    help: 'A \\ and\na line.',
    labels: { text: 'public', which: 'public' },
  });
  return family(
    metric,
    Object.entries(TEXTS).map(([which, text]) => [{ text, which }, 1]),
  );
}

function numbers(): Family {
  const metric = defineMetric({ name: 'numbers', type: 'gauge', help: 'Numbers.', labels: { which: 'public' } });
  return family(
    metric,
    Object.entries(NUMBERS).map(([which, value]) => [{ which }, value]),
  );
}

function counters(): Family {
  const metric = defineMetric({ name: 'sent_bytes_total', type: 'counter', unit: 'bytes', help: 'Bytes.' });
  const exemplar = { labels: { trace_id: '4bf92f3577b34da6' }, value: 17, timestamp: 1_700_000_000 };
  const sample: Sample = { labels: [], value: 12345.5, exemplar };
  return { metric, samples: [sample] };
}

function classic(): Family {
  const metric = defineMetric({
    name: 'classic_seconds',
    type: 'histogram',
    unit: 'seconds',
    help: 'Times.',
    labels: { job_kind: 'public' },
  });
  return family(metric, [[{ job_kind: 'scan' }, CLASSIC]]);
}

function sparse(): Family {
  const metric = defineMetric({ name: 'native_seconds', type: 'histogram', unit: 'seconds', help: 'Times.' });
  const histogram = new Histogram(metric, { buckets: [0.5, 1], native: true });
  for (const value of [0, 0.25, 0.26, 0.5, 0.75, 4, 1000, -3]) histogram.observe(value);
  const [only] = histogram.collect();
  return only as Family;
}

function summary(): Family {
  const metric = defineMetric({ name: 'lag_seconds', type: 'summary', unit: 'seconds', help: 'Lag.' });
  return family(metric, {
    count: 5,
    sum: 2.5,
    quantiles: [
      [0.5, 0.25],
      [0.99, 1.5],
    ],
  });
}

function info(): Family {
  const metric = defineMetric({
    name: 'server_info',
    type: 'info',
    help: 'The server.',
    labels: { version: 'public' },
  });
  return family(metric, [[{ version: '1.2.3-β' }, 1]]);
}

function stateset(): Family {
  const metric = defineMetric({ name: 'door', type: 'stateset', help: 'The door.', labels: { door: 'public' } });
  return family(metric, [
    [{ door: 'open' }, 1],
    [{ door: 'shut' }, 0],
  ]);
}

function unknown(): Family {
  return family(defineMetric({ name: 'temperature', type: 'unknown', help: 'Who knows.' }), 36.6);
}

function utf8(): Family {
  const metric = defineMetric({
    name: 'größe.in-cm',
    type: 'gauge',
    help: 'A name that needs quotes.',
    labels: { 'straße.nr': 'public' },
  });
  return family(metric, [[{ 'straße.nr': '7' }, 180]]);
}
