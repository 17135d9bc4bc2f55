import { expect, test } from 'vitest';
import { ApiTimes } from './api-times.ts';
import { ENDPOINTS } from './endpoints.ts';
import { values } from './testing/context.testing.ts';

test('the metrics of the server are one endpoint, wherever it has them', () => {
  const times = new ApiTimes('/base/own-metrics', []);
  times.report({ endpoint: '/base/own-metrics', outcome: 'status', seconds: 2, bytes: 0, status: 500 });
  times.report({ endpoint: ENDPOINTS.sessions.path, outcome: 'success', seconds: 1, bytes: 9, status: 200 });
  times.reportServerTime({ ...ENDPOINTS.metrics, path: '/base/own-metrics' }, 0.5);
  const families = times.families(7);
  expect(values(families, 'jellyfin_api_response_seconds')).toEqual({ health: 7, metrics: 2, sessions: 1 });
  expect(values(families, 'jellyfin_api_server_time_seconds')).toEqual({ metrics: 0.5 });
  expect(values(families, 'jellyfin_exporter_scrape_errors_total')).toEqual({ 'metrics,status': 1 });
});

test('the first look at a server takes as long as it has waited, until it has ended', () => {
  const times = new ApiTimes('/metrics', []);
  expect(values(times.families(4), 'jellyfin_api_response_seconds')).toEqual({ health: 4 });
  times.report({ endpoint: ENDPOINTS.health.path, outcome: 'success', seconds: 5, bytes: 7, status: 200 });
  expect(values(times.families(60), 'jellyfin_api_response_seconds')).toEqual({ health: 5 });
});

test('what will be asked has failed 0 times before it is asked, for each reason', () => {
  const times = new ApiTimes('/own', ['sessions', 'metrics']);
  const errors = (): Record<string, number> => values(times.families(0), 'jellyfin_exporter_scrape_errors_total');
  expect(Object.keys(errors())).toHaveLength(14);
  expect(new Set(Object.values(errors()))).toEqual(new Set([0]));
  times.report({ endpoint: '/own', outcome: 'timeout', seconds: 15, bytes: 0 });
  expect(errors()).toMatchObject({ 'metrics,timeout': 1, 'sessions,timeout': 0 });
});
