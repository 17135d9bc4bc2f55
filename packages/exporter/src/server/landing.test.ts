import { expect, test } from 'vitest';
import { LANDING_HEADERS, type LandingSource, renderLanding } from './landing.ts';

const source: LandingSource = { name: 'sfu', type: 'mediasoup', up: true, code: undefined };

test('the page shows version, links, and the state of each source', () => {
  const down: LandingSource = { name: 'other', type: 'mediasoup', up: false, code: 'MX_UPSTREAM_CONNECT' };
  const fresh: LandingSource = { name: 'third', type: 'mediasoup', up: undefined, code: undefined };
  const page = renderLanding({
    version: '1.2.3',
    telemetryPath: '/metrics',
    seedAtRoot: false,
    sources: [source, down, fresh],
  });
  expect(page).toContain('Version 1.2.3');
  expect(page).toContain('href="/metrics?source=sfu"');
  expect(page).toContain('<td><span class="up">up</span></td>');
  expect(page).toContain('<span class="down">down</span> (MX_UPSTREAM_CONNECT)');
  expect(page).toContain('not asked yet');
});

test('what is wrong is told with what to do about it', () => {
  const page = (more: Partial<LandingSource>): string =>
    renderLanding({ version: '1', telemetryPath: '/metrics', seedAtRoot: false, sources: [{ ...source, ...more }] });
  const down = page({ up: false, code: 'MX_UPSTREAM_TLS' });
  expect(down).toContain('down</span> (MX_UPSTREAM_TLS)');
  expect(down).toContain('The certificate of the media server cannot be verified');
  expect(down).toContain('in <code>tls.ca_file</code>');
  expect(page({ up: true, code: 'MX_UPSTREAM_FORBIDDEN' })).toContain(
    'up</span>, but a collector failed (MX_UPSTREAM_FORBIDDEN)',
  );
  expect(page({})).not.toContain('MX_');
  const refused = page({ type: 'jellyfin', up: false, code: 'MX_UPSTREAM_UNAUTHORIZED' });
  expect(refused).toContain('Dashboard, API Keys');
  expect(refused).not.toMatch(/plex|mediasoup\./i);
});

test('the state is that of the last time that the server was asked, which need not have been a scrape', () => {
  const page = renderLanding({ version: '1', telemetryPath: '/metrics', seedAtRoot: false, sources: [source] });
  expect(page).toContain('<th>State when it was last asked</th>');
});

test('whatever is shown is escaped', () => {
  const name = `<img src=x onerror="alert('1')">&`;
  const page = renderLanding({
    version: name,
    telemetryPath: name,
    seedAtRoot: false,
    sources: [{ ...source, name }],
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
