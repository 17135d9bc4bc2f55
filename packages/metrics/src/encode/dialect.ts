import type { Exemplar } from '../family.ts';
import type { Metric, MetricType } from '../metric.ts';
import { formatNumber } from '../number.ts';
import { escapeLabelName, escapeMetricName } from './escaping.ts';
import type { Escaping, Format } from './format.ts';
import { escapeText, quoteName } from './lines.ts';

/** In what the text formats differ: headers, exemplars, bounds and the end. */
export interface Dialect {
  readonly escaping: Escaping;
  /** Whether bounds always show that they are floats (OpenMetrics "canonical numbers"). */
  readonly floatBounds: boolean;
  readonly footer: string;
  header(metric: Metric): string;
  /** What follows the value. `metric` is that of a sample with a plain value, undefined for a bucket. */
  exemplar(exemplar: Exemplar, metric: Metric | undefined): string;
}

/**
 * The dialect of a format.
 *
 * @param families all families of the exposition: OpenMetrics takes suffixes off, and two names must not meet.
 */
export function dialectOf({ syntax, escaping }: Format, families: readonly Named[]): Dialect {
  return syntax === 'openmetrics' ? openMetrics(escaping, takenNames(families, escaping)) : text(escaping);
}

function text(escaping: Escaping): Dialect {
  return {
    escaping,
    floatBounds: false,
    footer: '',
    header({ name, type, help }) {
      const written = quoteName(escapeMetricName(name, escaping));
      return `# HELP ${written} ${help.toWellFormed().replace(/[\\\n]/g, (c) => (c === '\n' ? '\\n' : '\\\\'))}\n# TYPE ${written} ${textType(type)}\n`;
    },
    exemplar: () => '',
  };
}

/** The text formats know no info, stateset or unknown. */
export function textType(type: MetricType): string {
  if (type === 'info' || type === 'stateset') return 'gauge';
  return type === 'unknown' ? 'untyped' : type;
}

function openMetrics(escaping: Escaping, taken: ReadonlySet<string>): Dialect {
  return {
    escaping,
    floatBounds: true,
    footer: '# EOF\n',
    header(metric) {
      const { name, type } = openMetricsIdentity(metric, taken, escaping);
      const written = quoteName(name);
      const unit = unitOf(metric, name);
      const lines = [`# HELP ${written} ${escapeText(metric.help.toWellFormed())}`, `# TYPE ${written} ${type}`];
      if (unit !== undefined) lines.push(`# UNIT ${written} ${unit}`);
      return `${lines.join('\n')}\n`;
    },
    exemplar(exemplar, metric) {
      if (metric !== undefined && openMetricsIdentity(metric, taken, escaping).type !== 'counter') return '';
      if (!fitsOpenMetrics(exemplar)) return '';
      const labels = Object.entries(exemplar.labels).map(([name, value]) => {
        return `${quoteName(escapeLabelName(name, escaping))}="${escapeText(value.toWellFormed())}"`;
      });
      const time = exemplar.timestamp === undefined ? '' : ` ${formatNumber(exemplar.timestamp)}`;
      return ` # {${labels.join(',')}} ${formatNumber(exemplar.value)}${time}`;
    },
  };
}

/** OpenMetrics: "The combined length of the label names and values … MUST NOT exceed 128 UTF-8 character code points." */
export function fitsOpenMetrics({ labels }: Exemplar): boolean {
  return (
    Object.entries(labels)
      .flat()
      .reduce((sum, text) => sum + [...text].length, 0) <= EXEMPLAR_CHARACTERS
  );
}

const EXEMPLAR_CHARACTERS = 128;

/**
 * Under which name, escaped, and type OpenMetrics knows a metric. Its counters end in `_total` and its infos in
 * `_info`, which the family name lacks. Prometheus would store another counter under a new name, so it is `unknown`.
 */
export function openMetricsIdentity(
  metric: Pick<Metric, 'name' | 'type' | 'labelNames'>,
  taken: ReadonlySet<string>,
  escaping: Escaping,
): { readonly name: string; readonly type: MetricType } {
  const name = escapeMetricName(metric.name, escaping);
  const { type } = metric;
  if (type === 'stateset') {
    // A stateset's state stands in a label of the metric's own name.
    const own = metric.labelNames.some((label) => escapeLabelName(label, escaping) === name);
    return { name, type: own ? type : 'gauge' };
  }
  if (type !== 'counter' && type !== 'info') return { name, type };
  const stem = stemOf(name, type);
  if (stem !== '' && !taken.has(stem)) return { name: stem, type };
  return { name, type: type === 'counter' ? 'unknown' : 'gauge' };
}

type Named = Pick<Metric, 'name' | 'type'>;

/** Names that no suffix may be taken off for: those of other families, and those that two would come down to. */
export function takenNames(families: readonly Named[], escaping: Escaping): ReadonlySet<string> {
  const taken = new Set<string>();
  const stems = new Set<string>();
  for (const { name, type } of families) {
    const escaped = escapeMetricName(name, escaping);
    taken.add(escaped);
    const stem = stemOf(escaped, type);
    if (stems.has(stem)) taken.add(stem);
    stems.add(stem);
  }
  return taken;
}

/** A name without the suffix that OpenMetrics takes off for the type; empty where it takes none. */
function stemOf(name: string, type: MetricType): string {
  const suffix = type === 'counter' ? '_total' : type === 'info' ? '_info' : '';
  return suffix !== '' && name.endsWith(suffix) ? name.slice(0, -suffix.length) : '';
}

/** The unit, where the family name ends in it as OpenMetrics demands. */
export function unitOf(metric: Pick<Metric, 'unit'>, familyName: string): string | undefined {
  return metric.unit !== undefined && familyName.endsWith(`_${metric.unit}`) ? metric.unit : undefined;
}
