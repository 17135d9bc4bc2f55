import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanLabelValue, hashPlain, hashValues } from './hygiene.ts';

describe('cleanLabelValue', () => {
  it('leaves ordinary text alone', () => {
    expect(cleanLabelValue('Jürgen’s 4K "TV" \\o/ 🎬')).toBe('Jürgen’s 4K "TV" \\o/ 🎬');
  });

  it('makes each run of control characters one space', () => {
    expect(cleanLabelValue('a\r\n\tb\u0000c\u009fd\u2028\u2029e')).toBe('a b c d e');
  });

  it('takes out what changes the direction of text, so that no name can look like another', () => {
    const user = 'ali\u202e\u2066ec\u2069\u202c';
    expect(cleanLabelValue(user)).toBe('aliec');
    expect(cleanLabelValue('alice\u200f')).toBe(cleanLabelValue('alice'));
    const all = '\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069';
    expect(cleanLabelValue(all)).toBe('');
    expect(cleanLabelValue('e\u200e\u0301')).toBe('\u00e9');
    expect(cleanLabelValue('a\n\u200e\nb')).toBe('a b');
  });

  it.each([
    ['Hebrew with digits', 'שטיסל – עונה 2 (2015)'],
    ['Arabic', 'الحارة، الجزء ٢'],
    ['Persian with a non-joiner', 'می\u200cخواهم'],
    ['an emoji of several', 'family 👨\u200d👩\u200d👧'],
  ])('leaves a title in %s alone', (_, title) => {
    expect(cleanLabelValue(title)).toBe(title);
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
        expect(clean).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Bidi_Control}/u);
        expect(cleanLabelValue(clean, limit)).toBe(clean);
      }),
    );
  });

  it('gives the same with and without bidirectional control characters anywhere in it', () => {
    const mark = fc.constantFrom('', '\u061c', '\u200e', '\u200f', '\u202a', '\u202e', '\u2066', '\u2069');
    const parts = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), mark));
    fc.assert(
      fc.property(parts, (pairs) => {
        const marked = pairs.map(([text, sign]) => text + sign).join('');
        const plain = pairs.map(([text]) => text).join('');
        expect(cleanLabelValue(marked)).toBe(cleanLabelValue(plain));
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
