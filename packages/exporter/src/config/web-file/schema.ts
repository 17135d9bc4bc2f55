import { z } from 'zod';
import { CIPHERS, CLIENT_AUTH, CURVES, VERSIONS } from './names.ts';

/** A key that is not needed; written without a value, or with an empty text, it is as if it were not there. */
function optional<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => (value === null || value === '' ? undefined : value), schema.optional());
}

const keys = <K extends string>(names: Readonly<Record<K, string>>): K[] => Object.keys(names) as K[];

const tlsSchema = z.strictObject({
  cert: optional(z.string()),
  cert_file: optional(z.string()),
  key: optional(z.string()),
  key_file: optional(z.string()),
  client_auth_type: optional(z.enum(CLIENT_AUTH)),
  client_ca: optional(z.string()),
  client_ca_file: optional(z.string()),
  client_allowed_sans: optional(z.array(z.string()).min(1)),
  min_version: optional(z.enum(keys(VERSIONS))),
  max_version: optional(z.enum(keys(VERSIONS))),
  cipher_suites: optional(z.array(z.enum(keys(CIPHERS)))),
  prefer_server_cipher_suites: optional(z.boolean()),
  curve_preferences: optional(z.array(z.enum(keys(CURVES)))),
});

const headerValue = z.string().regex(/^[\t\x20-\x7e]*$/, { error: 'must be one line of ASCII text' });

const httpSchema = z.strictObject({
  http2: optional(z.boolean()),
  headers: z
    .strictObject({
      'Content-Security-Policy': optional(headerValue),
      'X-Frame-Options': optional(z.enum(['deny', 'sameorigin'])),
      'X-Content-Type-Options': optional(z.enum(['nosniff'])),
      'X-XSS-Protection': optional(headerValue),
      'Strict-Transport-Security': optional(headerValue),
    })
    .nullish(),
});

const UNIT_SECONDS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };
const DURATION = /^(?:0|(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+)$/;

/** A duration as Go writes it, such as `1m30s`, in seconds. */
const goDuration = z
  .union([z.literal(0), z.string().regex(DURATION)], { error: 'must be a duration such as 500ms, 1s or 1m30s' })
  .transform((value) =>
    [...String(value).matchAll(/([\d.]+)([a-zµ]+)/g)].reduce(
      (sum, [, digits, unit]) => sum + Number(digits) * (UNIT_SECONDS[unit ?? ''] ?? 0),
      0,
    ),
  );

/** A record of zod leaves this key out without a word. */
const LOST = '__proto__';
const losesNone = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || !Object.hasOwn(value, LOST);

/** The web configuration file as Prometheus' exporter-toolkit defines it. Defaults and rules over several keys come later. */
export const webFileSchema = z.strictObject({
  tls_server_config: tlsSchema.nullish(),
  http_server_config: httpSchema.nullish(),
  basic_auth_users: z
    .unknown()
    .refine(losesNone, { error: `must not have a user named ${LOST}` })
    .pipe(z.record(z.string(), z.string()).nullish())
    .optional(),
  rate_limit: z.strictObject({ interval: optional(goDuration), burst: optional(z.int().min(0)) }).nullish(),
});

export type WebFileInput = z.output<typeof webFileSchema>;
export type TlsInput = z.output<typeof tlsSchema>;
