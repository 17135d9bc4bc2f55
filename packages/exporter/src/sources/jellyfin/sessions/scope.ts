import { BlockList, isIP } from 'node:net';
import type { Scope } from '@media-exporter/model';

const PRIVATE = new BlockList();
for (const [net, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
] as const) {
  PRIVATE.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  ['fc00::', 7],
  ['fe80::', 10],
  ['::1', 128],
] as const) {
  PRIVATE.addSubnet(net, prefix, 'ipv6');
}

/** Whether a bare address is of a private network (RFC 1918, RFC 4193, loopback, link-local); `undefined` for no address. */
export function scopeOf(address: string): Scope | undefined {
  const plain = plainAddress(address);
  const version = isIP(plain);
  if (version === 0) return undefined;
  return PRIVATE.check(plain, version === 4 ? 'ipv4' : 'ipv6') ? 'lan' : 'wan';
}

/** Without the zone of an interface, and as IPv4 where it is one that came in over an IPv6 socket. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}
