import { z } from 'zod';
import { duration, filePath } from '../values.ts';

/** What every source has first. */
export const NAME = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, {
    error: 'must be 1 to 63 letters, digits, "_", "." or "-", and begin with a letter or a digit',
  })
  .describe('The name of the source: the value of its `source` label, and of the `server` label of `media_*`.');

/** The most series that one family may have, and at least. */
function seriesBudget(least: number): z.ZodDefault<z.ZodInt> {
  return z
    .int()
    .min(least)
    .default(10_000)
    .describe(
      'The most series that one family of this source may have, so that neither the exporter nor Prometheus runs out of memory when there are more and more titles, users or streams; what goes over is folded or dropped, and counted. At least 200 for Plex and Jellyfin.',
    );
}

/** What every source has in common. */
export const COMMON = {
  timeout: duration(0.1, 300).prefault(5).describe('How long one request may take in all.'),
  max_response_bytes: z
    .int()
    .min(1024)
    .max(1024 ** 3)
    .default(64 * 1024 ** 2)
    .describe('The largest answer that is read, in bytes.'),
  tls: z
    .strictObject({
      ca_file: filePath
        .optional()
        .describe(
          'A file with certificates of authorities (PEM); only they are trusted then. Read again when it changes.',
        ),
      servername: z
        .string()
        .min(1)
        .optional()
        .describe('The name that the certificate must have, where it is not that of the URL.'),
      insecure_skip_verify: z
        .boolean()
        .default(false)
        .describe('Takes any certificate: whoever is in between can then read the secret.'),
    })
    .prefault({})
    .describe('How an https:// server is known.'),
  series_budget: seriesBudget(1),
  native: z.boolean().default(true).describe('Whether the families that only this type of source has are exported.'),
  unified: z.boolean().default(true).describe('Whether the `media_*` families that all types share are exported.'),
};

/** What sources have whose server has sessions. */
export const SESSIONS = {
  // Below it, families with few series that are there from the start would lose some of them.
  series_budget: seriesBudget(200),
  session_series: z
    .boolean()
    .default(false)
    .describe('Whether there are `media_session_*` series, one for each session, with its user, title and device.'),
};

export type TlsSettings = z.output<typeof COMMON.tls>;
