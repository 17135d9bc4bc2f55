import type { SfuState } from '@media-exporter/mediasoup';
import type { HttpClient } from '../http/http.ts';
import { parseStats } from './parse.ts';

/** The only path of an SFU that is read. */
export const STATS = '/stats';

/**
 * The whole state of the SFU.
 *
 * @throws ExporterError with one of the `MX_UPSTREAM_` codes.
 */
export function fetchStats(client: HttpClient): Promise<SfuState> {
  return client.get(STATS, parseStats);
}
