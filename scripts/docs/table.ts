import type { Metric } from '@media-exporter/metrics';

/** A part of METRICS.md: the metrics of one catalogue. */
export interface Chapter {
  readonly title: string;
  /** Where these metrics are served, and when. */
  readonly text: string;
  readonly catalogue: readonly Metric[];
}

/** Renders catalogues as a page of tables, in their own order. */
export function renderChapters(title: string, introduction: string, chapters: readonly Chapter[]): string {
  const parts = [`# ${title}`, '', introduction, ''];
  for (const chapter of chapters) {
    parts.push(`## ${chapter.title}`, '', chapter.text, '', '| name | type | labels | meaning |', '|---|---|---|---|');
    parts.push(...chapter.catalogue.map(renderRow), '');
  }
  return parts.join('\n');
}

function renderRow(metric: Metric): string {
  const labels = metric.labelNames.map((label) => {
    const privacy = metric.privacy[label];
    return privacy === 'public' ? `\`${label}\`` : `\`${label}\` (${privacy})`;
  });
  const remarks = [metric.stability === 'stable' ? '' : metric.stability, metric.cost ? `cost: ${metric.cost}` : ''];
  const notes = remarks.filter((remark) => remark !== '').join('; ');
  const meaning = notes === '' ? metric.help : `${metric.help} (${notes})`;
  return `| \`${metric.name}\` | ${metric.type} | ${labels.join(', ')} | ${cell(meaning)} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replace(/\s+/g, ' ');
}
