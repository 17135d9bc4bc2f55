import { z } from 'zod';
import { jellyfinSourceSchema } from './sources/jellyfin.ts';
import { mediasoupSourceSchema } from './sources/mediasoup.ts';
import { plexSourceSchema } from './sources/plex.ts';
import { duration, filePath, listenAddress, telemetryPath } from './values.ts';

export { type MediasoupSettings, mediasoupSourceSchema } from './sources/mediasoup.ts';
export { type PlexSettings, plexSourceSchema } from './sources/plex.ts';

/** What becomes of a label that names a person. */
const policy = z.enum(['clear', 'pseudonym', 'drop']);

const privacySchema = z.strictObject({
  users: policy
    .default('pseudonym')
    .describe(
      'Names and ids of people, their devices and user agents: clear, pseudonym (a keyed hash) or drop (an empty label).',
    ),
  titles: policy.default('clear').describe('What people watch and listen to: clear, pseudonym or drop.'),
  addresses: policy.default('pseudonym').describe('Network addresses: clear, pseudonym or drop.'),
  key: z.string().min(16).optional().describe('The key of the pseudonyms, at least 16 characters.'),
  key_file: filePath.optional().describe('A file whose first line is the key of the pseudonyms.'),
  key_env: z.string().min(1).optional().describe('The environment variable that holds the key of the pseudonyms.'),
});

const SOURCES = [mediasoupSourceSchema, plexSourceSchema, jellyfinSourceSchema] as const;

const sourceSchema = z.discriminatedUnion('type', SOURCES);

const webSchema = z
  .strictObject({
    listen: z
      .array(listenAddress)
      .min(1)
      .default(['127.0.0.1:9594'])
      .describe('Addresses to listen on: HOST:PORT, [IPV6]:PORT, or :PORT for all interfaces.'),
    telemetry_path: telemetryPath.default('/metrics').describe('The path of the metrics.'),
    auth: z
      .strictObject({
        metrics: z
          .enum(['none', 'token'])
          .optional()
          .describe(
            'Who may read the metrics: everybody, or who has the token. Without it: token when there is a token file.',
          ),
        token_file: filePath
          .optional()
          .describe('A file whose first line is the bearer token; read again when it changes.'),
      })
      .default({})
      .describe('Access. Needed as soon as an address is not loopback.'),
    config_file: filePath
      .optional()
      .describe(
        "A web configuration file as Prometheus' exporter-toolkit defines it: TLS, passwords, headers and a limit of requests. Read again when it changes.",
      ),
    scrape_timeout: duration(0.1, 300)
      .prefault(10)
      .describe('The deadline of a scrape whose scraper does not tell its own.'),
    scrape_timeout_max: duration(0.1, 300).prefault(60).describe('The longest deadline that a scraper can ask for.'),
    scrape_timeout_offset: duration(0, 60)
      .prefault(0.5)
      .describe('How much earlier than the scraper gives up the answer begins; at most half of its deadline.'),
  })
  .check(({ value, issues }) => {
    const { scrape_timeout: standard, scrape_timeout_max: most } = value;
    if (standard <= most) return;
    const message = `${standard}s is longer than scrape_timeout_max, which is ${most}s`;
    issues.push({
      code: 'custom',
      input: standard,
      path: ['scrape_timeout'],
      message,
      params: { code: 'MX_CONFIG_VALUE' },
    });
  });

/** The whole file. */
export const configSchema = z.strictObject({
  web: webSchema.prefault({}).describe('The HTTP server.'),
  privacy: privacySchema.prefault({}).describe('What becomes of labels that name persons.'),
  reload: z
    .strictObject({
      interval: duration(0, 3600)
        .prefault(5)
        .describe('How often the files are looked at for changes; 0 switches it off.'),
    })
    .prefault({})
    .describe('Reloading on change.'),
  labels: z
    .strictObject({
      max_value_bytes: z.int().min(16).max(65_536).default(256).describe('Longer label values are cut.'),
    })
    .prefault({})
    .describe('Limits of labels.'),
  state: z
    .strictObject({
      dir: filePath
        .optional()
        .describe(
          'The folder of what must survive a restart. Without it: $STATE_DIRECTORY, else $XDG_STATE_HOME/media-exporter, else ~/.local/state/media-exporter.',
        ),
    })
    .prefault({})
    .describe('What is kept over restarts.'),
  sources: z.array(sourceSchema).min(1).describe('The media servers.'),
});

/** The configuration with all defaults filled in. Durations are in seconds. */
export type Config = z.output<typeof configSchema>;
/** The configuration as a person writes it. */
export type ConfigInput = z.input<typeof configSchema>;
/** One source as a person writes it; {@link Config} holds it with its defaults. */
export type SourceConfig = z.input<typeof sourceSchema>;
export type SourceSettings = Config['sources'][number];
export type PrivacyPolicy = z.output<typeof policy>;

/** The types of source that this version has. */
export const SOURCE_TYPES: readonly string[] = SOURCES.map((schema) => schema.shape.type.value);

/** The JSON Schema of the file, for editors. */
export function jsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, { io: 'input' });
  return { $schema, title: 'The configuration of media-exporter', ...schema };
}
