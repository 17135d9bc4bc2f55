import { expect, test } from 'vitest';
import { prefersHtml } from './accept.ts';

test.each([
  'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'text/html',
  'TEXT/HTML ; Q=0.5',
  'text/html, text/plain',
  'text/html, */*',
  'text/plain;q=0.1, text/html;q=0.2',
])('"%s" gets the page', (accept) => expect(prefersHtml(accept)).toBe(true));

test.each([
  undefined,
  '',
  '*/*',
  'text/*',
  'text/html;q=0',
  'text/html;q=0.1, text/plain',
  'text/plain, text/html',
  'text/plain;version=0.0.4;q=0.5, text/html;q=0.4, */*;q=0.1',
  'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
  'text/html;q=much',
  'x-text/html-ish',
])('"%s" gets the metrics', (accept) => expect(prefersHtml(accept)).toBe(false));
