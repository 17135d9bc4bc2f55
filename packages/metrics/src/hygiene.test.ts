import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanLabelValue, hashPlain, hashValues } from './hygiene.ts';

describe('cleanLabelValue', () => {
  it('leaves ordinary text alone', () => {
    expect(cleanLabelValue('Jürgen’s 4K "TV" \\o/ 🎬')).toBe('Jürgen’s 4K "TV" \\o/ 🎬');
  });

  it('makes each run of control characters one space', () => {
    expect(cleanLabelValue('a\r\n\tb\u0000c\u009fd')).toBe('a b c d');
  });

  it('replaces lone surrogates', () => {
    expect(cleanLabelValue('x\ud800y\udc00')).toBe('x\ufffdy\ufffd');
  });

  it('brings text into NFC, so that one name is one series', () => {
    expect(cleanLabelValue('e\u0301')).toBe('\u00e9');
  });

  it('cuts between code points, at the limit in bytes', () => {
    expect(cleanLabelValue('a🎬🎬', 5)).toBe('a🎬');
    expect(cleanLabelValue('a🎬🎬', 8)).toBe('a🎬');
    expect(cleanLabelValue('abcdef', 4)).toBe('abcd');
  });

  it('gives well-formed text within the limit for any input, and changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 4, max: 60 }), (text, limit) => {
        const clean = cleanLabelValue(text, limit);
        expect(Buffer.byteLength(clean)).toBeLessThanOrEqual(limit);
        expect(clean.isWellFormed()).toBe(true);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left.
        expect(clean).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        expect(cleanLabelValue(clean, limit)).toBe(clean);
      }),
    );
  });
});

describe('hashPlain', () => {
  it('agrees with the general hash, and tells values that need cleaning', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary-ascii' })), (values) => {
        const hash = hashPlain(values, 256);
        const plain = values.every((value) => cleanLabelValue(value) === value);
        expect(hash).toBe(plain ? hashValues(values) : -1);
      }),
    );
  });

  it('keeps values apart from their neighbours', () => {
    expect(hashValues(['ab', 'c'])).not.toBe(hashValues(['a', 'bc']));
  });
});
