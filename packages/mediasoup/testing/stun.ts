import { createHmac, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A STUN binding request that nominates its pair, RFC 8489 §5 and RFC 8445 §7.1. */
export function bindingRequest(ice: { readonly usernameFragment: string; readonly password: string }): Buffer {
  const priority = Buffer.alloc(4);
  priority.writeUInt32BE(0x6e00_01ff);
  const attributes = [
    attribute(0x0006, Buffer.from(`${ice.usernameFragment}:peer`)),
    attribute(0x0024, priority),
    attribute(0x802a, randomBytes(8)),
    attribute(0x0025, Buffer.alloc(0)),
  ];
  let message = Buffer.concat([header(attributes), ...attributes]);
  // The length in the header takes in the attribute that is about to follow.
  message.writeUInt16BE(message.length - 20 + 24, 2);
  const hmac = createHmac('sha1', ice.password).update(message).digest();
  message = Buffer.concat([message, attribute(0x0008, hmac)]);
  message.writeUInt16BE(message.length - 20 + 8, 2);
  const fingerprint = Buffer.alloc(4);
  fingerprint.writeUInt32BE((crc32(message) ^ 0x5354_554e) >>> 0);
  return Buffer.concat([message, attribute(0x8028, fingerprint)]);
}

function header(attributes: readonly Buffer[]): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt16BE(0x0001, 0);
  bytes.writeUInt16BE(
    attributes.reduce((sum, { length }) => sum + length, 0),
    2,
  );
  bytes.writeUInt32BE(0x2112_a442, 4);
  randomBytes(12).copy(bytes, 8);
  return bytes;
}

function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.length, 2);
  value.copy(bytes, 4);
  return bytes;
}
