import type { Command } from 'commander';
import type { Names } from './dropin.ts';

/** How a drop-in mode is told to know an `https://` server; `undefined` is not given. */
export interface TlsFlags {
  readonly caFile?: string | undefined;
  readonly serverName?: string | undefined;
}

/** `--MODE.tls-ca-file` and `--MODE.tls-server-name`. */
export function addTlsOptions(command: Command, mode: 'jellyfin' | 'plex'): Command {
  return command
    .option(
      `--${mode}.tls-ca-file <file>`,
      'the certificate of the server, where it is self-signed, or that of its authority (PEM)',
    )
    .option(`--${mode}.tls-server-name <name>`, 'the name in the certificate, where it is not that of the URL');
}

/** The flags from what `commander` read. */
export function tlsFlags(values: Readonly<Record<string, unknown>>, mode: 'jellyfin' | 'plex'): TlsFlags {
  const text = (key: string): string | undefined => {
    const value = values[`${mode}.${key}`];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return { caFile: text('tlsCaFile'), serverName: text('tlsServerName') };
}

/** The configuration that the flags mean. */
export function tlsConfig(
  { caFile, serverName }: TlsFlags,
  skipVerify: boolean,
): { ca_file?: string; servername?: string; insecure_skip_verify: boolean } {
  return {
    ...(caFile === undefined ? {} : { ca_file: caFile }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    insecure_skip_verify: skipVerify,
  };
}

/** What is wrong is told by the name of the flag. */
export function tlsNames(mode: 'jellyfin' | 'plex'): Names {
  return [
    [/^(sources\[0\]\.)?tls\.ca_file( of the source \w+)?/, `--${mode}.tls-ca-file`],
    [/^sources\[0\]\.tls\.servername\b/, `--${mode}.tls-server-name`],
  ];
}
