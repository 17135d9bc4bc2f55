import type { Escaping, Format } from '../encode/format.ts';
import { OPENMETRICS_1_0_0, PROTOBUF, TEXT_0_0_4, TEXT_1_0_0 } from '../encode/format.ts';
import { type Clause, parseClauses } from './accept.ts';

/**
 * The format for an Accept header, as Prometheus negotiates it (prometheus/docs: instrumenting/content_negotiation):
 * the most wanted one that we speak, else text 0.0.4. A version we do not know is passed over, never guessed.
 */
export function negotiate(accept: string | undefined): Format {
  for (const clause of parseClauses(accept)) {
    if (clause.quality === 0) continue;
    const format = formatOf(clause);
    if (format !== undefined) return format;
  }
  return TEXT_0_0_4;
}

/** Whether a client wants gzip (RFC 9110 §12.5.3); the only encoding that Prometheus asks for. */
export function wantsGzip(acceptEncoding: string | undefined): boolean {
  const clauses = parseClauses(acceptEncoding);
  const named = clauses.find(({ value }) => value === 'gzip' || value === 'x-gzip');
  return ((named ?? clauses.find(({ value }) => value === '*'))?.quality ?? 0) > 0;
}

function formatOf({ value, parameters }: Clause): Format | undefined {
  const { version } = parameters;
  switch (value) {
    case 'application/openmetrics-text':
      if (version === '0.0.1')
        return withEscaping({ ...OPENMETRICS_1_0_0, version, escaping: 'underscores' }, parameters);
      if (version === undefined || version === '1.0.0') return withEscaping(OPENMETRICS_1_0_0, parameters);
      return undefined;
    case 'application/vnd.google.protobuf': {
      const isFamily = parameters.proto === 'io.prometheus.client.MetricFamily';
      return isFamily && parameters.encoding === 'delimited' ? withEscaping(PROTOBUF, parameters) : undefined;
    }
    case 'text/plain':
      if (version === '1.0.0') return withEscaping(TEXT_1_0_0, parameters);
      return version === undefined || version === '0.0.4' ? withEscaping(TEXT_0_0_4, parameters) : undefined;
    case 'text/*':
    case '*/*':
      return TEXT_0_0_4;
    default:
      return undefined;
  }
}

const ESCAPINGS: readonly string[] = ['allow-utf-8', 'underscores', 'dots', 'values'] satisfies Escaping[];

/** A client that does not say how it wants names escaped reads legacy names only. */
function withEscaping(format: Format, { escaping }: Clause['parameters']): Format {
  if (escaping === undefined || !ESCAPINGS.includes(escaping)) return { ...format, escaping: 'underscores' };
  // Text 0.0.4 and OpenMetrics 0.0.1 have no syntax for quoted names.
  const quotes = format.version === '1.0.0' || format.syntax === 'protobuf';
  return { ...format, escaping: escaping === 'allow-utf-8' && !quotes ? 'underscores' : (escaping as Escaping) };
}
