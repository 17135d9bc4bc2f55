/** The types of media server whose errors may need another remedy each. */
export type ServerType = 'jellyfin' | 'plex' | 'mediasoup';

/** What is wrong, and what to do about it. */
export interface ErrorText {
  readonly what: string;
  readonly fix: string | Readonly<Record<ServerType, string>>;
}

/** Those of the errors that concern a media server. */
export const UPSTREAM_ERRORS = {
  MX_UPSTREAM_CONNECT: {
    what: 'The media server cannot be reached: it is down, the address is wrong, or the connection broke.',
    fix: 'Check that it runs and that the URL or the path of the socket is right. The exporter tries again by itself.',
  },
  MX_UPSTREAM_TLS: {
    what: 'The certificate of the media server cannot be verified: it is self-signed or of an authority that is not known here, is for another name, or has expired. Nothing was sent.',
    fix: {
      jellyfin:
        'Renew a certificate that has expired. Else name the authority (or the self-signed certificate) in `tls.ca_file` of the source (`--jellyfin.tls-ca-file`), the name in the certificate in `tls.servername` (`--jellyfin.tls-server-name`), or take any certificate with `tls.insecure_skip_verify: true` (`--jellyfin.tls-skip-verify`).',
      plex: 'Renew a certificate that has expired. Else name the authority (or the self-signed certificate) in `tls.ca_file` of the source (`--plex.tls-ca-file`), the name in the certificate in `tls.servername` (`--plex.tls-server-name`), or take any certificate with `tls.insecure_skip_verify: true` (`SKIP_TLS_VERIFICATION=true`).',
      mediasoup:
        'Renew a certificate that has expired. Else, in a configuration (`--config.file`), name the authority (or the self-signed certificate) in `tls.ca_file` of the source, the name in the certificate in `tls.servername`, or take any certificate with `tls.insecure_skip_verify: true`.',
    },
  },
  MX_UPSTREAM_TIMEOUT: {
    what: 'The media server did not answer in time.',
    fix: 'Look at its load; if it is slow by nature, raise `timeout` of the source. The exporter tries again by itself.',
  },
  MX_UPSTREAM_UNAUTHORIZED: {
    what: 'The media server refused the secret, or wants one.',
    fix: {
      jellyfin:
        'Give an API key that the server knows (Dashboard, API Keys): in the file of `--jellyfin.token-file` or in `JELLYFIN_TOKEN`, or in a configuration in `token`, `token_file` or `token_env` of the source.',
      plex: "Give the X-Plex-Token of the server's owner: in the file of `--plex.token-file` or in `PLEX_TOKEN`, or in a configuration in `token`, `token_file` or `token_env` of the source.",
      mediasoup:
        'Give the secret that the metrics server of the SFU was started with: in the file of `--mediasoup.secret-file`, or in a configuration in `secret`, `secret_file` or `secret_env` of the source.',
    },
  },
  MX_UPSTREAM_FORBIDDEN: {
    what: 'The media server knows the secret, but it does not allow what was asked for.',
    fix: {
      jellyfin:
        'Give the source an API key (Dashboard, API Keys): the token of a user who is no administrator may not ask for everything.',
      plex: 'Give the source the token of the account that owns the server.',
      mediasoup:
        'Look at what stands before the metrics server of the SFU, such as a proxy: it refuses a wrong secret with 401 itself.',
    },
  },
  MX_UPSTREAM_STARTING: {
    what: 'The media server says that it cannot serve yet (503): it is starting, or in maintenance.',
    fix: 'Wait: an update of its database may take minutes. The exporter tries again by itself.',
  },
  MX_UPSTREAM_WIZARD: {
    what: 'The media server has not been set up yet.',
    fix: 'Open its page in a browser and finish the startup wizard.',
  },
  MX_UPSTREAM_REDIRECT: {
    what: 'The media server answered with a redirect.',
    fix: 'Give the URL it redirects to, if that is the media server; redirects are not followed, so that a secret goes nowhere else.',
  },
  MX_UPSTREAM_NOT_FOUND: {
    what: 'The media server does not know the path that was asked for.',
    fix: {
      jellyfin:
        'Check host, port and path of the URL: they are those of the server itself, with its base URL where it has one.',
      plex: 'Check host, port and path of the URL: they are those of the server itself.',
      mediasoup:
        'Check host and port of the URL: they are those of the metrics server that `@media-exporter/mediasoup` embeds, not of the application.',
    },
  },
  MX_UPSTREAM_BUSY: {
    what: 'The media server, or a proxy before it, says that it is asked too often.',
    fix: 'Ask or scrape less often, or raise the limit there. The exporter tries again by itself.',
  },
  MX_UPSTREAM_STATUS: {
    what: 'The media server answered with an error.',
    fix: 'Look at its log, or at that of a proxy before it. The exporter tries again by itself.',
  },
  MX_UPSTREAM_TOO_LARGE: {
    what: 'The answer of the media server is larger than the limit.',
    fix: {
      jellyfin: 'Raise `max_response_bytes` of the source.',
      plex: 'Raise `max_response_bytes` of the source.',
      mediasoup: 'Raise `max_response_bytes` of the source, or switch per-stream detail off in the server.',
    },
  },
  MX_UPSTREAM_ANSWER: {
    what: 'The media server answered something that the exporter cannot read.',
    fix: {
      jellyfin:
        'Check that the URL is that of the server itself, with its base URL where it has one, and that nothing before it answers in its place.',
      plex: 'Check that the URL is that of the server itself, and that nothing before it answers in its place.',
      mediasoup:
        'Check that the URL is that of the embedded metrics server, and that the exporter and `@media-exporter/mediasoup` are of versions that fit together.',
    },
  },
  MX_UPSTREAM_PAUSED: {
    what: 'The media server failed several times in a row, so the exporter leaves it alone for some seconds.',
    fix: 'Nothing: it is asked again by itself. The failure that came before says what is wrong.',
  },
} as const satisfies Record<string, ErrorText>;
