/** The default limit of a label value, in bytes of UTF-8. */
export const LABEL_VALUE_BYTES = 256;

/** The value that stands for all series beyond a family's budget. */
export const OTHER = '__other__';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;

/**
 * Makes a text that came from outside fit for a label: well-formed (a lone surrogate becomes U+FFFD), in NFC, each run
 * of control characters one space, and at most `limit` bytes of UTF-8, cut between code points.
 */
export function cleanLabelValue(value: string, limit: number = LABEL_VALUE_BYTES): string {
  if (isPlain(value, limit)) return value;
  return cut(value.toWellFormed().normalize('NFC').replace(CONTROL, ' '), limit);
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
