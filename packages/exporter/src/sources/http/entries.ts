import type { Parsed } from './http.ts';

export interface EntriesOptions {
  /** The key of the top level whose value is the array; the top level is the array itself where it is left out. */
  readonly key?: string;
  /** Entries that are larger are skipped. */
  readonly maxEntryBytes: number;
  /** Keys of entries whose values are large and wanted by nobody: they are null, and are not looked at. */
  readonly leaveOut?: readonly string[];
}

export interface EntriesRead {
  /** How many were handed on. */
  readonly entries: number;
  /** How many were too large to be looked at. */
  readonly skipped: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Some servers send it before the JSON. */
const BYTE_ORDER_MARK: readonly number[] = [0xef, 0xbb, 0xbf];

/** Longer keys of the top level are none that anybody asks for. */
const KEY_BYTES = 64;

/** What stands in the place of a value that is left out. */
const NULL = Buffer.from('null');

const NOT_JSON = 'the answer is not the JSON that was asked for';

/**
 * Cuts the entries of a JSON array from the bytes of an answer as they come, and hands them on one by one: parsing a
 * list of megabytes at once would take ten times its size. Total: never throws, and holds no more than one entry.
 */
export class EntrySplitter {
  readonly #options: EntriesOptions;
  readonly #onEntry: (entry: unknown) => void;
  #place: 'before' | 'object' | 'array' | 'after' = 'before';
  /** Of arrays and objects that are open inside an entry, or inside the top level beside the array. */
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** What was read of the entry, or of the string of the top level, that began in an earlier chunk. */
  #parts: Uint8Array[] = [];
  #bytes = 0;
  /** Whether commas must be followed by something. */
  #afterComma = false;
  /** The last string directly in an entry, as far as it may be a key that is left out. */
  readonly #name = new Uint8Array(KEY_BYTES);
  #nameBytes = 0;
  #leavingOut = false;
  readonly #leaveOut: ReadonlySet<string>;
  #key = '';
  #keyFollows = false;
  #found = false;
  #entries = 0;
  #skipped = 0;
  #broken = false;

  constructor(options: EntriesOptions, onEntry: (entry: unknown) => void) {
    this.#options = options;
    this.#leaveOut = new Set(options.leaveOut);
    this.#onEntry = onEntry;
  }

  /** Takes the next bytes, which are not kept. */
  push(chunk: Uint8Array): void {
    let from = 0;
    for (let at = 0; at < chunk.length && !this.#broken; at += 1) {
      const byte = chunk[at] as number;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) {
          this.#inString = false;
          if (this.#place === 'object' && this.#depth === 0) this.#key = this.#text(chunk, from, at, KEY_BYTES);
        }
        if (this.#inString && this.#depth === 1 && this.#nameBytes < KEY_BYTES) this.#name[this.#nameBytes++] = byte;
        continue;
      }
      if (this.#place === 'before' && (isBlank(byte) || BYTE_ORDER_MARK.includes(byte))) continue;
      if (this.#place === 'after' && isBlank(byte)) continue;
      from = this.#structure(chunk, byte, at, from);
    }
    if (this.#place === 'array' && !this.#leavingOut)
      this.#take(chunk, from, chunk.length, this.#options.maxEntryBytes);
    else if (this.#place === 'object' && this.#inString && this.#depth === 0) {
      this.#take(chunk, from, chunk.length, KEY_BYTES);
    }
  }

  /** To be called after the last bytes: what was read, unless they were not such an array or broke off. */
  end(): Parsed<EntriesRead> {
    if (this.#broken) return { ok: false, problem: NOT_JSON };
    if (this.#place !== 'after') {
      return { ok: false, problem: this.#place === 'before' ? NOT_JSON : 'the answer breaks off' };
    }
    if (!this.#found) return { ok: false, problem: 'the answer has no list' };
    return { ok: true, value: { entries: this.#entries, skipped: this.#skipped } };
  }

  /** Acts on a byte outside strings; answers where what is being collected begins in the chunk. */
  #structure(chunk: Uint8Array, byte: number, at: number, from: number): number {
    if (byte === QUOTE && (this.#place === 'object' || this.#place === 'array')) {
      this.#inString = true;
      this.#nameBytes = 0;
      return this.#place === 'object' && this.#depth === 0 ? this.#restart(at + 1) : from;
    }
    switch (this.#place) {
      case 'before':
        return this.#open(byte, at, from);
      case 'object':
        return this.#beside(byte, at, from);
      case 'array':
        return this.#within(chunk, byte, at, from);
      default:
        this.#broken = true;
        return from;
    }
  }

  #open(byte: number, at: number, from: number): number {
    const wanted = this.#options.key === undefined ? OPEN_ARRAY : OPEN_OBJECT;
    if (byte !== wanted) {
      this.#broken = true;
      return from;
    }
    return wanted === OPEN_ARRAY ? this.#enter(at) : this.#leave('object', at);
  }

  /** In the top level, beside the array. */
  #beside(byte: number, at: number, from: number): number {
    if (byte === COLON && this.#depth === 0) this.#keyFollows = true;
    else if (byte === COMMA && this.#depth === 0) this.#keyFollows = false;
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      const asked = this.#depth === 0 && this.#keyFollows && this.#key === this.#options.key;
      if (asked && byte === OPEN_ARRAY && !this.#found) return this.#enter(at);
      this.#depth += 1;
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
      if (this.#depth > 0) this.#depth -= 1;
      else if (byte === CLOSE_OBJECT) return this.#leave('after', at);
      else this.#broken = true;
    }
    return from;
  }

  #within(chunk: Uint8Array, byte: number, at: number, from: number): number {
    if (this.#depth === 1) {
      if (byte === COLON && this.#isLeftOut()) return this.#leaveValue(chunk, from, at + 1);
      if (this.#leavingOut && (byte === COMMA || byte === CLOSE_OBJECT)) {
        this.#leavingOut = false;
        return this.#within(chunk, byte, at, at);
      }
    }
    if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) this.#depth += 1;
    else if (this.#depth > 0) {
      if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) this.#depth -= 1;
    } else if (byte === COMMA || byte === CLOSE_ARRAY) {
      this.#finish(this.#text(chunk, from, at, this.#options.maxEntryBytes), byte === CLOSE_ARRAY);
      if (byte === COMMA) return at + 1;
      return this.#leave(this.#options.key === undefined ? 'after' : 'object', at);
    } else if (byte === CLOSE_OBJECT) this.#broken = true;
    return from;
  }

  #isLeftOut(): boolean {
    if (this.#leavingOut || this.#leaveOut.size === 0) return false;
    return this.#leaveOut.has(decode(this.#name, 0, this.#nameBytes));
  }

  /** Keeps what comes before a value, and nothing of the value. */
  #leaveValue(chunk: Uint8Array, from: number, to: number): number {
    const { maxEntryBytes } = this.#options;
    this.#take(chunk, from, to, maxEntryBytes);
    this.#take(NULL, 0, NULL.length, maxEntryBytes);
    this.#leavingOut = true;
    return to;
  }

  #enter(at: number): number {
    this.#place = 'array';
    this.#found = true;
    return this.#restart(at + 1);
  }

  #leave(place: 'object' | 'after', at: number): number {
    this.#place = place;
    this.#keyFollows = false;
    return this.#restart(at + 1);
  }

  #restart(at: number): number {
    this.#parts = [];
    this.#bytes = 0;
    return at;
  }

  /** Keeps a copy of a part; of what is larger than `most` only the size. */
  #take(chunk: Uint8Array, from: number, to: number, most: number): void {
    this.#bytes += to - from;
    if (this.#bytes > most) this.#parts = [];
    else if (to > from) this.#parts.push(chunk.slice(from, to));
  }

  /** What was kept and what ends here, as text, without a copy of bytes where it begins here too; empty when it is too large. */
  #text(chunk: Uint8Array, from: number, to: number, most: number): string {
    if (this.#bytes + to - from > most) {
      this.#bytes += to - from;
      return '';
    }
    if (this.#bytes === 0) return decode(chunk, from, to);
    this.#take(chunk, from, to, most);
    return Buffer.concat(this.#parts).toString('utf8');
  }

  #finish(text: string, last: boolean): void {
    const tooLarge = this.#bytes > this.#options.maxEntryBytes;
    this.#restart(0);
    this.#leavingOut = false;
    const empty = !tooLarge && text.trim() === '';
    const afterComma = this.#afterComma;
    this.#afterComma = !last;
    if (tooLarge) this.#skipped += 1;
    else if (empty) this.#broken = afterComma || !last;
    else this.#hand(parseJson(text));
  }

  #hand(entry: unknown): void {
    if (entry === undefined) {
      this.#broken = true;
      return;
    }
    this.#entries += 1;
    this.#onEntry(entry);
  }
}

/** Reads a whole body through an {@link EntrySplitter}. Rejects only when the body does. */
export async function readEntries(
  body: AsyncIterable<Uint8Array>,
  options: EntriesOptions,
  onEntry: (entry: unknown) => void,
): Promise<Parsed<EntriesRead>> {
  const splitter = new EntrySplitter(options, onEntry);
  for await (const chunk of body) splitter.push(chunk);
  return splitter.end();
}

function decode(chunk: Uint8Array, from: number, to: number): string {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('utf8', from, to);
}

/** `undefined`, which no JSON is, for what is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isBlank(byte: number): boolean {
  return byte <= 0x20;
}
