/** How a name that older parsers cannot read is written: the four schemes of Prometheus 3. */
export type Escaping = 'allow-utf-8' | 'underscores' | 'dots' | 'values';

/** One exposition format, as negotiated. */
export interface Format {
  readonly syntax: 'text' | 'openmetrics' | 'protobuf';
  /** Of the syntax: text 0.0.4 or 1.0.0, OpenMetrics 0.0.1 or 1.0.0; protobuf has none. */
  readonly version: '0.0.1' | '0.0.4' | '1.0.0' | '';
  readonly escaping: Escaping;
}

export const TEXT_0_0_4: Format = { syntax: 'text', version: '0.0.4', escaping: 'underscores' };
export const TEXT_1_0_0: Format = { syntax: 'text', version: '1.0.0', escaping: 'allow-utf-8' };
export const OPENMETRICS_1_0_0: Format = { syntax: 'openmetrics', version: '1.0.0', escaping: 'allow-utf-8' };
export const PROTOBUF: Format = { syntax: 'protobuf', version: '', escaping: 'allow-utf-8' };

/** The Content-Type of a format. Prometheus 3 refuses an answer without one. */
export function contentType({ syntax, version, escaping }: Format): string {
  if (syntax === 'protobuf') {
    return `application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=${escaping}`;
  }
  const type = syntax === 'openmetrics' ? 'application/openmetrics-text' : 'text/plain';
  return `${type}; version=${version}; charset=utf-8; escaping=${escaping}`;
}
