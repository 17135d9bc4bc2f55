import { expect, test } from 'vitest';
import { LANDING_HEADERS, renderLanding } from './landing.ts';

const source = { name: 'sfu', type: 'mediasoup', up: true, code: undefined };

test('the page shows version, links, and the state of each source', () => {
  const down = { name: 'other', type: 'mediasoup', up: false, code: 'MX_UPSTREAM_CONNECT' };
  const fresh = { name: 'third', type: 'mediasoup', up: undefined, code: undefined };
  const page = renderLanding({
    version: '1.2.3',
    telemetryPath: '/metrics',
    seedAtRoot: false,
    sources: [source, down, fresh],
  });
  expect(page).toContain('Version 1.2.3');
  expect(page).toContain('href="/metrics?source=sfu"');
  expect(page).toContain('<td class="up">up</td>');
  expect(page).toContain('down (MX_UPSTREAM_CONNECT)');
  expect(page).toContain('not asked yet');
});

test('whatever is shown is escaped', () => {
  const name = `<img src=x onerror="alert('1')">&`;
  const page = renderLanding({
    version: name,
    telemetryPath: name,
    seedAtRoot: false,
    sources: [{ ...source, name, type: name }],
  });
  expect(page).not.toContain('<img');
  expect(page).not.toContain('onerror="');
});

test('sources are not shown to who may not read the metrics', () => {
  const page = renderLanding({ version: '1', telemetryPath: '/metrics', seedAtRoot: false, sources: undefined });
  expect(page).not.toContain('<table');
});

test('the page may load nothing and run nothing', () => {
  const policy = LANDING_HEADERS['content-security-policy'];
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; /);
  expect(policy).not.toMatch(/unsafe|script-src|https?:/);
});

test('the page of the drop-in says what it stands in for, and what scrapers get there', () => {
  const page = { version: '1', telemetryPath: '/metrics', sources: [source] };
  expect(renderLanding({ ...page, seedAtRoot: true })).toContain('stands in for the exporter of edumeet');
  expect(renderLanding({ ...page, seedAtRoot: false })).not.toContain('edumeet');
});
