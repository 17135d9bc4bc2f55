import type { ErrorCode } from '../errors.ts';

/** Where a source is asked: an origin, what stands before its paths, and for a Unix socket its path. */
export interface SourceUrl {
  /** `http://host:port`, without a slash at the end. For a socket `http://localhost`. */
  readonly origin: string;
  /** Stands before every path, such as `/plex` behind a proxy: empty, or without a slash at the end. */
  readonly basePath: string;
  readonly socketPath?: string;
}

/**
 * Reads `http(s)://HOST[:PORT]` or `unix:/PATH`, and where a path is allowed `http(s)://HOST[:PORT]/PATH`. Never throws;
 * the answer has no credentials in it.
 */
export function parseSourceUrl(
  text: string,
  { path }: { readonly path: 'allowed' | 'refused' } = { path: 'refused' },
): SourceUrl | { code: ErrorCode; problem: string } {
  if (text.startsWith('unix:')) {
    const socketPath = text.slice('unix:'.length).replace(/^\/\/(?=\/)/, '');
    if (!socketPath.startsWith('/') || socketPath.includes('\0')) {
      return { code: 'MX_CONFIG_URL', problem: 'the path of the socket must begin with /' };
    }
    // The address structure of a Unix socket has room for 107 bytes; a longer path would be cut or fail late.
    if (Buffer.byteLength(socketPath) > 107) {
      return { code: 'MX_CONFIG_URL', problem: 'the path of the socket is longer than 107 bytes' };
    }
    return { origin: 'http://localhost', basePath: '', socketPath };
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return { code: 'MX_CONFIG_URL', problem: 'the URL cannot be read' };
  if (url.username !== '' || url.password !== '') {
    return { code: 'MX_CONFIG_URL_CREDENTIALS', problem: 'the URL contains credentials' };
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return { code: 'MX_CONFIG_URL', problem: 'the URL does not begin with http://, https:// or unix:/' };
  }
  if (url.search !== '' || url.hash !== '') {
    return { code: 'MX_CONFIG_URL', problem: 'the URL has a query or a fragment' };
  }
  const basePath = url.pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '');
  if (basePath !== '' && path === 'refused') {
    return { code: 'MX_CONFIG_URL', problem: 'the URL has a path; leave it off, the exporter knows where to ask' };
  }
  return { origin: url.origin, basePath };
}

/** The URL as one writes it in a log: without a slash at the end, and without anything secret. */
export function displayUrl(url: SourceUrl): string {
  return url.socketPath === undefined ? `${url.origin}${url.basePath}` : `unix:${url.socketPath}`;
}
