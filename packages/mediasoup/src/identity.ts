import { createHmac } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';

/** What labels may tell about people and places. */
export interface Identity {
  peerId(id: string): string;
  displayName(name: string): string;
  userAgent(agent: string): string;
  /** An address as it is to be shown, without the port. `changed` is called when a better answer comes later. */
  address(ip: string, changed: () => void): string;
}

/** In clear; addresses go through `resolveName`, where there is one. */
export function clearIdentity(resolveName?: (ip: string, changed: () => void) => string | undefined): Identity {
  return {
    peerId: (id) => id,
    displayName: (name) => name,
    userAgent: (agent) => agent,
    address: (ip, changed) => resolveName?.(ip, changed) ?? ip,
  };
}

/** Pseudonyms kept, so that each needs to be hashed only once in a while. */
const KEPT = 50_000;
/** Hex digits: 64 bits, so that even a million people have no two alike. */
const LENGTH = 16;

/**
 * Everything personal becomes a pseudonym: the same value has the same one wherever the key is the same, so that series
 * can still be joined, and without the key nobody can tell the value.
 */
export function pseudonymousIdentity(key: string | Uint8Array): Identity {
  const known = new Map<string, string>();
  const pseudonym = (value: string): string => {
    if (value === '') return '';
    let text = known.get(value);
    if (text === undefined) {
      if (known.size >= KEPT) known.clear();
      text = createHmac('sha256', key).update(value).digest('hex').slice(0, LENGTH);
      known.set(value, text);
    }
    return text;
  };
  return {
    peerId: pseudonym,
    displayName: pseudonym,
    userAgent: pseudonym,
    address: (ip) => pseudonym(canonicalAddress(ip)),
  };
}

/** One spelling for each address, so that it has one pseudonym: RFC 5952 for IPv6, and IPv4 for what is mapped into it. */
export function canonicalAddress(address: string): string {
  if (isIPv4(address)) return address;
  const [bare = '', zone] = address.split('%', 2);
  if (!isIPv6(bare)) return address.toLowerCase();
  const host = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host);
  if (mapped !== null) {
    const [high, low] = [Number.parseInt(mapped[1] as string, 16), Number.parseInt(mapped[2] as string, 16)];
    return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  }
  return zone === undefined ? host : `${host}%${zone}`;
}

/** `host:port`, with brackets around a bare IPv6 address. Empty without a host. */
export function hostPort(host: string, port: number | undefined): string {
  if (host === '') return '';
  const bracketed = host.includes(':') ? `[${host}]` : host;
  return port === undefined ? bracketed : `${bracketed}:${port}`;
}
