import { SFU_ERRORS } from '@media-exporter/mediasoup';
import { METRICS_ERRORS } from '@media-exporter/metrics';
import type { GeneratedDocument } from './document.ts';

/** Makes `docs/library-errors.md` from the error tables of the packages that applications embed. */
export function generate(): GeneratedDocument[] {
  const parts = [
    '# Errors of the libraries',
    'What the packages throw at code that uses them wrongly. A code never changes its meaning; the message adds which name, value or address it is about. Made by `npm run docs`; those of the daemon are on [a page of their own](errors.md).',
    '## `@media-exporter/metrics`',
    'Thrown as `MetricsError`.',
    ...Object.entries(METRICS_ERRORS).map(renderError),
    '## `@media-exporter/mediasoup`',
    'Thrown as `SfuError`.',
    ...Object.entries(SFU_ERRORS).map(renderError),
  ];
  return [{ path: 'docs/library-errors.md', text: `${parts.join('\n\n')}\n` }];
}

function renderError([code, sentence]: readonly [string, string]): string {
  return `### ${code}\n\n${sentence}`;
}
