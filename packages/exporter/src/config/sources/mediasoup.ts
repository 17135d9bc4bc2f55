import { z } from 'zod';
import { filePath, headerSecret, sourceUrl } from '../values.ts';
import { COMMON, NAME } from './common.ts';

/** The configuration of one mediasoup SFU. */
export const mediasoupSourceSchema = z.strictObject({
  name: NAME,
  type: z.literal('mediasoup').describe('A mediasoup SFU that embeds @media-exporter/mediasoup.'),
  url: sourceUrl('refused').describe(
    'Where the SFU serves its state: http://HOST:PORT, https://HOST:PORT or unix:/PATH.',
  ),
  secret: headerSecret.optional().describe('The secret that the SFU was given, sent as a bearer token.'),
  secret_file: filePath.optional().describe('A file whose first line is the secret; read again when it changes.'),
  secret_env: z.string().min(1).optional().describe('The environment variable that holds the secret.'),
  ...COMMON,
  sets: z
    .array(z.enum(['default', 'seed', 'aggregated']))
    .min(1)
    .default(['default', 'seed'])
    .describe(
      'Which families are exported: `default` (bounded labels), `seed` (the six of the original exporter), `aggregated` (its aggregated set).',
    ),
  prefix: z
    .string()
    .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, { error: 'must be the beginning of a metric name, such as edumeet_' })
    .default('Ejtimaa_')
    .describe('The prefix of the rooms and peers metrics of the `seed` set.'),
  quiet: z
    .boolean()
    .default(false)
    .describe(
      'Empties the labels `transport_id` and `id` of the `seed` set; series that become equal are put together.',
    ),
});

export type MediasoupSettings = z.output<typeof mediasoupSourceSchema>;
