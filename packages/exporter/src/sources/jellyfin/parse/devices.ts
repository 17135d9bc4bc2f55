import { ExporterError } from '../../../errors.ts';
import { readEntries } from '../../http/entries.ts';
import { fields, text } from './json.ts';

/** One entry of `/Devices`, reduced to what is counted. */
export interface JellyfinDevice {
  /** The application. */
  readonly client: string;
  readonly version: string;
  /** Milliseconds since the epoch by the server's clock; absent where it is not told. Of never, the year 1. */
  readonly lastActivity?: number;
}

/** An entry has some hundred bytes, and what an application says it can. */
const MOST_ENTRY_BYTES = 64 * 1024;
/** Secrets of others are not looked at, nor is what an application can. */
const LEFT_OUT = ['AccessToken', 'Capabilities'];

/**
 * The devices of an answer of `/Devices`, parsed one by one.
 *
 * @throws ExporterError `MX_UPSTREAM_ANSWER` for what is no list of devices.
 */
export async function readDevices(body: AsyncIterable<Uint8Array>): Promise<JellyfinDevice[]> {
  const devices: JellyfinDevice[] = [];
  const read = await readEntries(
    body,
    { key: 'Items', maxEntryBytes: MOST_ENTRY_BYTES, leaveOut: LEFT_OUT },
    (entry) => {
      const device = parseDevice(entry);
      if (device !== undefined) devices.push(device);
    },
  );
  if (!read.ok) throw problem(read.problem);
  if (read.value.skipped > 0) throw problem(`a device has more than ${MOST_ENTRY_BYTES} bytes`);
  return devices;
}

function parseDevice(entry: unknown): JellyfinDevice | undefined {
  const raw = fields(entry);
  if (raw === undefined) return undefined;
  const lastActivity = Date.parse(text(raw.DateLastActivity) ?? '');
  return {
    client: text(raw.AppName) ?? '',
    version: text(raw.AppVersion) ?? '',
    ...(Number.isNaN(lastActivity) ? {} : { lastActivity }),
  };
}

function problem(what: string): ExporterError {
  return new ExporterError({ code: 'MX_UPSTREAM_ANSWER', detail: `/Devices: ${what}` });
}
