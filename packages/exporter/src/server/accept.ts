const METRICS = ['text/plain', 'application/openmetrics-text', 'application/vnd.google.protobuf'];

interface Wish {
  readonly quality: number;
  /** Where the type is named, counting from 0; `Infinity` where only a wildcard allows it. */
  readonly position: number;
}

/**
 * Whether an `Accept` header asks for a page rather than for metrics: HTML has the higher weight, or the same and is
 * named before any form of metrics (RFC 9110 section 12.5.1).
 */
export function prefersHtml(accept: string | undefined): boolean {
  const ranges = (accept ?? '').split(',').map((range) => parseRange(range));
  const html = wishFor('text/html', ranges);
  const metrics = METRICS.map((type) => wishFor(type, ranges));
  const most = Math.max(...metrics.map(({ quality }) => quality));
  if (html.quality !== most) return html.quality > most;
  return html.quality > 0 && metrics.every(({ position }) => html.position < position);
}

function parseRange(range: string): { type: string; quality: number } {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice('q='.length);
  if (weight === undefined) return { type, quality: 1 };
  return { type, quality: /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight) : 0 };
}

/** The most specific range decides. */
function wishFor(type: string, ranges: readonly { type: string; quality: number }[]): Wish {
  const [group = ''] = type.split('/');
  for (const wanted of [type, `${group}/*`, '*/*']) {
    const index = ranges.findIndex((range) => range.type === wanted);
    const range = ranges[index];
    if (range !== undefined)
      return { quality: range.quality, position: wanted === type ? index : Number.POSITIVE_INFINITY };
  }
  return { quality: 0, position: Number.POSITIVE_INFINITY };
}
