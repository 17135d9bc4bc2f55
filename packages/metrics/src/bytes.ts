/** Writes `text` as UTF-8 from `at` on and returns the position after it. Lone surrogates become U+FFFD. */
export function writeUtf8(bytes: Uint8Array, at: number, text: string): number {
  let position = at;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes[position++] = unit;
    else {
      const code = scalarAt(text, i);
      if (code > 0xffff) i++;
      position = writeScalar(bytes, position, code);
    }
  }
  return position;
}

/** Writes a label value with `\`, `"` and line feed escaped: the same rule in every text format. */
export function writeLabelValue(bytes: Uint8Array, at: number, text: string): number {
  const { length } = text;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f || unit === 0x22 || unit === 0x5c || unit === 0x0a) return writeEscaped(bytes, at, text, i);
    bytes[at + i] = unit;
  }
  return at + length;
}

/** The rest of a label value from its first character on that is not written as it stands. */
function writeEscaped(bytes: Uint8Array, start: number, text: string, from: number): number {
  let position = start + from;
  for (let i = from; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) {
      const code = scalarAt(text, i);
      if (code > 0xffff) i++;
      position = writeScalar(bytes, position, code);
      continue;
    }
    if (unit === 0x22 || unit === 0x5c || unit === 0x0a) bytes[position++] = 0x5c;
    bytes[position++] = unit === 0x0a ? 0x6e : unit;
  }
  return position;
}

/** The most bytes that {@link writeUtf8} or {@link writeLabelValue} can need for a text of so many UTF-16 units. */
export function worstBytes(units: number): number {
  return units * 3;
}

/** The Unicode scalar value at a position; U+FFFD for a surrogate without its partner. */
function scalarAt(text: string, index: number): number {
  const code = text.codePointAt(index) ?? 0xfffd;
  return code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
}

function writeScalar(bytes: Uint8Array, at: number, code: number): number {
  let position = at;
  if (code < 0x800) bytes[position++] = 0xc0 | (code >> 6);
  else {
    if (code < 0x10000) bytes[position++] = 0xe0 | (code >> 12);
    else {
      bytes[position++] = 0xf0 | (code >> 18);
      bytes[position++] = 0x80 | ((code >> 12) & 0x3f);
    }
    bytes[position++] = 0x80 | ((code >> 6) & 0x3f);
  }
  bytes[position++] = 0x80 | (code & 0x3f);
  return position;
}
