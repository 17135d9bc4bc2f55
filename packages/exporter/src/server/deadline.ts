export interface DeadlineSettings {
  /** Seconds, for scrapers that do not say. */
  readonly scrape_timeout: number;
  readonly scrape_timeout_max: number;
  readonly scrape_timeout_offset: number;
}

/**
 * How many seconds a scrape may collect, from the header `X-Prometheus-Scrape-Timeout-Seconds`, which Prometheus sends:
 * that, bounded, less the time the answer needs. A header that is no positive number is as none.
 */
export function scrapeSeconds(header: string | string[] | undefined, settings: DeadlineSettings): number {
  const asked = typeof header === 'string' && /^\d{1,6}(?:\.\d{1,9})?$/.test(header.trim()) ? Number(header) : 0;
  const whole = asked > 0 ? Math.min(asked, settings.scrape_timeout_max) : settings.scrape_timeout;
  return whole - Math.min(settings.scrape_timeout_offset, whole / 2);
}
