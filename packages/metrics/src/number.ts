/** The longest that {@link writeNumber} writes: `-1.7976931348623157e+308` and one to spare. */
export const NUMBER_BYTES = 25;

const MICRO = 1e6;
/** Below it a value times 1e6 has at most 15 significant digits, so that the decimal found is the shortest one. */
const EXACT_DECIMALS = 1e9;

/** Writes a float as every text format spells it (`+Inf`, `-Inf`, `NaN`) and returns the position after it. */
export function writeNumber(bytes: Uint8Array, at: number, value: number): number {
  const integer = value >>> 0;
  if (value === integer && (value !== 0 || !Object.is(value, -0))) return writeUint32(bytes, at, integer);
  const magnitude = Math.abs(value);
  if (magnitude < EXACT_DECIMALS) {
    const micros = Math.round(magnitude * MICRO);
    // Both are exact, so the division gives the double nearest to the decimal: equality proves the decimal right.
    if (micros !== 0 && micros / MICRO === magnitude) return writeDecimal(bytes, at, value < 0, micros);
  } else if (Number.isSafeInteger(value)) {
    return writeSafeInteger(bytes, at, value);
  }
  return writeAscii(bytes, at, formatNumber(value));
}

/** The same as text. */
export function formatNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return Object.is(value, -0) ? '-0' : String(value);
}

/** A bound in `le` or `quantile` as OpenMetrics wants it: an integer still shows that it is a float. */
export function formatBound(value: number): string {
  const text = formatNumber(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function writeUint32(bytes: Uint8Array, at: number, value: number): number {
  const end = at + digits(value);
  let rest = value;
  let position = end;
  while (rest >= 10) {
    const tens = (rest / 10) >>> 0;
    bytes[--position] = 48 + rest - tens * 10;
    rest = tens;
  }
  bytes[--position] = 48 + rest;
  return end;
}

function writeDecimal(bytes: Uint8Array, at: number, negative: boolean, micros: number): number {
  let start = at;
  if (negative) bytes[start++] = 45;
  const whole = Math.floor(micros / MICRO);
  let end = writeUint32(bytes, start, whole);
  let fraction = micros - whole * MICRO;
  if (fraction === 0) return end;
  bytes[end++] = 46;
  const first = end;
  end += 6;
  for (let position = end; position > first; ) {
    const tens = (fraction / 10) >>> 0;
    bytes[--position] = 48 + fraction - tens * 10;
    fraction = tens;
  }
  while (bytes[end - 1] === 48) end--;
  return end;
}

function writeSafeInteger(bytes: Uint8Array, at: number, value: number): number {
  let start = at;
  if (value < 0) bytes[start++] = 45;
  const magnitude = Math.abs(value);
  const high = Math.floor(magnitude / 1e9);
  let low = magnitude - high * 1e9;
  const end = writeUint32(bytes, start, high) + 9;
  for (let position = end, count = 0; count < 9; count++) {
    const tens = (low / 10) >>> 0;
    bytes[--position] = 48 + low - tens * 10;
    low = tens;
  }
  return end;
}

function writeAscii(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

function digits(value: number): number {
  if (value < 1e5) return value < 10 ? 1 : value < 100 ? 2 : value < 1e3 ? 3 : value < 1e4 ? 4 : 5;
  return value < 1e6 ? 6 : value < 1e7 ? 7 : value < 1e8 ? 8 : value < 1e9 ? 9 : 10;
}
