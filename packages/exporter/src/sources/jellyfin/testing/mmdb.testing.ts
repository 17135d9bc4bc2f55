/** Zeros between the tree and the data. */
const SEPARATOR_BYTES = 16;

/** A value of a database: numbers are doubles. */
export type Value = string | number | readonly Value[] | { readonly [key: string]: Value };

export interface MmdbOptions {
  readonly ipVersion?: 4 | 6;
  /** Bits of one record of the tree. */
  readonly recordSize?: 24 | 28 | 32;
}

/** A node of the tree: what follows on a bit that is 0, and on one that is 1. */
interface Node {
  readonly sides: [Side, Side];
}
interface Leaf {
  readonly data: Buffer;
}
type Side = Node | Leaf | undefined;

/**
 * A database in MaxMind's format, version 2.0, of networks and what is known of them. Networks may not overlap.
 * https://maxmind.github.io/MaxMind-DB/
 */
export function writeMmdb(
  networks: Readonly<Record<string, Value>>,
  { ipVersion = 6, recordSize = 24 }: MmdbOptions = {},
): Buffer {
  const root: Node = { sides: [undefined, undefined] };
  for (const [network, value] of Object.entries(networks))
    insert(root, bitsOf(network, ipVersion), { data: encode(value) });
  const nodes = nodesOf(root);
  const pointers = new Map<Side, number>(nodes.map((node, index) => [node, index]));
  const data: Buffer[] = [];
  let at = nodes.length + SEPARATOR_BYTES;
  for (const side of nodes.flatMap(({ sides }) => sides)) {
    if (side === undefined || 'sides' in side) continue;
    pointers.set(side, at);
    data.push(side.data);
    at += side.data.length;
  }
  const pointer = (side: Side): number => pointers.get(side) ?? nodes.length;
  const tree = nodes.map(({ sides: [left, right] }) => record(pointer(left), pointer(right), recordSize));
  const metadata = map([
    ['binary_format_major_version', unsigned(5, 2)],
    ['binary_format_minor_version', unsigned(5, 0)],
    ['build_epoch', unsigned(9, 1_767_225_600)],
    ['database_type', encode('Test-City')],
    ['description', encode({ en: 'Made by a test' })],
    ['ip_version', unsigned(5, ipVersion)],
    ['languages', encode(['en'])],
    ['node_count', unsigned(6, nodes.length)],
    ['record_size', unsigned(5, recordSize)],
  ]);
  const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
  return Buffer.concat([...tree, Buffer.alloc(SEPARATOR_BYTES), ...data, marker, metadata]);
}

function insert(root: Node, bits: readonly (0 | 1)[], leaf: Leaf): void {
  let node = root;
  for (const [depth, bit] of bits.entries()) {
    if (depth === bits.length - 1) {
      node.sides[bit] = leaf;
      return;
    }
    const next: Node | Leaf = node.sides[bit] ?? { sides: [undefined, undefined] };
    if (!('sides' in next)) throw new RangeError('networks overlap');
    node.sides[bit] = next;
    node = next;
  }
}

/** In the order in which they stand in the file, the root first. */
function nodesOf(root: Node): Node[] {
  const nodes = [root];
  for (const { sides } of nodes) {
    for (const side of sides) if (side !== undefined && 'sides' in side) nodes.push(side);
  }
  return nodes;
}

/** IPv4 is at ::/96 of a tree of IPv6. */
function bitsOf(network: string, ipVersion: 4 | 6): (0 | 1)[] {
  const [address = '', prefix = ''] = network.split('/');
  const own = address.includes(':') ? bytes6(address) : address.split('.').map(Number);
  const bytes = ipVersion === 6 && own.length === 4 ? [...Array<number>(12).fill(0), ...own] : own;
  const bits = bytes.flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((at) => ((byte >> at) & 1) as 0 | 1));
  return bits.slice(0, Number(prefix) + 8 * (bytes.length - own.length));
}

function bytes6(address: string): number[] {
  const [left = '', right] = address.split('::');
  const groups = (text: string | undefined): number[] =>
    (text ?? '').split(':').flatMap((group) => (group === '' ? [] : Number.parseInt(group, 16)));
  const [before, after] = [groups(left), groups(right)];
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
  return all.flatMap((group) => [group >> 8, group & 255]);
}

/** "Node Layout" */
function record(left: number, right: number, size: 24 | 28 | 32): Buffer {
  const bytes = Buffer.alloc(size / 4);
  if (size === 32) {
    bytes.writeUInt32BE(left, 0);
    bytes.writeUInt32BE(right, 4);
  } else {
    bytes.writeUIntBE(left & 0xffffff, 0, 3);
    bytes.writeUIntBE(right & 0xffffff, size / 4 - 3, 3);
    if (size === 28) bytes[3] = ((left >>> 24) << 4) | (right >>> 24);
  }
  return bytes;
}

/** "Data Field Format" */
function encode(value: Value): Buffer {
  if (typeof value === 'string') return field(2, Buffer.from(value));
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return field(3, bytes);
  }
  if (isList(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)]);
  return map(Object.entries(value).map(([key, one]) => [key, encode(one)]));
}

function isList(value: object): value is readonly Value[] {
  return Array.isArray(value);
}

function map(entries: readonly (readonly [string, Buffer])[]): Buffer {
  return Buffer.concat([control(7, entries.length), ...entries.flatMap(([key, value]) => [encode(key), value])]);
}

function unsigned(type: number, value: number): Buffer {
  const hex = value === 0 ? '' : value.toString(16);
  return field(type, Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
}

function field(type: number, payload: Buffer): Buffer {
  return Buffer.concat([control(type, payload.length), payload]);
}

/** Types above 7 have a byte of their own, and so have sizes above 28. */
function control(type: number, size: number): Buffer {
  if (size >= 285) throw new RangeError('no test needs that much');
  const small = Math.min(size, 29);
  const head = type > 7 ? [small, type - 7] : [(type << 5) | small];
  return Buffer.from(size < 29 ? head : [...head, size - 29]);
}
