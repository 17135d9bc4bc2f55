import { createHash } from 'node:crypto';
import { ERRORS, type ErrorCode, fixOf } from '../errors.ts';
import type { ServerType } from '../upstream-errors.ts';

/** What the page at `/` shows. */
export interface Landing {
  readonly version: string;
  readonly telemetryPath: string;
  /** Whether it stands in for the exporter of edumeet, which answered with its metrics here. */
  readonly seedAtRoot: boolean;
  /** `undefined` for who may not see them. */
  readonly sources: readonly LandingSource[] | undefined;
}

export interface LandingSource {
  readonly name: string;
  readonly type: ServerType;
  readonly up: boolean | undefined;
  /** The code of what is wrong. */
  readonly code: ErrorCode | undefined;
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#1c2733}
h1{margin-bottom:0}h1+p{margin-top:0;color:#5b6b7b}
table{border-collapse:collapse}td,th{text-align:left;padding:.3rem 1.5rem .3rem 0;border-bottom:1px solid #d8e0e8}
.up{color:#1a7f37}.down{color:#b42318}a{color:#0b5cad}`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** The page allows nothing but its own style: it has no script, no form, no picture, and no other page may frame it. */
export const LANDING_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
};

const STANDS_IN = `
<p>It stands in for the exporter of edumeet: browsers get this page at <code>/</code>, scrapers the six metrics of the
original.</p>`;

/** The page for people who open the exporter in a browser. */
export function renderLanding({ version, telemetryPath, seedAtRoot, sources }: Landing): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>media-exporter</title>
<style>${STYLE}</style></head>
<body>
<h1>media-exporter</h1>
<p>Version ${escapeHtml(version)}</p>${seedAtRoot ? STANDS_IN : ''}
<ul>
<li><a href="${escapeHtml(telemetryPath)}">Metrics</a></li>
<li><a href="/health">Health</a></li>
<li><a href="/-/ready">Readiness</a></li>
</ul>
${sources === undefined ? '<p>The sources are only shown to those who send the bearer token.</p>' : renderSources(sources, telemetryPath)}
</body>
</html>
`;
}

function renderSources(sources: readonly LandingSource[], telemetryPath: string): string {
  const rows = sources.map(({ name, type, up, code }) => {
    const link = `${telemetryPath}?source=${encodeURIComponent(name)}`;
    const state = up === undefined ? 'not asked yet' : up ? 'up' : 'down';
    return `<tr><td><a href="${escapeHtml(link)}">${escapeHtml(name)}</a></td><td>${escapeHtml(type)}</td><td><span class="${state.replaceAll(' ', '-')}">${state}</span>${code === undefined ? '' : explain(type, up, code)}</td></tr>`;
  });
  return `<h2>Sources</h2>
<table>
<tr><th>Name</th><th>Type</th><th>State when it was last asked</th></tr>
${rows.join('\n')}
</table>`;
}

/** The code, and what it means: the page has no documentation to link to. */
function explain(type: ServerType, up: boolean | undefined, code: ErrorCode): string {
  const text = escapeHtml(`${ERRORS[code].what} ${fixOf(code, type)}`).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
  return `${up === true ? ', but a collector failed' : ''} (${code})<br><small>${text}</small>`;
}

/** For text and for attributes in double quotes. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
