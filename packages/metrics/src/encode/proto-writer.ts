import { worstBytes, writeUtf8 } from '../bytes.ts';
import { MetricsError } from '../errors.ts';

/** Writes the wire format of Protocol Buffers into a buffer that grows. */
export class ProtoWriter {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(4096);
  at = 0;
  #view = new DataView(this.bytes.buffer);

  /** Takes back everything after a position, or everything. */
  rewind(to = 0): void {
    this.at = to;
  }

  /** @throws MetricsError `MX_VALUE` for what is no whole number from 0 to 2^53 - 1. */
  varint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new MetricsError('MX_VALUE', `${value} is no count`);
    this.#reserve(VARINT_BYTES);
    this.#put(value);
  }

  uint(field: number, value: number): void {
    this.varint(field * 8);
    this.varint(value);
  }

  /** A signed integer in the zigzag encoding. */
  sint(field: number, value: number): void {
    this.uint(field, value < 0 ? -2 * value - 1 : 2 * value);
  }

  double(field: number, value: number): void {
    this.varint(field * 8 + 1);
    this.#reserve(8);
    this.#view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  string(field: number, value: string): void {
    this.message(field, () => {
      this.#reserve(worstBytes(value.length));
      this.at = writeUtf8(this.bytes, this.at, value);
    });
  }

  /** A message within the message, or anything else that its length precedes. */
  message(field: number, write: () => void): void {
    this.varint(field * 8 + 2);
    this.#reserve(VARINT_BYTES);
    const start = this.at;
    // The length is seldom more than one byte: leave room for one, and shift what follows where it is more.
    this.at += 1;
    write();
    const length = this.at - start - 1;
    const extra = varintBytes(length) - 1;
    if (extra > 0) {
      this.#reserve(extra);
      this.bytes.copyWithin(start + 1 + extra, start + 1, this.at);
    }
    this.at = start;
    this.#put(length);
    this.at += length;
  }

  #put(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.at++] = rest;
  }

  #reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.at + count));
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** The most that a varint takes. */
const VARINT_BYTES = 10;

export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}
