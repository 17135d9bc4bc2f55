import { BlockList, isIP, isIPv4 } from 'node:net';

/** Where to listen. Without a host: on all interfaces. */
export interface ListenAddress {
  readonly host: string | undefined;
  readonly port: number;
}

/** Reads `HOST:PORT`, `[IPV6]:PORT` or `:PORT`; `undefined` when it is none of them. Port 0 lets the system choose. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([^[\]]+)\]|([^[\]:\s/]*)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [, ipv6, name = '', digits = ''] = match;
  const port = Number(digits);
  if (port > 65_535 || (ipv6 !== undefined && isIP(ipv6) !== 6)) return undefined;
  const host = ipv6 ?? name;
  if (host !== '' && isIP(host) === 0 && !/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(host)) return undefined;
  // "1.2.3" or "300.1.1.1" would be looked up as a name and fail late.
  if (ipv6 === undefined && /^[\d.]+$/.test(host) && !isIPv4(host)) return undefined;
  return { host: host === '' ? undefined : host, port };
}

/** True for an address that only this machine can reach: 127.0.0.0/8, ::1 and the name localhost. */
export function isLoopback(host: string | undefined): boolean {
  if (host === undefined) return false;
  if (host.toLowerCase() === 'localhost') return true;
  const version = isIP(host);
  return version !== 0 && loopback().check(host, version === 6 ? 'ipv6' : 'ipv4');
}

function loopback(): BlockList {
  const list = new BlockList();
  list.addSubnet('127.0.0.0', 8, 'ipv4');
  list.addAddress('::1', 'ipv6');
  return list;
}

/** `HOST:PORT` as a URL has it, with brackets around IPv6. */
export function formatAddress(host: string | undefined, port: number): string {
  if (host === undefined) return `:${port}`;
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
