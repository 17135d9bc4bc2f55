import type { Parsed } from './http.ts';

export interface EntriesOptions {
  /**
   * The key whose value is the array, or the keys that lead to it from the top level; the top level is the array itself
   * where it is left out. A key that the answer writes with escapes is not found.
   */
  readonly key?: string | readonly string[];
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
  /** The answer without its entries: where they were is an empty array. */
  readonly rest: unknown;
  /** Whether there was such an array: there may be another value in its place. */
  readonly found: boolean;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Longer keys are none that anybody asks for. */
const KEY_BYTES = 64;

/** Beside a list there are some numbers. */
const REST_BYTES = 64 * 1024;

/** What stands in the place of a value that is left out. */
const NULL = Buffer.from('null');

const NOT_JSON = 'the answer is not the JSON that was asked for';

/**
 * Cuts the entries of a JSON array from the bytes of an answer as they come, and hands them on one by one: parsing a
 * list of megabytes at once would take ten times its size. Total: never throws, and holds no more than one entry and 64
 * KiB beside the array.
 */
export class EntrySplitter {
  readonly #path: readonly string[];
  readonly #leaveOut: ReadonlySet<string>;
  readonly #onEntry: (entry: unknown) => void;
  readonly #entry: Piece;
  readonly #rest = new Piece(REST_BYTES);
  #inArray = false;
  #found = false;
  /** Of arrays and objects that are open around the array or beside it, and how many of them lead to it. */
  #outer = 0;
  #onPath = 0;
  /** The same inside an entry. */
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The last string directly in an entry, or in what leads to the array, as far as it may be a key. */
  readonly #name = new Uint8Array(KEY_BYTES);
  #nameBytes = 0;
  /** Whether commas must be followed by something. */
  #afterComma = false;
  #leavingOut = false;
  #entries = 0;
  #skipped = 0;
  #broken = false;

  constructor({ key = [], maxEntryBytes, leaveOut }: EntriesOptions, onEntry: (entry: unknown) => void) {
    this.#path = typeof key === 'string' ? [key] : key;
    this.#leaveOut = new Set(leaveOut);
    this.#onEntry = onEntry;
    this.#entry = new Piece(maxEntryBytes);
  }

  /** Takes the next bytes, which are not kept. */
  push(chunk: Uint8Array): void {
    let from = 0;
    let named = this.#isNamed();
    for (let at = 0; at < chunk.length && !this.#broken; at += 1) {
      const byte = chunk[at] as number;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
        if (this.#inString && named && this.#nameBytes < KEY_BYTES) this.#name[this.#nameBytes++] = byte;
      } else if (byte === QUOTE) {
        this.#inString = true;
        this.#nameBytes = 0;
        named = this.#isNamed();
      } else from = this.#inArray ? this.#within(chunk, byte, at, from) : this.#beside(chunk, byte, at, from);
    }
    if (!this.#inArray) this.#rest.add(chunk, from, chunk.length);
    else if (!this.#leavingOut) this.#entry.add(chunk, from, chunk.length);
  }

  /** To be called after the last bytes: what was read, unless it is no JSON, broke off or has two values in one place. */
  end(): Parsed<EntriesRead> {
    const text = this.beginning;
    if (this.#broken || !/^\s*[[{]/.test(text)) return { ok: false, problem: NOT_JSON };
    if (this.#inArray || this.#inString || this.#outer > 0) return { ok: false, problem: 'the answer breaks off' };
    const rest = this.#rest.tooLarge ? undefined : parseJson(text);
    // Of several values of a key the last one counts, and it is not this array.
    const other = this.#found && !Array.isArray(valueAt(rest, this.#path));
    if (rest === undefined || other) return { ok: false, problem: NOT_JSON };
    return { ok: true, value: { entries: this.#entries, skipped: this.#skipped, rest, found: this.#found } };
  }

  /** What came without the entries, or how that begins, as text: it tells what came instead of JSON. */
  get beginning(): string {
    // Some servers send a byte order mark before the JSON.
    return this.#rest.text().replace(/^\uFEFF/, '');
  }

  #isNamed(): boolean {
    return this.#inArray ? this.#depth === 1 : this.#outer === this.#onPath;
  }

  /** Outside the array. Like {@link EntrySplitter.#within}, answers where what is not kept yet begins in the chunk. */
  #beside(chunk: Uint8Array, byte: number, at: number, from: number): number {
    if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      const last = this.#onPath === this.#path.length;
      if (this.#isOnPath()) {
        if (last && byte === OPEN_ARRAY) return this.#enter(chunk, at, from);
        if (!last && byte === OPEN_OBJECT) this.#onPath += 1;
      }
      this.#outer += 1;
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
      this.#outer = Math.max(0, this.#outer - 1);
      this.#onPath = Math.min(this.#onPath, this.#outer);
    }
    return from;
  }

  /** Whether what opens is the value of the next key on the way to the array. */
  #isOnPath(): boolean {
    if (this.#outer !== this.#onPath) return false;
    return this.#onPath === 0 || this.#lastName() === this.#path[this.#onPath - 1];
  }

  #enter(chunk: Uint8Array, at: number, from: number): number {
    this.#rest.add(chunk, from, at + 1);
    this.#broken = this.#found;
    this.#found = true;
    this.#inArray = true;
    return at + 1;
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
      this.#inArray = byte === COMMA;
      this.#finish(chunk, from, at);
      return this.#inArray ? at + 1 : at;
    } else if (byte === CLOSE_OBJECT) this.#broken = true;
    return from;
  }

  #isLeftOut(): boolean {
    return !this.#leavingOut && this.#leaveOut.size > 0 && this.#leaveOut.has(this.#lastName());
  }

  #lastName(): string {
    return decode(this.#name, 0, this.#nameBytes);
  }

  /** Keeps what comes before a value, and nothing of the value. */
  #leaveValue(chunk: Uint8Array, from: number, to: number): number {
    this.#entry.add(chunk, from, to);
    this.#entry.add(NULL, 0, NULL.length);
    this.#leavingOut = true;
    return to;
  }

  #finish(chunk: Uint8Array, from: number, to: number): void {
    const last = !this.#inArray;
    const text = this.#entry.end(chunk, from, to);
    this.#leavingOut = false;
    const empty = text !== undefined && !/[^ \t\n\r]/.test(text);
    const afterComma = this.#afterComma;
    this.#afterComma = !last;
    if (text === undefined) this.#skipped += 1;
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

/** A part of an answer that may come in several chunks: copies of its first bytes, and how many there are. */
class Piece {
  readonly #most: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get tooLarge(): boolean {
    return this.#bytes > this.#most;
  }

  add(chunk: Uint8Array, from: number, to: number): void {
    const end = Math.min(to, from + this.#most - this.#bytes);
    // Not by `slice`, which gives another view where the chunk is a Buffer.
    if (end > from) this.#parts.push(Buffer.from(chunk.subarray(from, end)));
    this.#bytes += to - from;
  }

  text(): string {
    return Buffer.concat(this.#parts).toString('utf8');
  }

  /** The whole, which ends here, as text, or nothing when it is too large; the next bytes are another's. */
  end(chunk: Uint8Array, from: number, to: number): string | undefined {
    // Most begin and end in one chunk, and need no copy.
    const alone = this.#bytes === 0 && to - from <= this.#most;
    if (!alone) this.add(chunk, from, to);
    const text = alone ? decode(chunk, from, to) : this.tooLarge ? undefined : this.text();
    this.#parts = [];
    this.#bytes = 0;
    return text;
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
  const read = splitter.end();
  return read.ok && !read.value.found ? { ok: false, problem: 'the answer has no list' } : read;
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

function valueAt(json: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], json);
}
