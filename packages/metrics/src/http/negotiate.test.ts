import { describe, expect, it } from 'vitest';
import { contentType } from '../encode/format.ts';
import { negotiate, wantsGzip } from './negotiate.ts';

/** What Prometheus 3.5 sends by default. */
const PROMETHEUS_3_5 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
const PROTOBUF_FIRST = `application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,${PROMETHEUS_3_5}`;

const CASES: readonly (readonly [header: string | undefined, type: string])[] = [
  [PROMETHEUS_3_5, 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8'],
  [
    PROTOBUF_FIRST,
    'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores',
  ],
  [undefined, 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
  ['', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
  ['*/*', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
  ['text/plain;version=1.0.0;escaping=values', 'text/plain; version=1.0.0; charset=utf-8; escaping=values'],
  ['text/plain; version="1.0.0"; escaping=dots', 'text/plain; version=1.0.0; charset=utf-8; escaping=dots'],
  ['text/plain;version=1.0.0', 'text/plain; version=1.0.0; charset=utf-8; escaping=underscores'],
  // Text 0.0.4 has no quoted names.
  ['text/plain;version=0.0.4;escaping=allow-utf-8', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
  [
    'application/openmetrics-text;version=0.0.1',
    'application/openmetrics-text; version=0.0.1; charset=utf-8; escaping=underscores',
  ],
  ['application/openmetrics-text', 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores'],
  // A version from the future is passed over for the next best.
  [
    'application/openmetrics-text;version=2.0.0,text/plain;version=0.0.4;q=0.1',
    'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
  ],
  [
    'application/openmetrics-text;q=0,text/plain;version=1.0.0;q=0.1;escaping=allow-utf-8',
    'text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8',
  ],
  // Only the delimited encoding of protobuf can be streamed.
  [
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text',
    'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
  ],
  [';;;,,=,q=x', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
];

describe('negotiate', () => {
  it.each(CASES)('answers %s with %s', (header, type) => {
    expect(contentType(negotiate(header))).toBe(type);
  });
});

describe('wantsGzip', () => {
  it.each([
    ['gzip', true],
    ['gzip;q=0', false],
    ['br, gzip;q=0.5', true],
    ['*', true],
    ['*;q=0', false],
    ['identity', false],
    [undefined, false],
  ] as const)('reads %s as %s', (header, wanted) => {
    expect(wantsGzip(header)).toBe(wanted);
  });
});
