/** The default limit of a label value, in bytes of UTF-8. */
export const LABEL_VALUE_BYTES = 256;

/** The value that stands for all series beyond a family's budget. */
export const OTHER = '__other__';

/** Characters that are not shown and change the order in which others are: with them one name can look like another (UAX #55). */
const BIDI_CONTROL = /\p{Bidi_Control}/gu;

/** Control characters, and the line ends of Unicode. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/**
 * Makes a text that came from outside fit for a label: well-formed (a lone surrogate becomes U+FFFD), without
 * bidirectional control characters, in NFC, each run of other control characters one space, and at most `limit` bytes of
 * UTF-8, cut between code points.
 */
export function cleanLabelValue(value: string, limit: number = LABEL_VALUE_BYTES): string {
  if (isPlain(value, limit)) return value;
  // What is taken out may have kept two characters apart that NFC makes one.
  const visible = value.toWellFormed().replace(BIDI_CONTROL, '');
  return cut(visible.normalize('NFC').replace(CONTROL, ' '), limit);
}

/** Whether a value is printable ASCII within the limit, which is nearly all of them. */
export function isPlain(value: string, limit: number): boolean {
  if (value.length > limit) return false;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e) return false;
  }
  return true;
}

function cut(value: string, limit: number): string {
  // A UTF-16 unit is three bytes of UTF-8 at the most, so a short text needs no count.
  if (value.length * 3 <= limit) return value;
  let bytes = 0;
  for (let i = 0; i < value.length; ) {
    const code = value.codePointAt(i) as number;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > limit) return value.slice(0, i);
    i += code > 0xffff ? 2 : 1;
  }
  return value;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The hash of label values that are all plain, or -1 when one of them is not: what nearly every sample needs to know,
 * in one pass over its text. FNV-1a over the UTF-16 units, each value preceded by its length.
 */
export function hashPlain(values: readonly string[], limit: number): number {
  let hash = FNV_OFFSET;
  for (let v = 0; v < values.length; v++) {
    const value = values[v] as string;
    const length = value.length;
    if (length > limit) return -1;
    hash = Math.imul(hash ^ (length + 0x100), FNV_PRIME);
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit < 0x20 || unit > 0x7e) return -1;
      hash = Math.imul(hash ^ unit, FNV_PRIME);
    }
  }
  return hash >>> 0;
}

/** The hash of any label values; the same as {@link hashPlain} gives for plain ones. */
export function hashValues(values: readonly string[]): number {
  let hash = FNV_OFFSET;
  for (const value of values) {
    hash = Math.imul(hash ^ (value.length + 0x100), FNV_PRIME);
    for (let i = 0; i < value.length; i++) hash = Math.imul(hash ^ value.charCodeAt(i), FNV_PRIME);
  }
  return hash >>> 0;
}
