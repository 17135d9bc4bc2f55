import { describe, expect, it } from 'vitest';
import { OPENMETRICS_1_0_0 } from '../encode/format.ts';
import { renderText } from '../encode/index.ts';
import { defineMetric } from '../metric.ts';
import { Counter } from './counter.ts';
import { Gauge } from './gauge.ts';
import { Histogram } from './histogram.ts';

const JOBS = defineMetric({ name: 'jobs_total', type: 'counter', help: 'Jobs.', labels: { outcome: 'public' } });
const SCRAPES = defineMetric({ name: 'scrapes_total', type: 'counter', help: 'Scrapes.' });
const ROOMS = defineMetric({ name: 'rooms', type: 'gauge', help: 'Rooms.' });
const PEERS = defineMetric({ name: 'peers', type: 'gauge', help: 'Peers.', labels: { room: 'public' } });
const SECONDS = defineMetric({
  name: 'job_seconds',
  type: 'histogram',
  unit: 'seconds',
  help: 'Time.',
  labels: { job: 'public' },
});

function lines(collector: { collect(): Parameters<typeof renderText>[0] }): string[] {
  return renderText(collector.collect())
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

describe('a counter', () => {
  it('without labels is a known 0 from the start', () => {
    expect(lines(new Counter(SCRAPES))).toEqual(['scrapes_total 0']);
  });

  it('with labels shows what was counted, or asked for', () => {
    const counter = new Counter(JOBS);
    expect(lines(counter)).toEqual([]);
    counter.series({ outcome: 'failure' });
    counter.inc({ outcome: 'success' });
    counter.inc({ outcome: 'success' }, 2.5);
    expect(lines(counter)).toEqual(['jobs_total{outcome="failure"} 0', 'jobs_total{outcome="success"} 3.5']);
  });

  it('never goes back', () => {
    const counter = new Counter(SCRAPES);
    expect(() => counter.inc(-1)).toThrow(/cannot grow by -1/);
    expect(() => counter.inc(Number.NaN)).toThrow(/NaN/);
    expect(lines(counter)).toEqual(['scrapes_total 0']);
  });

  it('counts labels that are exported as one in one place', () => {
    const counter = new Counter(JOBS);
    counter.inc({ outcome: 'a\n' }, 5);
    counter.inc({ outcome: 'a ' }, 1);
    counter.inc({ outcome: 'a\n' }, 100);
    expect(lines(counter)).toEqual(['jobs_total{outcome="a "} 106']);
  });

  it('starts anew after a series was removed', () => {
    const counter = new Counter(JOBS);
    counter.inc({ outcome: 'a' });
    counter.remove({ outcome: 'a' });
    counter.inc({ outcome: 'a' }, 3);
    expect(lines(counter)).toEqual(['jobs_total{outcome="a"} 3']);
    const gauge = new Gauge(PEERS);
    gauge.series({ room: 'a' }).remove();
    gauge.set({ room: 'a' }, 4);
    expect(lines(gauge)).toEqual(['peers{room="a"} 4']);
  });

  it('grows through a handle as well, and only grows', () => {
    const counter = new Counter(JOBS);
    const handle = counter.series({ outcome: 'a' });
    handle.inc();
    handle.inc(2);
    for (const step of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => handle.inc(step)).toThrow(/cannot grow/);
    expect(handle.value).toBe(3);
  });

  it('refuses labels that its metric does not declare', () => {
    const counter = new Counter(JOBS);
    expect(() => counter.inc({ outcome: 'a', room: 'b' } as never)).toThrow(/no label "room"/);
    expect(() => counter.inc({} as never)).toThrow(/lacks "outcome"/);
  });
});

describe('a gauge', () => {
  it('is absent until it is set', () => {
    const gauge = new Gauge(ROOMS);
    expect(lines(gauge)).toEqual([]);
    gauge.set(0);
    expect(lines(gauge)).toEqual(['rooms 0']);
  });

  it('goes up and down, and its series can be taken out', () => {
    const gauge = new Gauge(PEERS);
    gauge.set({ room: 'a' }, 3);
    gauge.inc({ room: 'a' });
    gauge.dec({ room: 'a' }, 2);
    gauge.inc({ room: 'b' }, 5);
    expect(lines(gauge)).toEqual(['peers{room="a"} 2', 'peers{room="b"} 5']);
    gauge.remove({ room: 'a' });
    expect(lines(gauge)).toEqual(['peers{room="b"} 5']);
    gauge.clear();
    expect(lines(gauge)).toEqual([]);
  });
});

describe('a histogram', () => {
  it('counts an observation in the first bucket that holds it', () => {
    const histogram = new Histogram(SECONDS, { buckets: [1, 5] });
    for (const value of [1, 1.5, 5, 9, Number.NaN]) histogram.observe({ job: 'scan' }, value);
    expect(lines(histogram)).toEqual([
      'job_seconds_bucket{job="scan",le="1"} 1',
      'job_seconds_bucket{job="scan",le="5"} 3',
      'job_seconds_bucket{job="scan",le="+Inf"} 4',
      'job_seconds_sum{job="scan"} 16.5',
      'job_seconds_count{job="scan"} 4',
    ]);
  });

  it('keeps the last exemplar of each bucket', () => {
    const histogram = new Histogram(SECONDS, { buckets: [1] });
    histogram.observe({ job: 'scan' }, 0.5, { labels: { trace_id: 'a' }, value: 0.5, timestamp: 7 });
    histogram.observe({ job: 'scan' }, 8, { labels: { trace_id: 'b' }, value: 8 });
    const text = renderText(histogram.collect(), OPENMETRICS_1_0_0);
    expect(text).toContain('le="1.0"} 1 # {trace_id="a"} 0.5 7\n');
    expect(text).toContain('le="+Inf"} 2 # {trace_id="b"} 8\n');
  });

  it('refuses bounds that do not ascend', () => {
    expect(() => new Histogram(SECONDS, { buckets: [1, 1] })).toThrow(/ascending/);
    expect(() => new Histogram(SECONDS, { buckets: [1, Number.POSITIVE_INFINITY] })).toThrow(/finite/);
  });
});
