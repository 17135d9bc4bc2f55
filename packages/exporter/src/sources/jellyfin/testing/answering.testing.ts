import { ManualClock } from '@media-exporter/metrics/testing';
import { ExporterError } from '../../../errors.ts';
import type { HttpStreams } from '../client.ts';
import type { CreateCollector } from '../collectors/collector.ts';
import { testContext, values } from './context.testing.ts';

/** A server that answers each request with what `answer` says of its path and query. */
export function answering(
  answer: (path: string, query: URLSearchParams) => unknown,
  asked: string[] = [],
): HttpStreams {
  return {
    async stream({ path = '' }, consume) {
      asked.push(path);
      const { pathname, searchParams } = new URL(path, 'http://server');
      const json = answer(pathname, searchParams);
      if (typeof json === 'number') throw new ExporterError({ code: 'MX_UPSTREAM_STATUS', detail: 'no', status: json });
      const body = Buffer.from(JSON.stringify(json));
      return consume({
        status: 200,
        headers: {},
        body: (async function* () {
          yield body;
        })(),
      });
    },
  };
}

/** A collector of such a server, perhaps with what was kept before a restart. */
export function open(
  create: CreateCollector,
  answer: (path: string, query: URLSearchParams) => unknown,
  kept?: Map<string, unknown>,
) {
  const asked: string[] = [];
  const context = testContext(answering(answer, asked), new ManualClock());
  const collector = create(context);
  if (kept !== undefined) collector.restore?.(kept);
  return { collector, context, asked, read: (name: string) => values(collector.families(), name) };
}

export const MINUTE = 60_000;
export const T0: number = Date.UTC(2026, 0, 1);

/** A date as the server writes it. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}
