import { LEGACY_LABEL_NAME, LEGACY_METRIC_NAME } from '../metric.ts';
import type { Escaping } from './format.ts';

/** A metric name under an escaping scheme (prometheus/docs: instrumenting/escaping_schemes). Legacy names stay as they are. */
export function escapeMetricName(name: string, escaping: Escaping): string {
  if (escaping === 'allow-utf-8' || (LEGACY_METRIC_NAME.test(name) && !mustEncode(name, escaping))) return name;
  return escapeName(name, escaping, true);
}

/** A label name under an escaping scheme. */
export function escapeLabelName(name: string, escaping: Escaping): string {
  if (escaping === 'allow-utf-8' || (LEGACY_LABEL_NAME.test(name) && !mustEncode(name, escaping))) return name;
  return escapeName(name, escaping, false);
}

/** `dots` doubles underscores in every name, so that the reader can tell them from dots. */
function mustEncode(name: string, escaping: Escaping): boolean {
  return escaping === 'dots' && name.includes('_');
}

function escapeName(name: string, escaping: Escaping, colons: boolean): string {
  let escaped = escaping === 'values' ? 'U__' : '';
  let first = true;
  for (const char of name) {
    escaped += isLegal(char, first, colons) ? legal(char, escaping) : replaced(char, escaping);
    first = false;
  }
  return escaped;
}

function isLegal(char: string, first: boolean, colons: boolean): boolean {
  return /[a-zA-Z_]/.test(char) || (!first && /\d/.test(char)) || (colons && char === ':');
}

function legal(char: string, escaping: Escaping): string {
  return char === '_' && escaping !== 'underscores' ? '__' : char;
}

function replaced(char: string, escaping: Escaping): string {
  if (escaping === 'dots') return char === '.' ? '_dot_' : '__';
  if (escaping === 'values') return `_${(char.codePointAt(0) as number).toString(16)}_`;
  return '_';
}
