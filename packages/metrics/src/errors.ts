/** Every error this package throws, by its stable code. The codes are part of the public interface. */
export const METRICS_ERRORS = {
  MX_METRIC_NAME: 'The metric name is empty or not well-formed Unicode. Give the catalogue entry a name.',
  MX_LABEL_NAME:
    'The label name is empty, reserved or declared twice. Names that begin with "__" belong to Prometheus.',
  MX_LABEL_SET: 'The labels of a sample are not those its metric declares.',
  MX_VALUE: 'The value does not fit the type of its metric.',
  MX_BUCKETS: 'Bucket bounds must be finite, ascending and without repeats.',
  MX_DUPLICATE_SERIES: 'Two samples of one family have the same labels.',
  MX_TYPE_CONFLICT: 'Two collectors give the same metric name different types or label names.',
  MX_REGISTERED: 'The collector is registered already.',
  MX_DEADLINE: 'The collector did not finish before the deadline of the scrape.',
  MX_PARSE: 'The exposition is not well-formed.',
} as const;

export type MetricsErrorCode = keyof typeof METRICS_ERRORS;

/** An error with a stable `code`; the message is the code's sentence and what it was about. */
export class MetricsError extends Error {
  override readonly name = 'MetricsError';
  readonly code: MetricsErrorCode;

  constructor(code: MetricsErrorCode, detail: string, options?: ErrorOptions) {
    super(`${METRICS_ERRORS[code]} (${detail})`, options);
    this.code = code;
  }
}
