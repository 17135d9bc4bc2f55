import { expect, test } from 'vitest';
import { scrapeSeconds } from './deadline.ts';

const SETTINGS = { scrape_timeout: 10, scrape_timeout_max: 60, scrape_timeout_offset: 0.5 };

test('the deadline of the scraper counts, less the time that the answer needs', () => {
  expect(scrapeSeconds('15', SETTINGS)).toBe(14.5);
  expect(scrapeSeconds('1.5', SETTINGS)).toBe(1);
});

test('a very short deadline leaves half of it', () => {
  expect(scrapeSeconds('0.4', SETTINGS)).toBe(0.2);
});

test('a very long deadline is bounded', () => {
  expect(scrapeSeconds('86400', SETTINGS)).toBe(59.5);
});

test.each([undefined, '', 'soon', '-1', '0', 'NaN', 'Infinity', '1e9', '0x10', ['1', '2']])(
  'the header %j is as none',
  (header) => expect(scrapeSeconds(header, SETTINGS)).toBe(9.5),
);
