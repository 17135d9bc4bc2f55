import { z } from 'zod';
import { duration, filePath, headerSecret, sourceUrl } from '../values.ts';
import { COMMON, NAME, SESSIONS } from './common.ts';
import { withoutWebApp } from './web-app.ts';

/** The configuration of one Plex Media Server. */
export const plexSourceSchema = z.strictObject({
  name: NAME,
  type: z.literal('plex').describe('A Plex Media Server.'),
  url: z
    .string()
    .transform(withoutWebApp)
    .pipe(sourceUrl('allowed'))
    .describe(
      'Where the server is: http://HOST:32400, with a path where a proxy adds one; `/web` and more is cut off.',
    ),
  token: headerSecret.optional().describe("The X-Plex-Token of the server's owner."),
  token_file: filePath
    .optional()
    .describe(
      'A file whose first line is the token; read again when it changes, and when the server refuses the token.',
    ),
  token_env: z.string().min(1).optional().describe('The environment variable that holds the token.'),
  ...COMMON,
  ...SESSIONS,
  interval: duration(5, 3600)
    .prefault(10)
    .describe('How often the sessions are asked for while something plays; events ask earlier.'),
  idle_interval: duration(30, 3600).prefault(60).describe('How often the sessions are asked for while nothing plays.'),
  library_interval: duration(60, 86_400)
    .prefault(900)
    .describe(
      'How often the items of the libraries are counted; a change that the server tells of counts them earlier.',
    ),
  server_interval: duration(30, 3600)
    .prefault(60)
    .describe('How often the server is asked about itself and its libraries.'),
  statistics_interval: duration(10, 3600)
    .prefault(30)
    .describe('How often the statistics of processor, memory and bandwidth are asked for, which need Plex Pass.'),
  fold_after: duration(60, 168 * 3600)
    .prefault(3600)
    .describe('How long the play counters of a session that has ended keep its title, user, device and session.'),
  labels: z
    .strictObject({
      bitrate: z
        .boolean()
        .default(true)
        .describe('Whether `stream_bitrate` of the play counters is filled; empty, there are fewer series.'),
    })
    .prefault({})
    .describe('Labels that can be left empty.'),
});

export type PlexSettings = z.output<typeof plexSourceSchema>;
