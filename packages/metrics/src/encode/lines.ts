import { worstBytes, writeLabelValue } from '../bytes.ts';
import { LEGACY_LABEL_NAME, LEGACY_METRIC_NAME } from '../metric.ts';
import { NUMBER_BYTES, writeNumber } from '../number.ts';
import { escapeLabelName, escapeMetricName } from './escaping.ts';
import type { Escaping } from './format.ts';
import type { Output } from './output.ts';

/** The fixed bytes of a family's sample lines: what stands before, between and behind the label values. */
export interface LineShape {
  /** `between[0]` begins the line; `between[n]` follows the last label value. */
  readonly between: readonly Uint8Array[];
  /** Joins one more label, such as `le`, to those before. */
  readonly join: string;
  readonly close: string;
  readonly fixedBytes: number;
}

const encoder = new TextEncoder();

/** A name as the text formats write it outside of braces: quoted when a legacy parser could not read it. */
export function quoteName(name: string): string {
  return LEGACY_METRIC_NAME.test(name) ? name : `"${escapeText(name)}"`;
}

/** Backslash, line feed and quotation mark escaped. */
export function escapeText(text: string): string {
  return text.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
}

/** Compiles the line of a sample. `suffix` follows the escaped name; `constants` are the values of the first labels. */
export function compileLine(
  name: string,
  suffix: string,
  labelNames: readonly string[],
  constants: readonly string[],
  escaping: Escaping,
): LineShape {
  const escapedName = escapeMetricName(name, escaping) + suffix;
  const bare = LEGACY_METRIC_NAME.test(escapedName);
  // Quoted names stand within the braces: {"a.b",label="x"}.
  let text = bare ? escapedName : `{${quoteName(escapedName)}`;
  let join = bare ? '{' : ',';
  const between: Uint8Array[] = [];
  for (const [i, labelName] of labelNames.entries()) {
    const escaped = escapeLabelName(labelName, escaping);
    const label = LEGACY_LABEL_NAME.test(escaped) ? escaped : `"${escapeText(escaped)}"`;
    text += `${join}${label}="`;
    join = ',';
    const constant = constants[i];
    if (constant === undefined) {
      between.push(encoder.encode(text));
      text = '"';
    } else text += `${escapeText(constant)}"`;
  }
  between.push(encoder.encode(text));
  const close = join === ',' ? '} ' : ' ';
  const fixedBytes = between.reduce((sum, bytes) => sum + bytes.length, 0);
  return { between, join, close, fixedBytes };
}

/** The most bytes a line can take. `extra` is text that {@link writeLine} will be given on top. */
export function lineBound(shape: LineShape, labels: readonly string[], extra: number): number {
  let units = extra;
  for (let i = 0; i < labels.length; i++) units += (labels[i] as string).length;
  return shape.fixedBytes + worstBytes(units) + NUMBER_BYTES + 8;
}

/** Writes a sample line. There must be room for {@link lineBound}. `label` is one more label, rendered; `after` follows the value. */
export function writeLine(
  output: Output,
  shape: LineShape,
  labels: readonly string[],
  value: number,
  label: string,
  after: string,
): void {
  const { bytes } = output;
  let at = output.at;
  const { between } = shape;
  for (let i = 0; i < between.length; i++) {
    const fixed = between[i] as Uint8Array;
    const { length } = fixed;
    for (let j = 0; j < length; j++) bytes[at + j] = fixed[j] as number;
    at += length;
    if (i < labels.length) at = writeLabelValue(bytes, at, labels[i] as string);
  }
  if (label === '') at = writeAscii(bytes, at, shape.close);
  else at = writeAscii(bytes, at, `${shape.join}${label}} `);
  at = writeNumber(bytes, at, value);
  if (after !== '') at += encoder.encodeInto(after, bytes.subarray(at)).written;
  bytes[at++] = 0x0a;
  output.at = at;
}

function writeAscii(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}
